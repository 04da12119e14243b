"""What people feel: one request at a time at a server that has nothing else to do, until Slack shows what follows."""

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from tests.benchmarks.clicks import claims
from tests.benchmarks.contender import LOOK_EVERY_S, Contender
from tests.benchmarks.kept import Refused
from tests.benchmarks.lineup import Entry
from tests.benchmarks.requests import PERSON, home_opened, identifier, webhooks
from tests.benchmarks.results import Figure
from tests.benchmarks.rounds import Surroundings, started
from tests.benchmarks.stand_in import StandIn
from tests.crash.machines import RestartablePostgres

POST, UPDATE, PUBLISH = "chat.postMessage", "chat.update", "views.publish"
SLOW_S = 0.05
REST_S = 0.15
"""Between two requests: whatever the last one left to do is done by then."""

RETRY_S = 0.05
RETRIES = 600
FEW_EVENTS = 2_000
ENVIRONMENT = {"SLACK_POSTS_PER_SECOND": "500", "PEER_DELIVERS": "1"}
"""Slack's limit of one post per second isn't what this measures."""

SampleT = TypeVar("SampleT")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How often everything is tried in a round, and how many seconds each outage lasts."""

    samples: int
    outages_s: tuple[float, ...]
    failing_s: float | None


def sizes(events: int) -> Sizes:
    """As much as suits a run with so many events in a measurement."""
    if events < FEW_EVENTS:
        # After an answer of 503 the bot waits ten seconds before it looks whether the card was stored nevertheless.
        return Sizes(2, (0.1,), None)
    return Sizes(12, (1.0, 2.0, 4.0), 1.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and its answer; times are the machine's monotonic clock."""

    sent_at: float
    answered_at: float
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A review whose card Slack has, and how long that took."""

    number: int
    message_ts: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """A keep-alive connection to a server, for one request at a time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> Asked:
        """Send it and wait for the whole answer."""
        sent_at = time.perf_counter()
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:-2])
        if b"transfer-encoding" in fields:
            await self.reader.readuntil(b"0\r\n\r\n")
        else:
            await self.reader.readexactly(int(fields.get(b"content-length", b"0")))
        return Asked(sent_at, time.perf_counter(), head.startswith(b"HTTP/1.1 200"))

    async def accepted(self, request: bytes) -> Asked:
        """Like `ask`; Refused for anything but 200."""
        asked = await self.ask(request)
        if not asked.is_accepted:
            raise Refused("a lone request was not answered with 200")
        return asked


@asynccontextmanager
async def _line(port: int) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()


