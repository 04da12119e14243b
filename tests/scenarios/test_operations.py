"""What operators see: health, readiness, and a restart that goes on where the last run stopped."""

import asyncio

from pydantic import SecretStr
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.support import ralio
from tests.support.bot import Bot, MovableClock, running, until
from tests.support.people import TEAM, Person, new_review
from tests.support.slack import ANA, BEN, USER_CHANNEL, LocalSlack
from tests.support.trouble import later


async def test_healthy_and_ready(bot: Bot) -> None:
    """Once Slack has confirmed the token there is nothing to mend."""

    async def ready() -> bool:
        async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
            return answer.status == 200

    await until(ready, "it never becomes ready")
    async with bot.slack.session.get(f"{bot.address}/healthz") as answer:
        assert answer.status == 200


async def test_readiness_names_a_channel_without_the_bot(database_url: str, slack: LocalSlack) -> None:
    """Found at the start, before the first review comes."""
    await slack.change_channel(USER_CHANNEL, bot_is_member=False)
    async with running(database_url, slack) as bot:

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
    assert "has waited" in content["problems"]["backlog"]
    assert content["pending"] == 1
    await bot.slack.no_faults()
    await later(bot, 30)


async def test_a_restart_posts_what_the_last_run_could_not(database_url: str, slack: LocalSlack) -> None:
    """The deliveries are rows, not memory."""
    clock = MovableClock()
    await slack.fault("chat.postMessage", "server_error")
    async with running(database_url, slack, clock) as bot:
        events = [ralio.event() for _ in range(5)]
        for event in events:
            assert (await bot.ralio.send(event))[0] == 200
        await asyncio.sleep(0.2)
    await slack.no_faults()
    clock.advance(120)
    async with running(database_url, slack, clock) as bot:
        await bot.settled()
        for event in events:
            assert await bot.card(event["data"]["sessionId"])


async def test_a_stop_lets_calls_under_way_end(database_url: str, slack: LocalSlack) -> None:
    """Slack takes a second: the message is posted, noted, and not posted again."""
    clock = MovableClock()
    await slack.fault("chat.postMessage", "slow_answer", seconds=1.0)
    async with running(database_url, slack, clock) as bot:
        event = ralio.event()
        await bot.ralio.send(event)

        async def under_way() -> bool:
            return bool(await slack.calls("chat.postMessage"))

        await until(under_way, "nothing is sent")
    async with running(database_url, slack, clock) as bot:
        await bot.settled()
        assert len(await bot.cards(event["data"]["sessionId"])) == 1
        assert len(await slack.calls("chat.postMessage")) == 1
        assert await slack.calls_for_reviews("conversations.history") == []


async def test_metrics_count_what_came(bot: Bot) -> None:
    """Ignored events by type; a name that is no word, or one name too many, is `other`."""
    event = ralio.event()
    await bot.ralio.send(event)
    await bot.ralio.send(event)
    for kind in ["payin.completed", "payin_completed", "a b", *(f"kind_{number}" for number in range(120))]:
        await bot.ralio.send({"eventType": kind})
    async with bot.slack.session.get(f"{bot.address}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    assert 'review_bot_webhooks_total{result="recorded"} 1.0' in lines
    assert 'review_bot_webhooks_total{result="duplicate"} 1.0' in lines
    assert 'review_bot_ignored_events_total{type="payin_completed"} 2.0' in lines
    assert 'review_bot_ignored_events_total{type="other"} 23.0' in lines
    assert 'review_bot_answer_seconds_count{route="/webhooks/ralio"} 125.0' in lines
    writes = {
        line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("review_bot_write_")
    }
    assert 0 < writes["review_bot_write_seconds_count"] <= writes["review_bot_write_batch_sum"]


async def test_metrics_count_what_slack_shows_and_after_how_long(bot: Bot) -> None:
    """By kind and by how an attempt ended; only what is shown has a time."""
    await bot.slack.fault("chat.postMessage", "error", error="internal_error")
    await bot.ralio.send(ralio.event())

    async def told(line: str) -> bool:
        async with bot.slack.session.get(f"{bot.address}/metrics") as answer:
            return line in (await answer.text()).splitlines()

    async def failed() -> bool:
        return await told('review_bot_delivery_attempts_total{kind="card",result="unknown"} 1.0')

    async def shown() -> bool:
        return await told('review_bot_delivery_attempts_total{kind="card",result="done"} 1.0')

    await until(failed, "the first attempt is not counted")
    await bot.slack.no_faults()
    await later(bot, 60)
    await until(shown, "the second attempt is not counted")
    assert await told('review_bot_shown_seconds_count{kind="card"} 1.0')


async def test_every_line_of_a_review_has_its_ids(bot: Bot) -> None:
    """Who knows a session finds in the log all that happened to it, and to which deliveries."""
    await bot.slack.fault("chat.postMessage", "ratelimited", count=1)
    with capture_logs(processors=[merge_contextvars]) as lines:
        session_id = await new_review(bot)
        await Person(bot, ANA).press(session_id, "Claim")
    told = {line["event"]: line for line in lines if line.get("session_id") == session_id}
    assert {"webhook_received", "delivery_failed", "delivery_succeeded", "click"} <= set(told)
    review = bot.review(session_id)["id"]
    assert [told[event]["review"] for event in ("delivery_failed", "delivery_succeeded", "click")] == [
        review
    ] * 3
    assert told["delivery_failed"]["delivery"] == told["delivery_succeeded"]["delivery"]


async def test_metrics_tell_how_long_reviews_wait(database_url: str, slack: LocalSlack) -> None:
    """From being opened to the first claim, and to the decision of the second person; each round counts."""
    async with running(database_url, slack, file=TEAM) as bot:

        async def pass_on(seconds: int) -> None:
            bot.clock.advance(seconds)
            await slack.control("POST", "clock", {"advance_s": seconds})

        ana, ben = Person(bot, ANA), Person(bot, BEN)
        session_id = await new_review(bot)
        await pass_on(600)
        await ana.press(session_id, "Claim")
        await ana.press(session_id, "Release")
        await pass_on(7_000)
        await ana.reject(session_id)
        await ben.press(session_id, "Confirm")
        async with slack.session.get(f"{bot.address}/metrics") as answer:
            lines = [line for line in (await answer.text()).splitlines() if "review_bot_time_to_" in line]
        told = {
            name: float(value)
            for name, _, value in (line.rpartition(" ") for line in lines)
            if "#" not in name
        }
        for step, seconds in (("claim", 600), ("decide", 7_600)):
            metric = f"review_bot_time_to_{step}_seconds"
            assert told[f'{metric}_count{{queue="user"}}'] == 1
            assert seconds <= told[f'{metric}_sum{{queue="user"}}'] < seconds + 60


async def test_metrics_need_their_token_where_one_is_set(database_url: str, slack: LocalSlack) -> None:
    """The counts are nobody else's business."""
    async with running(database_url, slack, metrics_token=SecretStr("s3cret")) as bot:
        for header, expected in (("", 401), ("Bearer wrong", 401), ("Bearer s3cret", 200)):
            async with slack.session.get(
                f"{bot.address}/metrics", headers={"Authorization": header}
            ) as answer:
                assert answer.status == expected
