"""Clicks: how many a second are recorded, how long they take while Slack is slow, and when the card follows."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.benchmarks.contender import Contender
from tests.benchmarks.lineup import BOT, Entry
from tests.benchmarks.load import closed_loop, open_loop
from tests.benchmarks.requests import click, identifier, webhooks
from tests.benchmarks.results import Figure
from tests.benchmarks.rounds import CONNECTIONS, Refused, Surroundings, accepted, started
from tests.support.look import look_into
from tests.support.slack import USER_CHANNEL

SHOWN = 12
"""Cards that are shown before anything is measured: half are clicked in peace, half before a backlog."""

BACKLOG = 1_000
SLOW_S = 2.0
QUICK_S = 0.05
WEBHOOKS_PER_S = 200
CLICKS_PER_S = 20
MIXED_S = 10
LOOK_EVERY_S = 0.1
LOOK_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class StandIn:
    """What stands in for Slack, as the bench speaks to it."""

    address: str
    session: aiohttp.ClientSession

    async def take(self, seconds: float) -> None:
        """Let every call take so long from now on."""
        async with self.session.put(f"{self.address}/latency", data=str(seconds)) as answer:
            answer.raise_for_status()

    async def shown(self, method: str, sessions: Sequence[str]) -> dict[str, float]:
        """When these sessions' cards were shown by this method, once all of them are."""
        deadline = time.monotonic() + LOOK_LIMIT_S
        while time.monotonic() < deadline:
            async with self.session.get(f"{self.address}/shown") as answer:
                calls: list[tuple[str, str, float]] = await answer.json()
            found = {session: at for each, session, at in reversed(calls) if each == method}
            if found.keys() >= set(sessions):
                return found
            await asyncio.sleep(LOOK_EVERY_S)
        raise Refused(f"{method} did not come for every card within {LOOK_LIMIT_S:g} s")


@asynccontextmanager
async def stand_in(api_url: str) -> AsyncIterator[StandIn]:
    """A session to a running one, by the address that servers get for it."""
    async with aiohttp.ClientSession() as session:
        yield StandIn(api_url.removesuffix("/api/"), session)


async def throughput(entry: Entry, count: int, around: Surroundings) -> dict[Figure, float]:
    """So many open reviews, each claimed once over 64 connections; all of it is durable before it is answered."""
    warm_up = max(1, count // 10)
    if not entry.is_bot:
        _fill(around.database_url, count + warm_up)
    with started(entry, around) as server:
        if entry.is_bot:
            accepted(await closed_loop(server.port, list(webhooks(0, count + warm_up)), CONNECTIONS))
        accepted(await closed_loop(server.port, _claims(0, warm_up), CONNECTIONS))
        answers = accepted(await closed_loop(server.port, _claims(warm_up, count), CONNECTIONS))
    claimed = "SELECT count(*) AS claimed FROM reviews WHERE status = 'claimed'"
    recorded = look_into(around.database_url, claimed)[0]["claimed"]
    if recorded != count + warm_up:
        raise Refused(f"{count + warm_up} claims were answered with 200, {recorded} are recorded")
    return {Figure.CLICKS: answers.per_second}


async def promptness(slack: StandIn, around: Surroundings) -> dict[Figure, float]:
    """What a reviewer feels of this bot: with a quick Slack, behind a backlog, and with a slow one."""
    await slack.take(QUICK_S)
    with started(BOT, around) as bot:
        accepted(await closed_loop(bot.port, list(webhooks(0, SHOWN)), 1))
        await slack.shown("chat.postMessage", [identifier("session", number) for number in range(SHOWN)])
        follows_s = await _follows(slack, bot, range(SHOWN // 2))
        accepted(await closed_loop(bot.port, list(webhooks(SHOWN, BACKLOG)), CONNECTIONS))
        overtakes_s = await _follows(slack, bot, range(SHOWN // 2, SHOWN))
        await slack.take(SLOW_S)
        events = list(webhooks(SHOWN + BACKLOG, WEBHOOKS_PER_S * MIXED_S))
        claims = _claims(SHOWN, CLICKS_PER_S * MIXED_S)
        sent, clicked = await asyncio.gather(
            open_loop(bot.port, events, WEBHOOKS_PER_S), open_loop(bot.port, claims, CLICKS_PER_S)
        )
        await slack.take(0)
    return {
        Figure.FOLLOWS: follows_s,
        Figure.OVERTAKES: overtakes_s,
        Figure.WEBHOOK_P99: accepted(sent).percentile_s(99),
        Figure.CLICK_P99: accepted(clicked).percentile_s(99),
    }


async def _follows(slack: StandIn, bot: Contender, numbers: Sequence[int]) -> float:
    """Claim these reviews one after the other; the longest time from a click until Slack shows the card changed."""
    longest_s = 0.0
    for number in numbers:
        session = identifier("session", number)
        (claim,) = _claims(number, 1)
        began = time.perf_counter()
        accepted(await closed_loop(bot.port, [claim], 1))
        shown = await slack.shown("chat.update", [session])
        longest_s = max(longest_s, shown[session] - began)
    return longest_s


def _claims(first: int, count: int) -> list[bytes]:
    """Signed now: Slack's signatures are good for five minutes."""
    now = time.time()
    return [_claim(number, now) for number in range(first, first + count)]


def _claim(number: int, now: float) -> bytes:
    action: dict[str, Any] = {
        "action_id": "review_claim",
        "value": identifier("session", number),
        "text": {"type": "plain_text", "text": "Claim"},
    }
    return click(action, USER_CHANNEL, f"{now:.6f}", now)


def _fill(database_url: str, count: int) -> None:
    """Open reviews for whoever has no webhook to make them."""
    connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
    with connection:
        connection.execute(
            "CREATE TABLE reviews (session_id TEXT PRIMARY KEY, status TEXT NOT NULL, claimed_by TEXT)"
        )
        rows = ((identifier("session", number),) for number in range(count))
        connection.executemany("INSERT INTO reviews VALUES (?, 'open', NULL)", rows)
    connection.close()
