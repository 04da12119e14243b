"""Five hundred cards wait for Slack: they come in order, at the pace that Slack allows, and a click goes first."""

import asyncio
import time
from typing import Any

from bot.delivery.worker import IN_FLIGHT_PER_LANE
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.slack import ANA, USER_CHANNEL, LocalSlack, running_slack
from tests.support.trouble import claim, later, noted, send

CARDS = 500
AT_ONCE = 50
PACE = 100.0


async def _fill(bot: Bot) -> None:
    """Receive five hundred reviews while Slack lets nothing through."""
    for _ in range(CARDS // AT_ONCE):
        answers = await asyncio.gather(*(bot.ralio.send(ralio.event()) for _ in range(AT_ONCE)))
        assert {status for status, _ in answers} == {200}


async def _click_during_the_drain(bot: Bot, first: str) -> int:
    """Claim a card that is there already; answers with the number of cards that were posted before it showed that."""
    clicked_at = time.time()
    await claim(bot, ANA, first)

    async def updates() -> list[dict[str, Any]]:
        return await bot.slack.calls("chat.update")

    (update,) = await until(updates, "the card does not follow", 60)
    posts = await bot.slack.calls("chat.postMessage")
    return sum(clicked_at <= post["at"] < update["at"] for post in posts)


async def _is_in_order_but_for(bot: Bot, slack: LocalSlack, limited: str) -> bool:
    """The card that Slack limited is due again after the wait, behind those that were due before."""
    rows = bot.rows(
        "SELECT session_id FROM reviews WHERE session_id <> :limited ORDER BY id", limited=limited
    )
    came = {row["session_id"]: number for number, row in enumerate(rows)}
    shown = [
        message["metadata"]["event_payload"]["session_id"] for message in await slack.messages(USER_CHANNEL)
    ]
    assert sorted(shown) == sorted([*came, limited])
    places = [came[session_id] for session_id in shown if session_id != limited]
    return all(abs(place - number) <= 2 * IN_FLIGHT_PER_LANE for number, place in enumerate(places))


async def test_five_hundred_cards_drain_in_order_at_pace_and_a_click_goes_first(database_url: str) -> None:
    """Nothing is refused for its haste, nothing doubled, and a click shows within a second's worth of cards."""
    async with running_slack(posts_per_second=PACE) as slack:  # noqa: SIM117 - one after the other
        async with running(database_url, slack, slack_posts_per_second=PACE) as bot:
            first = await send(bot)
            await bot.settled()
            await slack.fault("chat.postMessage", "ratelimited", count=1, retry_after=3600)
            blocked = await send(bot)
            await noted(bot, blocked, "ratelimited")
            await _fill(bot)
            assert len(await slack.messages(USER_CHANNEL)) == 1
            began_at = time.time()
            await later(bot, 3601)
            assert await _click_during_the_drain(bot, first) < PACE
            assert len(await slack.messages(USER_CHANNEL)) < CARDS
            await bot.settled(120)
            calls = [call for call in await slack.calls("chat.postMessage") if call["at"] >= began_at]
            assert {call["status"] for call in calls} == {200}
            assert len(calls) == CARDS + 1
            # A burst of three seconds' worth, then the pace; the last second may be cut short.
            assert calls[-1]["at"] - began_at >= (CARDS - 3 * PACE) / PACE - 1
            assert await _is_in_order_but_for(bot, slack, blocked)
