"""Reminders: one message per queue, whom it mentions, and what becomes of its predecessor."""

from typing import Any

from bot.settings.file import BotFile
from tests.support.bot import Bot, running, until
from tests.support.people import Person, new_review
from tests.support.slack import ANA, BEN, CHLOE, DAN, USER_CHANNEL, LocalSlack, shown
from tests.support.trouble import claim

HOUR_S = 3_600.0


def _file(**queue: Any) -> BotFile:
    deadlines = {"claim_within": "4h", "decide_within": "6h", "remind_every": "4h", "escalate_after": "1d"}
    people = {"reviewers": [ANA, BEN, DAN], "leads": [CHLOE], "deadlines": deadlines, "four_eyes": ["reject"]}
    return BotFile.model_validate({"queues": {"user": people | queue}})


async def _reminders(bot: Bot, person: str | None = None) -> list[dict[str, Any]]:
    """The reminders that Slack has: in the queue's channel, or of one person."""
    await bot.settled()
    kind = f"reminder:person:user:{person}:" if person else "reminder:queue:user:"
    messages = await bot.slack.control("GET", "messages")
    keys = [((each["metadata"] or {}).get("event_payload") or {}).get("key", "") for each in messages]
    return [each for each, key in zip(messages, keys, strict=True) if key.startswith(kind)]


async def _new_reminder(bot: Bot, than: str = "", person: str | None = None) -> dict[str, Any]:
    async def posted() -> list[dict[str, Any]]:
        return [each for each in await _reminders(bot, person) if each["ts"] > than]

    (message,) = await until(posted, "there is no new reminder")
    (only,) = await _reminders(bot, person)
    assert only["ts"] == message["ts"], "a newer reminder replaces the older one"
    return dict(message)


async def test_a_queue_has_one_reminder_for_those_who_can_act(database_url: str, slack: LocalSlack) -> None:
    """Guests and proposers are not mentioned; the list stays true until the next one replaces it."""
    await slack.control("PATCH", f"people/{DAN}", {"is_restricted": True})
    await slack.control("PATCH", f"people/{BEN}", {"status_emoji": ":palm_tree:"})
    async with running(database_url, slack, file=_file()) as bot:
        sessions = [await new_review(bot) for _ in range(3)]
        await Person(bot, ANA).reject(sessions[0])
        await bot.settled()
        bot.clock.advance(4 * HOUR_S)
        first = await _new_reminder(bot)
        assert f"<@{ANA}>, <@{BEN}> (🌴 out of office): please pick up" in shown(first)
        assert "2 user reviews are overdue" in first["text"]
        assert DAN not in shown(first)
        await claim(bot, ANA, sessions[1])
        (listed,) = await _reminders(bot)
        assert "1 user review is overdue" in listed["text"]
        assert listed["ts"] == first["ts"], "edited, so no one is notified again"
        await claim(bot, ANA, sessions[2])
        (emptied,) = await _reminders(bot)
        assert emptied["text"] == "✅ No user review is overdue now."
        bot.clock.advance(4 * HOUR_S)
        second = await _new_reminder(bot, first["ts"])
        assert f"<@{BEN}> (🌴 out of office): please pick up" in shown(second)
        assert "awaiting confirmation" in shown(second)
        assert f"<@{ANA}>" not in shown(second), "no one can confirm their own proposal"
        claims = await _new_reminder(bot, person=ANA)
        assert "2 user reviews that you claimed are overdue" in claims["text"]
        assert claims["channel"] != USER_CHANNEL


async def test_a_reminder_that_cannot_be_deleted_becomes_one_line(
    database_url: str, slack: LocalSlack
) -> None:
    """Some workspaces keep everything; a reminder that somebody deleted is not missed either."""
    async with running(database_url, slack, file=_file()) as bot:
        await new_review(bot)
        await bot.settled()
        bot.clock.advance(4 * HOUR_S)
        first = await _new_reminder(bot)
        await slack.fault("chat.delete", "error", error="cant_delete_message")
        bot.clock.advance(4 * HOUR_S)

        async def reduced() -> bool:
            texts = {each["ts"]: each["text"] for each in await _reminders(bot)}
            return texts[first["ts"]].startswith("A newer reminder") and len(texts) == 2

        await until(reduced, "the older reminder still has its list")
        await slack.no_faults()
        for message in await _reminders(bot):
            await slack.delete(message)
        bot.clock.advance(4 * HOUR_S)
        await _new_reminder(bot)
        assert bot.rows("SELECT * FROM deliveries WHERE held_at IS NOT NULL") == []


async def test_a_reminder_of_unknown_outcome_is_not_posted_twice(
    database_url: str, slack: LocalSlack
) -> None:
    """Slack had it, but its answer was lost: it is found by its key, and drawn again without what was claimed."""
    async with running(database_url, slack, file=_file()) as bot:
        sessions = [await new_review(bot) for _ in range(2)]
        await bot.settled()
        await slack.fault("chat.postMessage", "drop_after", count=1, channel=USER_CHANNEL)
        bot.clock.advance(4 * HOUR_S)

        async def unresolved() -> bool:
            found = bot.rows("SELECT * FROM deliveries WHERE kind = 'reminder' AND attempts = 1")
            return [row["unresolved_since"] is not None for row in found] == [True]

        await until(unresolved, "the answer was not lost")
        await claim(bot, ANA, sessions[0])
        bot.clock.advance(31)
        (reminder,) = await _reminders(bot)
        assert "1 user review is overdue" in reminder["text"]


async def test_a_channel_that_comes_back_gets_one_reminder(database_url: str, slack: LocalSlack) -> None:
    """However many were due meanwhile; the one that was held is sent, with the list as it is by then."""
    async with running(database_url, slack, file=_file()) as bot:
        sessions = [await new_review(bot) for _ in range(2)]
        await bot.settled()
        await slack.change_channel(USER_CHANNEL, archived=True)
        for hours in (4, 4, 24):
            bot.clock.advance(hours * HOUR_S)
            await until(lambda: _all_taken(bot), "the reminder is not queued")
        assert len(bot.rows("SELECT id FROM deliveries WHERE kind = 'reminder'")) == 1
        await claim(bot, ANA, sessions[0])
        await slack.change_channel(USER_CHANNEL, archived=False)
        bot.clock.advance(400)
        reminder = await _new_reminder(bot)
        assert "1 user review is overdue" in reminder["text"]
        assert f"<@{CHLOE}>: please help" in reminder["text"]


async def _all_taken(bot: Bot) -> bool:
    due = bot.rows("SELECT * FROM reminders WHERE due_at <= :now", now=bot.clock())
    timers = bot.rows("SELECT * FROM timers WHERE due_at <= :now", now=bot.clock())
    held = bot.rows("SELECT id FROM deliveries WHERE kind = 'reminder' AND held_at IS NOT NULL")
    return bool(held) and not due and not timers
