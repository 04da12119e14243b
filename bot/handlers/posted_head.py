"""The newest head that the bot posted in the operations channel: what it knew of the record, outside the database."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.reviews.audit.chain import Head
from bot.reviews.audit_reports import AUDIT_HEAD
from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import Place, SlackClient
from bot.slack.messages.metadata import EVENT_TYPE

LOOK_BACK_MS = 31 * 24 * 3_600_000
PAGES = 50


async def posted_head(slack_client: SlackClient, channel: str, now: int) -> Head | CallResult | None:
    """The newest head of the last month at `now` (milliseconds); None if there is none; or why Slack didn't say."""
    token = await slack_client.test_token()
    if token.kind is not ResultKind.DONE:
        return token
    cursor = ""
    for _ in range(PAGES):
        # An hour ahead: the clock may have been ahead when the head was posted.
        page = await slack_client.history(
            Place(channel), (now - LOOK_BACK_MS) / 1000, now / 1000 + 3_600, cursor
        )
        if isinstance(page, CallResult):
            return page
        # Pages come newest first.
        for head in _heads(page.messages, token.answer.get("bot_id")):
            return head
        cursor = page.cursor
        if not cursor:
            break
    return None


def _heads(messages: Sequence[Mapping[str, Any]], bot_id: object) -> Iterator[Head]:
    """The heads in these messages of the bot itself, in the same order."""
    for message in messages:
        carried, text = message.get("metadata"), message.get("text")
        if (
            not isinstance(carried, Mapping)
            or carried.get("event_type") != EVENT_TYPE
            or not isinstance(text, str)
        ):
            continue
        payload = carried.get("event_payload")
        key = payload.get("key") if isinstance(payload, Mapping) else None
        is_ours = bot_id is None or message.get("bot_id") in (None, bot_id)
        if is_ours and isinstance(key, str) and key.startswith(f"{AUDIT_HEAD}:"):
            yield from Head.read_lines(text)[:1]
