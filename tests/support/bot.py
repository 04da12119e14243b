"""The bot as tests run it: the real composition over real sockets, with a clock that can be moved."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from pydantic import SecretStr

from bot.app import running_bot
from bot.clock import system_clock
from bot.ralio.signature import Encoding
from bot.settings.environment import Settings
from bot.settings.file import BotFile
from tests.support import slack as local
from tests.support.look import Look, look_into, looking_into
from tests.support.ralio import Ralio
from tests.support.slack import LocalSlack

AnswerT = TypeVar("AnswerT")


class MovableClock:
    """The machine's time plus what the test moved it by.

    The event loop goes along for a second at most: what looks at the clock once a second looks now, and a call under
    way hardly comes closer to its limit.
    """

    def __init__(self) -> None:
        self._ahead_ms = 0

    def __call__(self) -> int:
        return system_clock() + self._ahead_ms

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._ahead_ms += int(seconds * 1000)
        _advance_loop(min(seconds, LONGEST_POLL_S))


LONGEST_POLL_S = 1.0
_LOOPS_AHEAD_S = WeakKeyDictionary[asyncio.AbstractEventLoop, float]()


def _advance_loop(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    if loop not in _LOOPS_AHEAD_S:
        real = loop.time
        loop.time = lambda: real() + _LOOPS_AHEAD_S[loop]  # type: ignore[method-assign] # no other way to move a loop
    _LOOPS_AHEAD_S[loop] = _LOOPS_AHEAD_S.get(loop, 0.0) + seconds


@dataclass(frozen=True, slots=True)
class Bot:
    """A running bot with all that a test needs to speak to it."""

    port: int
    database_url: str
    clock: MovableClock
    ralio: Ralio
    slack: LocalSlack

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Look into the database from outside; parameters are written `:name`."""
        return look_into(self.database_url, query, values)

    def review(self, session_id: str) -> dict[str, Any]:
        """The row of a session's review."""
        (row,) = self.rows("SELECT * FROM reviews WHERE session_id = :session_id", session_id=session_id)
        return row

    async def card(self, session_id: str, channel: str = local.USER_CHANNEL) -> dict[str, Any]:
        """The session's card as Slack shows it; there must be exactly one."""
        (card,) = await self.cards(session_id, channel)
        return card

    async def cards(self, session_id: str, channel: str = local.USER_CHANNEL) -> list[dict[str, Any]]:
        """Every message about the session in the channel, except replies."""
        return [
            message
            for message in await self.slack.messages(channel)
            if session_id in local.shown(message) and not _is_reply(message)
        ]

    async def settled(self, limit_s: float = 15.0) -> None:
        """Wait until Slack has everything; nothing is pending, nothing leased. The decision webhook may be behind."""
        try:
            await settled(self.database_url, limit_s, OF_SLACK)
        except AssertionError as error:
            error.add_note(f"at {self.clock()}")
            raise


OF_SLACK = "lane <> 'decisions'"


def _is_reply(message: dict[str, Any]) -> bool:
    """Whether it is a reply, which stands in the channel if its thread is closed."""
    payload = (message["metadata"] or {}).get("event_payload", {})
    return message["thread_ts"] is not None or payload.get("key", "").startswith("thread:")


async def settled(database_url: str, limit_s: float = 15.0, which: str = "1 = 1") -> None:
    """Wait until nothing is pending, nothing leased; AssertionError tells what is."""
    with looking_into(database_url) as look:

        async def is_settled() -> bool:
            return not _unsettled(look, which)

        try:
            await until(is_settled, "deliveries are pending", limit_s)
        except AssertionError as error:
            error.add_note(str(_unsettled(look, which)))
            raise


def unsettled(database_url: str, which: str = "1 = 1") -> list[dict[str, Any]]:
    """Deliveries that are not delivered, but for those that are held, and those that are being sent."""
    with looking_into(database_url) as look:
        return _unsettled(look, which)


def _unsettled(look: Look, which: str) -> list[dict[str, Any]]:
    """Home tabs that are sent again because others changed what they list can come at any time: they don't count."""
    pending = "shown_version < wanted_version AND held_at IS NULL"
    awaited = f"({pending} OR lease_token IS NOT NULL) AND (kind <> 'home' OR urgency = 0)"
    return look(f"SELECT * FROM deliveries WHERE {awaited} AND {which}")  # noqa: S608


def settings(database_url: str, slack_api_url: str, **changes: Any) -> Settings:
    """A complete set-up against the local Slack; the surroundings are not read."""
    values: dict[str, Any] = {
        "database_url": SecretStr(database_url),
        "dyno": "",
        "host": "127.0.0.1",
        "port": 0,
        "ralio_webhook_secret": (SecretStr(local.WEBHOOK_SECRET),),
        "ralio_signature_encoding": Encoding.ANY,
        "slack_bot_token": SecretStr(local.TOKEN),
        "slack_signing_secret": (SecretStr(local.SIGNING_SECRET),),
        "slack_api_url": slack_api_url,
        "slack_posts_per_second": 1_000.0,
        "user_review_channel": local.USER_CHANNEL,
        "related_party_review_channel": local.RELATED_PARTY_CHANNEL,
        "ops_channel": local.OPERATIONS_CHANNEL,
        "ralio_api_url": "",
        "ralio_api_code": SecretStr(""),
        "ralio_api_key": SecretStr(""),
        "portal_url_template": "",
        "metrics_token": SecretStr(""),
        "sentry_dsn": SecretStr(""),
        "audit_key": (),
        "max_body_bytes": 1_048_576,
        "max_bodies_bytes": 33_554_432,
        "slack_without_users_info": False,
        "file": BotFile(),
    }
    return Settings(**(values | changes))


@asynccontextmanager
async def running(
    database_url: str,
    slack: LocalSlack,
    clock: MovableClock | None = None,
    through: str | None = None,
    **changes: Any,
) -> AsyncIterator[Bot]:
    """A bot that runs until the block ends; started again on the same database it goes on where it stopped.

    `through` is the address by which the bot alone reaches the database.
    """
    clock = clock or MovableClock()
    changes = {"slack_api_url": slack.api_url} | changes
    async with running_bot(settings(through or database_url, **changes), clock) as port:
        await slack.bot_is_at(port)
        url = f"http://127.0.0.1:{port}/webhooks/ralio"
        yield Bot(port, database_url, clock, Ralio(url, local.WEBHOOK_SECRET, slack.session), slack)


async def until(
    condition: Callable[[], Awaitable[AnswerT]], complaint: str, limit_s: float = 10.0
) -> AnswerT:
    """Wait until the condition answers with something true; AssertionError after the limit."""
    deadline = time.monotonic() + limit_s
    while True:
        if answer := await condition():
            return answer
        assert time.monotonic() < deadline, f"after {limit_s:g} s: {complaint}"
        await asyncio.sleep(0.02)
