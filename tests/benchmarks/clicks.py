"""Clicks: how many a second are recorded, how long they take while Slack is slow, and when the card follows."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from tests.benchmarks.contender import Contender
from tests.benchmarks.kept import fill, require_claimed
from tests.benchmarks.lineup import BOT, Entry
from tests.benchmarks.load import closed_loop, open_loop
from tests.benchmarks.requests import click, identifier, webhooks
from tests.benchmarks.results import Figure
from tests.benchmarks.rounds import CONNECTIONS, Surroundings, accepted, started
from tests.benchmarks.stand_in import StandIn
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


async def throughput(entry: Entry, count: int, around: Surroundings) -> dict[Figure, float]:
    """So many open reviews, each claimed once over 64 connections; all of it is durable before it is answered."""
    warm_up = max(1, count // 10)
    if not entry.is_bot:
        fill(around.database_url, count + warm_up)
    with started(entry, around) as server:
        if entry.is_bot:
            accepted(await closed_loop(server.port, list(webhooks(0, count + warm_up)), CONNECTIONS))
        accepted(await closed_loop(server.port, claims(0, warm_up), CONNECTIONS))
        before_s = server.cpu_s()
        answers = accepted(await closed_loop(server.port, claims(warm_up, count), CONNECTIONS))
        used_s = server.cpu_s() - before_s
    require_claimed(entry, around.database_url, count + warm_up)
    return {
        Figure.CLICKS: answers.per_second,
        Figure.CLICK_CPU: used_s / count,
        Figure.CLICK_GENERATOR: answers.own_cpu_s / answers.took_s,
    }


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
        pressed = claims(SHOWN, CLICKS_PER_S * MIXED_S)
        sent, clicked = await asyncio.gather(
            open_loop(bot.port, events, WEBHOOKS_PER_S), open_loop(bot.port, pressed, CLICKS_PER_S)
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
        (pressed,) = claims(number, 1)
        began = time.perf_counter()
        accepted(await closed_loop(bot.port, [pressed], 1))
        shown = await slack.shown("chat.update", [session])
        longest_s = max(longest_s, shown[session] - began)
    return longest_s


def claims(first: int, count: int, message_ts: str = "") -> list[bytes]:
    """Presses of Claim, one per review, signed now: Slack's signatures are good for five minutes.

    `message_ts` is the card's message; on any other message the bot also tells the person where the card is.
    """
    now = time.time()
    return [_claim(number, message_ts or f"{now:.6f}", now) for number in range(first, first + count)]


def _claim(number: int, message_ts: str, now: float) -> bytes:
    action: dict[str, Any] = {
        "action_id": "review_claim",
        "value": identifier("session", number),
        "text": {"type": "plain_text", "text": "Claim"},
    }
    return click(action, USER_CHANNEL, message_ts, now)