@dataclass(slots=True)
class _Feeling:
    """The samples of one round."""

    line: Line
    slack: StandIn
    numbers: Iterator[int]
    samples: int
    figures: dict[Figure, float] = field(default_factory=dict)

    async def card(self) -> Card:
        """A new review, until Slack stores its card."""
        number = next(self.numbers)
        asked = await self.line.accepted(next(webhooks(number, 1)))
        called = await self.slack.called(POST, identifier("session", number), asked.sent_at)
        return Card(number, called.message_ts, called.done_at - asked.sent_at)

    async def all(self, card: Figure, home: Figure, shown: Figure) -> None:
        """So many cards, home tabs and clicks."""
        cards = [await self._rested(self.card()) for _ in range(self.samples)]
        homes = [await self._rested(self._home()) for _ in range(self.samples)]
        clicks = [await self._rested(self._click(each)) for each in cards]
        answered, multiples, shown_after = (list(values) for values in zip(*clicks, strict=True))
        self.figures |= {
            card: statistics.median(each.seconds for each in cards),
            home: statistics.median(homes),
            shown: statistics.median(shown_after),
        }
        # With a slow Slack these two are the same.
        self.figures.setdefault(Figure.CLICK_ANSWERED, statistics.median(answered))
        self.figures.setdefault(Figure.CLICK_BEGUN, statistics.median(multiples))

    async def _home(self) -> float:
        number = next(self.numbers)
        asked = await self.line.accepted(home_opened(number, time.time()))
        called = await self.slack.called(PUBLISH, PERSON, asked.sent_at)
        return called.done_at - asked.sent_at

    async def _click(self, card: Card) -> tuple[float, float, float]:
        """Claim a review: seconds to its answer, that many answers until the update begins, seconds until stored."""
        (claim,) = claims(card.number, 1, card.message_ts)
        asked = await self.line.accepted(claim)
        called = await self.slack.called(UPDATE, identifier("session", card.number), asked.sent_at)
        answered_s = asked.answered_at - asked.sent_at
        return answered_s, (called.begun_at - asked.sent_at) / answered_s, called.done_at - asked.sent_at

    async def _rested(self, sample: Awaitable[SampleT]) -> SampleT:
        await asyncio.sleep(REST_S)
        return await sample

    async def after_slack(self, outage: "Outage", seconds: float) -> float:
        """Seconds from the end of an outage of Slack until the card of a review that came during it is stored.

        When Slack listens again is only known to LOOK_EVERY_S.
        """
        await outage.begin()
        number = next(self.numbers)
        asked = await self.line.accepted(next(webhooks(number, 1)))
        await asyncio.sleep(seconds)
        await outage.end()
        ended_at = time.perf_counter()
        called = await self.slack.called(POST, identifier("session", number), asked.sent_at)
        return max(LOOK_EVERY_S, called.done_at - ended_at)

    async def after_database(self, outage: "Outage", seconds: float) -> float:
        """Seconds from the end of an outage of the database until a card is stored; its webhook is sent repeatedly."""
        number = next(self.numbers)
        (webhook,) = webhooks(number, 1)
        await outage.begin()
        sent_at = time.perf_counter()
        await self.line.ask(webhook)
        await asyncio.sleep(seconds)
        await outage.end()
        ended_at = time.perf_counter()
        for _ in range(RETRIES):
            if (await self.line.ask(webhook)).is_accepted:
                break
            await asyncio.sleep(RETRY_S)
        called = await self.slack.called(POST, identifier("session", number), sent_at)
        return max(LOOK_EVERY_S, called.done_at - ended_at)


@dataclass(frozen=True, slots=True)
class Outage:
    """How to take something away and bring it back; it answers when `end` returns."""

    begin: Callable[[], Awaitable[None]]
    end: Callable[[], Awaitable[None]]


def outage_of(process: Contender | RestartablePostgres) -> Outage:
    """Stop the process, and start it again."""
    if isinstance(process, Contender):
        return Outage(partial(asyncio.to_thread, process.stop), partial(asyncio.to_thread, process.start))
    return Outage(partial(asyncio.to_thread, process.go_away), partial(asyncio.to_thread, process.come_back))


async def feel(
    entry: Entry, slack: StandIn, around: Surroundings, sizes: Sizes, database: RestartablePostgres | None
) -> dict[Figure, float]:
    """Start the server and try everything that people wait for; `database` is the one that it uses, to be stopped."""
    with started(entry, around, ENVIRONMENT) as server:
        async with _line(server.port) as line:
            feeling = _Feeling(line, slack, itertools.count(), sizes.samples)
            first = await feeling.card()
            await feeling.all(Figure.CARD, Figure.HOME, Figure.CLICK_SHOWN)
            await slack.take(SLOW_S)
            await feeling.all(Figure.CARD_50, Figure.HOME_50, Figure.CLICK_SHOWN_50)
            await slack.take(0)
            found = feeling.figures | {Figure.FIRST_CARD: first.seconds}
            if sizes.failing_s is not None:
                failing = Outage(partial(slack.fail, fails=True), partial(slack.fail, fails=False))
                found[Figure.AFTER_503] = await feeling.after_slack(failing, sizes.failing_s)
            stopped = outage_of(around.slack)
            found[Figure.AFTER_SLACK] = statistics.median(
                [await feeling.after_slack(stopped, seconds) for seconds in sizes.outages_s]
            )
            if database is not None:
                away = outage_of(database)
                found[Figure.AFTER_DATABASE] = await feeling.after_database(away, sizes.outages_s[-1])
    return found
