"""Slack is away for an hour: nothing is lost, nothing is doubled, and nobody is flooded, then or afterwards."""

from collections import Counter

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.delivery.rate_limit import LONGEST_PAUSE_FOR_PEOPLE_S
from tests.support.bot import Bot, until
from tests.support.slack import ANA, BEN, CHLOE, USER_CHANNEL, shown
from tests.support.trouble import at_rest, claim, later, send

STEPS, STEP_S = 30, 120
SENDING = ("chat.postMessage", "chat.update", "chat.postEphemeral", "conversations.history")


def _warnings(lines: list[EventDict]) -> Counter[str]:
    """How often an operator reads each event at the default level."""
    return Counter(line["event"] for line in lines if line["log_level"] in ("warning", "error"))


async def _calls(bot: Bot) -> int:
    return sum([len(await bot.slack.calls(method)) for method in SENDING])


async def _an_hour(bot: Bot, first: str) -> list[str]:
    """Thirty reviews come in and three people press buttons while Slack does not answer the bot."""
    sessions = []
    for step in range(STEPS):
        sessions.append(await send(bot))
        if step in (3, 6, 9):
            await claim(bot, {3: ANA, 6: BEN, 9: CHLOE}[step], first)
        await at_rest(bot)
        await later(bot, STEP_S)
        await at_rest(bot)
    return sessions


@pytest.mark.parametrize("fault", ["server_error", "drop_before"])
async def test_an_hour_without_slack_converges(bot: Bot, fault: str) -> None:
    """One true card a review in the end, none held, no notice to operators, and only probes meanwhile."""
    first = await send(bot)
    await bot.settled()
    lanes, before = 3, await _calls(bot)
    await bot.slack.fault("*", fault)
    with capture_logs() as lines:
        sessions = await _an_hour(bot, first)
    logged = _warnings(lines)
    assert logged["slack_away"] == lanes
    assert logged["delivery_failed"] == 0
    assert logged["channel_members_lookup_failed"] <= 2
    assert max(logged["user_lookup_failed"], logged["slack_token_check_failed"]) <= 1
    assert await _calls(bot) - before <= lanes * (STEPS + 4)
    unclear = bot.rows("SELECT id FROM deliveries WHERE unresolved_since IS NOT NULL")
    assert len(unclear) <= STEPS
    await bot.slack.no_faults()

    async def converged() -> bool:
        await later(bot, 15)
        await at_rest(bot)
        return not bot.rows("SELECT id FROM deliveries WHERE shown_version < wanted_version")

    with capture_logs() as lines:
        await until(converged, "the cards do not come after the outage", 30)
    ends = [line for line in lines if line["event"] == "slack_back"]
    assert sorted(line["lane"] for line in ends) == ["post:user", "update"]
    assert sum(line["failures"] for line in ends) > 10
    await bot.settled()
    texts = [shown(message) for message in await bot.slack.messages(USER_CHANNEL)]
    assert [sum(session_id in text for text in texts) for session_id in [first, *sessions]] == [1] * (
        STEPS + 1
    )
    assert f"*Claimed* by <@{ANA}>" in shown(await bot.card(first))
    assert bot.rows("SELECT id FROM deliveries WHERE held_at IS NOT NULL") == []
    assert await bot.slack.alerts() == []


async def test_an_outage_leaves_few_open_questions(bot: Bot) -> None:
    """A hundred cards wait: after three calls without an answer only probes go out, so that the rest needs no look."""
    await bot.slack.fault("chat.postMessage", "drop_before")
    for _ in range(100):
        await send(bot)
    await at_rest(bot)
    unclear = bot.rows("SELECT id FROM deliveries WHERE unresolved_since IS NOT NULL")
    assert len(unclear) < 20
    await bot.slack.no_faults()
    await later(bot, 40)
    await bot.settled()
    assert len(await bot.slack.messages(USER_CHANNEL)) == 100


async def test_who_clicks_after_an_outage_waits_for_seconds_only(bot: Bot) -> None:
    """Twenty-odd minutes without an answer: the pauses between probes grow, yet not for what somebody waits for."""
    during, after = await send(bot), await send(bot)
    await bot.settled()
    await bot.slack.fault("chat.update", "server_error")
    await claim(bot, ANA, during)
    for probes in range(1, 12):

        async def probed(count: int = probes) -> bool:
            return len(await bot.slack.calls("chat.update")) >= count

        await until(probed, "nobody asks whether Slack is back")
        await at_rest(bot)
        await later(bot, STEP_S * (probes < 11))
    await bot.slack.no_faults()
    await claim(bot, BEN, after)
    await later(bot, LONGEST_PAUSE_FOR_PEOPLE_S)

    async def follows() -> bool:
        return f"*Claimed* by <@{BEN}>" in shown(await bot.card(after))

    await until(follows, "the click waits for a probe that is far away", 10)
    await later(bot, 30)
    await bot.settled()
    assert f"*Claimed* by <@{ANA}>" in shown(await bot.card(during))
