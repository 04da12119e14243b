"""What a person has to see reaches them another way if Slack does not take the usual one."""

import asyncio
from typing import Any

import pytest

from bot.settings.file import BotFile
from tests.support.bot import Bot, running, until
from tests.support.people import TEAM, Person, new_review
from tests.support.slack import ANA, BEN, CHLOE, USER_CHANNEL, LocalSlack, shown
from tests.support.trouble import at_rest

HOUR_S = 3_600.0


async def _direct(bot: Bot, person: str) -> list[str]:
    """What the person was sent directly."""
    return [message["text"] for message in await bot.slack.messages(f"D{person[1:]}")]


async def test_a_refusal_reaches_a_person_who_left_the_channel_directly(bot: Bot) -> None:
    """Slack shows nobody an ephemeral message in a channel that they are not in; one direct message comes instead."""
    session_id = await new_review(bot)
    await Person(bot, ANA).press(session_id, "Claim")
    await bot.slack.lock_out(USER_CHANNEL, BEN)
    await Person(bot, BEN).send_press(session_id)
    await bot.settled()
    (text,) = await _direct(bot, BEN)
    assert session_id in text
    assert f"<@{ANA}>" in text
    assert await bot.slack.alerts() == []


@pytest.mark.parametrize("error", ["restricted_action_thread_locked", "cannot_reply_to_message"])
@pytest.mark.parametrize("fault", [None, "drop_after"])
async def test_a_reply_that_the_thread_does_not_take_goes_to_the_channel(
    database_url: str, slack: LocalSlack, error: str, fault: str | None
) -> None:
    """Once, and it names its review; the card shows the escalation as sent only when it was."""
    async with running(database_url, slack, file=TEAM) as bot:
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        await ana.press(session_id, "Escalate")
        modal = await ana.form()
        await slack.fault("chat.postMessage", "ratelimited", retry_after=30, channel=USER_CHANNEL)
        body = {"user": ANA, "view_id": modal["id"], "values": {"words": "Please look at this."}}
        await slack.control("POST", "submit-view", body)

        async def being_escalated() -> bool:
            return "is escalating it to the leads" in shown(await bot.card(session_id))

        await until(being_escalated, "the card says nothing of the escalation")
        assert "escalated to the leads by" not in shown(await bot.card(session_id))
        await slack.no_faults()
        await slack.fault("chat.postMessage", "error", error=error, count=1)
        if fault:
            await slack.fault("chat.postMessage", fault, count=1)
            # The same once more; a fault that is like one that is on would replace it.
            await slack.fault("chat.postMessage", "error", error=error, count=1, channel=USER_CHANNEL)

        async def arrived() -> bool:
            bot.clock.advance(31)
            # What is due gets the chance to end: a lease that the clock overtakes is lost.
            await asyncio.sleep(0.2)
            await at_rest(bot)
            return "escalated to the leads by" in shown(await bot.card(session_id))

        await until(arrived, "the leads are not notified")
        await bot.settled()
        messages = await slack.messages(USER_CHANNEL)
        (reply,) = (each for each in messages if "asking the leads" in each["text"])
        assert reply["thread_ts"] is None
        assert session_id in reply["text"]


def _file(**deadlines: str) -> BotFile:
    queue = {"reviewers": [ANA, BEN], "leads": [CHLOE], "deadlines": deadlines}
    return BotFile.model_validate({"queues": {"user": queue}})


async def test_a_deactivated_holder_keeps_no_review(database_url: str, slack: LocalSlack) -> None:
    """The leads are notified in the channel, and anyone can claim it."""
    async with running(database_url, slack, file=_file()) as bot:
        session_id = await new_review(bot)
        await Person(bot, ANA).press(session_id, "Claim")
        await Person(bot, ANA).change(deleted=True)
    async with running(database_url, slack, file=_file()) as bot:

        async def is_open() -> bool:
            return bool(bot.review(session_id)["status"] == "open")

        await until(is_open, "the claim is kept")
        await bot.settled()
        messages = await slack.messages(USER_CHANNEL)
        (notice,) = (each["text"] for each in messages if "account is deactivated" in each["text"])
        assert notice.startswith(f"<@{CHLOE}>: <@{ANA}>'s account is deactivated")
        await Person(bot, BEN).press(session_id, "Claim")
        assert bot.review(session_id)["claimed_by"] == BEN


@pytest.mark.parametrize("error", ["user_disabled", "cannot_dm_bot"])
async def test_a_reminder_that_cannot_reach_the_holder_goes_to_the_leads(
    database_url: str, slack: LocalSlack, error: str
) -> None:
    """Given up once, with one notice that names the person, and the bot stays ready."""
    async with running(database_url, slack, file=_file(decide_within="4h")) as bot:
        session_id = await new_review(bot)
        await Person(bot, ANA).press(session_id, "Claim")
        await slack.fault("conversations.open", "error", error=error)
        bot.clock.advance(4.1 * HOUR_S)

        async def leads() -> list[dict[str, Any]]:
            messages = await slack.messages(USER_CHANNEL)
            return [each for each in messages if "1 user review is overdue" in each["text"]]

        (reminder,) = await until(leads, "the leads are not reminded")
        await bot.settled()
        assert f"<@{CHLOE}>: please help" in reminder["text"]
        assert f"claimed by <@{ANA}>" in shown(reminder)
        (notice,) = await slack.alerts()
        assert f"<@{ANA}>" in notice["text"]
        assert error in notice["text"]
        async with slack.session.get(f"{bot.address}/readyz") as answer:
            assert (await answer.json())["held"] == 0


async def test_after_an_outage_there_is_one_reminder(database_url: str, slack: LocalSlack) -> None:
    """Those that Slack did not take are the same reminder, for the queue and for the holder."""
    file = _file(claim_within="1h", decide_within="1h", remind_every="1h")
    async with running(database_url, slack, file=file) as bot:
        unclaimed, claimed = await new_review(bot), await new_review(bot)
        await Person(bot, ANA).press(claimed, "Claim")
        await slack.fault("chat.postMessage", "error", error="accesslimited")

        async def reminders() -> list[dict[str, Any]]:
            return bot.rows("SELECT * FROM audit WHERE action = 'remind'")

        for hour in range(1, 5):
            bot.clock.advance(1.01 * HOUR_S)

            async def reminded(least: int = 2 * hour) -> bool:
                return len(await reminders()) >= least

            await until(reminded, "nobody is reminded")
        pending = "SELECT kind FROM deliveries WHERE shown_version < wanted_version AND kind <> 'card' ORDER BY kind"
        assert [row["kind"] for row in bot.rows(pending)] == ["reminder", "reminder"]
        await slack.no_faults()
        bot.clock.advance(30)
        await bot.settled()
        assert len(await _direct(bot, ANA)) == 1
        messages = await slack.messages(USER_CHANNEL)
        assert len([each for each in messages if "is overdue" in each["text"]]) == 1
        assert unclaimed != claimed
