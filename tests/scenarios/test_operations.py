"""What operators see: health, readiness, and a restart that goes on where the last run stopped."""

import asyncio
from pathlib import Path

from tests.support import ralio
from tests.support.bot import Bot, MovableClock, running, until
from tests.support.slack import USER_CHANNEL, LocalSlack


async def test_healthy_and_ready(bot: Bot) -> None:
    """Once Slack has confirmed the token there is nothing to mend."""

    async def ready() -> bool:
        async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
            return answer.status == 200

    await until(ready, "it never becomes ready")
    async with bot.slack.session.get(f"{bot.address}/healthz") as answer:
        assert answer.status == 200


async def test_readiness_names_a_channel_without_the_bot(database: Path, slack: LocalSlack) -> None:
    """Found at the start, before the first review comes."""
    await slack.change_channel(USER_CHANNEL, bot_is_member=False)
    async with running(database, slack) as bot:

        async def named() -> bool:
            async with slack.session.get(f"{bot.address}/readyz") as answer:
                problems = (await answer.json())["problems"]
                return bool(problems.get("channels") == {USER_CHANNEL: "not_in_channel"})

        await until(named, "the channel is not named")


async def test_readiness_tells_of_an_old_backlog(bot: Bot) -> None:
    """Slack is away for longer than five minutes."""
    await bot.slack.fault("*", "server_error")
    await bot.ralio.send(ralio.event())
    bot.clock.advance(400)
    async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
        assert answer.status == 503
        content = await answer.json()
    assert "waits for" in content["problems"]["backlog"]
    assert content["pending"] == 1


async def test_a_restart_posts_what_the_last_run_could_not(database: Path, slack: LocalSlack) -> None:
    """The deliveries are rows, not memory."""
    clock = MovableClock()
    await slack.fault("chat.postMessage", "server_error")
    async with running(database, slack, clock) as bot:
        events = [ralio.event() for _ in range(5)]
        for event in events:
            assert (await bot.ralio.send(event))[0] == 200
        await asyncio.sleep(0.2)
    await slack.no_faults()
    clock.advance(120)
    async with running(database, slack, clock) as bot:
        await bot.settled()
        for event in events:
            assert await bot.card(event["data"]["sessionId"])


async def test_a_stop_lets_calls_under_way_end(database: Path, slack: LocalSlack) -> None:
    """Slack takes a second: the message is posted, noted, and not posted again."""
    clock = MovableClock()
    await slack.fault("chat.postMessage", "slow_answer", seconds=1.0)
    async with running(database, slack, clock) as bot:
        event = ralio.event()
        await bot.ralio.send(event)

        async def under_way() -> bool:
            return bool(await slack.calls("chat.postMessage"))

        await until(under_way, "nothing is sent")
    async with running(database, slack, clock) as bot:
        await bot.settled()
        assert len(await bot.cards(event["data"]["sessionId"])) == 1
        assert len(await slack.calls("chat.postMessage")) == 1
        assert await slack.calls("conversations.history") == []
