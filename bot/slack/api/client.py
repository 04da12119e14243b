"""The calls to Slack's Web API, each one sent at most once and ending in a CallResult, never in an exception."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.outbound import OutboundProxy, outbound_session
from bot.slack.api.call_results import CallResult, ResultKind, result_of_error

CALL_LIMIT_S = 8.0
HISTORY_PAGE = 15
"""Slack lets some apps read at most 15 messages a call."""

LONGEST_HISTORY_PAGE = 999
MEMBERS_PAGE = 999
MOST_MEMBER_PAGES = 50
"""Of a channel's members; a larger channel needs named reviewers."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a message shows: fallback text for notifications and screen readers, blocks, and its metadata."""

    text: str
    blocks: Sequence[dict[str, Any]] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


View: TypeAlias = dict[str, Any]
"""A modal or a home tab, as Slack's API takes it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where messages are: in a channel, or in the thread under one of its messages."""

    channel: str
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Messages of a channel, newest first; `cursor` leads to older ones, empty at the end."""

    messages: Sequence[Mapping[str, Any]]
    cursor: str


class SlackClient:
    """Speaks Slack's Web API with one token over one shared session."""

    def __init__(self, client: AsyncWebClient, clock: Clock, history_page: int) -> None:
        self._client = client
        self._clock = clock
        self._history_page = history_page
        self.clock_offset_s: float | None = None
        """How far Slack's clock is ahead of ours, from its newest answer; None before the first."""
        self.granted_scopes: frozenset[str] | None = None
        """The token's scopes, from the newest answer that listed them (the header X-OAuth-Scopes)."""

    async def test_token(self) -> CallResult:
        """Ask who we are (auth.test)."""
        return await self._ended(self._client.auth_test())

    async def bot_info(self, bot_id: str) -> CallResult:
        """Ask which app a bot belongs to (bots.info)."""
        return await self._asked("bots.info", bot=bot_id)

    async def user_info(self, person: str) -> CallResult:
        """Look a person up (users.info)."""
        return await self._asked("users.info", user=person)

    async def group_members(self, group: str) -> CallResult:
        """Ask who is in a user group (usergroups.users.list); the answer holds `users`."""
        return await self._asked("usergroups.users.list", usergroup=group)

    async def channel_members(self, channel: str) -> CallResult:
        """Ask who is in a channel, page by page (conversations.members); the answer holds all `members`."""
        members: list[str] = []
        cursor = ""
        for _ in range(MOST_MEMBER_PAGES):
            page_of = {"channel": channel, "limit": MEMBERS_PAGE, "cursor": cursor or None}
            result = await self._asked("conversations.members", **page_of)
            if result.kind is not ResultKind.DONE:
                return result
            page = result.answer.get("members")
            if not isinstance(page, list):
                return CallResult(ResultKind.NOT_DONE, "answer_without_members")
            members += [member for member in page if isinstance(member, str)]
            cursor = (result.answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return CallResult(ResultKind.DONE, answer={"members": members})
        return CallResult(ResultKind.NOT_DONE, "too_many_members")

    async def channel_info(self, channel: str) -> CallResult:
        """Ask about a channel (conversations.info)."""
        return await self._asked("conversations.info", channel=channel)

    async def open_direct_channel(self, person: str) -> CallResult:
        """Open the direct messages with a person (conversations.open); the answer holds `channel`."""
        return await self._ended(self._client.conversations_open(users=person))

    async def post(self, place: Place, message: Message, *, is_broadcast: bool = False) -> CallResult:
        """Post a new message; the answer holds `channel` and `ts`. `is_broadcast` shows a reply in the channel, too."""
        return await self._ended(
            self._client.chat_postMessage(
                channel=place.channel,
                thread_ts=place.thread_ts,
                reply_broadcast=is_broadcast or None,
                unfurl_links=False,
                unfurl_media=False,
                **_content(message),
            )
        )

    async def update(self, channel: str, ts: str, message: Message) -> CallResult:
        """Make an earlier message show something else; doing it twice does no harm."""
        return await self._ended(self._client.chat_update(channel=channel, ts=ts, **_content(message)))

    async def delete(self, channel: str, ts: str) -> CallResult:
        """Delete one of the bot's messages (chat.delete)."""
        return await self._ended(self._client.chat_delete(channel=channel, ts=ts))

    async def post_ephemeral(self, channel: str, person: str, message: Message) -> CallResult:
        """Show a message to one person in a channel; it is gone when they reload."""
        return await self._ended(
            self._client.chat_postEphemeral(
                channel=channel, user=person, text=message.text, blocks=list(message.blocks) or None
            )
        )

    async def open_modal(self, trigger_id: str, view: View) -> CallResult:
        """Show a modal to the person whose click gave the trigger, within three seconds of it (views.open)."""
        return await self._ended(self._client.views_open(trigger_id=trigger_id, view=view))

    async def update_modal(self, view_id: str, view_hash: str, view: View) -> CallResult:
        """Show something else in an open modal, if it is still the version that `view_hash` names (views.update)."""
        return await self._ended(
            self._client.views_update(view_id=view_id, hash=view_hash or None, view=view)
        )

    async def validate(self, content: Message | View) -> CallResult:
        """Ask whether Slack would accept a message or a view (blocks.validate); no one sees it."""
        payload: dict[str, Any]
        if isinstance(content, Message):
            payload = {"message": {"text": content.text, "blocks": list(content.blocks)}}
        else:
            payload = {"view": content}
        return await self._ended(self._client.api_call("blocks.validate", json=payload))

    async def publish_home(self, person: str, view: View) -> CallResult:
        """Set a person's home tab (views.publish); doing it twice does no harm."""
        return await self._ended(self._client.views_publish(user_id=person, view=view))

    async def history(
        self, place: Place, oldest_s: float, latest_s: float, cursor: str
    ) -> CallResult | HistoryPage:
        """One page of a channel's or a thread's messages of a time (seconds since 1970), metadata included."""
        span: dict[str, Any] = {
            "channel": place.channel,
            "oldest": f"{oldest_s:.6f}",
            "latest": f"{latest_s:.6f}",
            "include_all_metadata": "true",
            "limit": self._history_page,
            "cursor": cursor or None,
        }
        if place.thread_ts is None:
            result = await self._asked("conversations.history", **span)
        else:
            result = await self._asked("conversations.replies", ts=place.thread_ts, **span)
        if result.kind is not ResultKind.DONE:
            return result
        messages = result.answer.get("messages") or []
        next_cursor = (result.answer.get("response_metadata") or {}).get("next_cursor") or ""
        return HistoryPage(messages, next_cursor)

    async def _asked(self, method: str, **arguments: object) -> CallResult:
        """Ask by POST, which every method accepts (https://docs.slack.dev/apis/web-api/#methods).

        slack_sdk's own functions would GET, which not every server that replaces Slack supports, and which leaves ids
        in the logs of whatever lies between.
        """
        return await self._ended(self._client.api_call(method, data=arguments))

    async def _ended(self, call: Awaitable[Any]) -> CallResult:
        try:
            # The session's own limit covers a call; this one covers whatever it does not.
            async with asyncio.timeout(CALL_LIMIT_S + 2):
                response = await call
        except Exception as error:  # noqa: BLE001 - every end of a call is classified in one place
            return result_of_error(error)
        self._note_headers({name.lower(): value for name, value in response.headers.items()})
        data = response.data
        if not isinstance(data, dict):
            return CallResult(ResultKind.UNKNOWN, "unreadable_answer")
        return CallResult(ResultKind.DONE, answer=data)

    def _note_headers(self, headers: Mapping[str, Any]) -> None:
        if isinstance(scopes := headers.get("x-oauth-scopes"), str):
            self.granted_scopes = frozenset(scope.strip() for scope in scopes.split(",") if scope.strip())
        try:
            theirs = parsedate_to_datetime(headers["date"])
        except (KeyError, TypeError, ValueError):
            return
        self.clock_offset_s = theirs.timestamp() - self._clock() / 1000


@asynccontextmanager
async def open_slack_client(
    api_url: str, token: str, pace: float, clock: Clock, proxy: OutboundProxy | None = None
) -> AsyncIterator[SlackClient]:
    """A client over one session with a time limit of 8 s a call.

    `pace` is SLACK_POSTS_PER_SECOND: a server that allows more than Slack also lets more be read at once.

    slack_sdk's own retries are off: they send a message again after a disconnect, and would post it twice. Only
    the API's own address, or `proxy`, is called: redirects are not followed, the environment's proxies not used.
    """
    logger = logging.getLogger("bot.slack.sdk")
    logger.setLevel(logging.INFO)  # at DEBUG slack_sdk prints whole bodies
    stay = aiohttp.TraceConfig()
    stay.on_request_redirect.append(_do_not_follow)
    async with outbound_session(proxy, CALL_LIMIT_S, trace_configs=[stay]) as session:
        client = AsyncWebClient(
            token=token,
            base_url=api_url if api_url.endswith("/") else api_url + "/",
            session=session,
            retry_handlers=[],
            logger=logger,
        )
        client.proxy = None  # its constructor took the environment's; None leaves the choice to the session
        yield SlackClient(
            client, clock, min(max(HISTORY_PAGE, int(HISTORY_PAGE * pace)), LONGEST_HISTORY_PAGE)
        )


class Redirected(aiohttp.ClientError):
    """Slack's API doesn't redirect: a server that does so is not Slack, and must not choose where messages go."""


async def _do_not_follow(
    _session: object, _context: object, redirect: aiohttp.TraceRequestRedirectParams
) -> None:
    redirect.response.close()
    raise Redirected("the API redirected")


def _content(message: Message) -> dict[str, Any]:
    content: dict[str, Any] = {"text": message.text, "blocks": list(message.blocks)}
    if message.metadata:
        content["metadata"] = dict(message.metadata)
    return content
