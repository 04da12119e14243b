"""A review waits for the customer: its holder snoozes it, and goes on when the day or something new comes."""

from datetime import UTC, datetime, timedelta

from bot.settings.file import BotFile
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.people import Person, blocks_of, new_review, record
from tests.support.slack import ANA, BEN, CHLOE, LocalSlack, shown

DAY_S = 86_400.0
FILE = BotFile.model_validate(
    {
        "queues": {
            "user": {
                "reviewers": [ANA, BEN],
                "leads": [CHLOE],
                "deadlines": {"decide_within": "2d", "release_after": "8h", "verdict_within": "1d"},
            }
        }
    }
)


def _in_days(bot: Bot, days: int) -> str:
    """A date as Slack's date picker sends it."""
    return (datetime.fromtimestamp(bot.clock() / 1000, UTC) + timedelta(days=days)).date().isoformat()


async def _told(bot: Bot, text: str) -> dict[str, str]:
    """The one message that says this, as soon as Slack has it."""

    async def found() -> list[dict[str, str]]:
        return [each for each in await bot.slack.control("GET", "messages") if text in each["text"]]

    (message,) = await until(found, f"no message says {text!r}")
    await bot.settled()
    return dict(message)


async def test_a_snoozed_review_is_left_alone_until_its_day(database_url: str, slack: LocalSlack) -> None:
    """The form checks the day; the claim stays, and the holder hears of it once, in a direct message."""
    async with running(database_url, slack, file=FILE) as bot:
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        due_at = bot.review(session_id)["due_at"]
        await ana.press(session_id, "Snooze")
        assert blocks_of(await ana.form()) == ["day", "reason", "note"]
        too_late = await ana.submit(day=_in_days(bot, 8), reason="Waiting for the customer")
        assert list(too_late["errors"]) == ["day"]
        without_note = await ana.submit(day=_in_days(bot, 3), reason="Other (explain in the note)")
        assert without_note["errors"] == {"note": "Add a note: this reason needs one."}
        assert await ana.submit(day=_in_days(bot, 3), reason="Waiting for the customer") == ""
        card = shown(await bot.card(session_id))
        assert "Snoozed until" in card
        assert "(Waiting for the customer)" in card
        assert bot.review(session_id)["due_at"] > due_at + 2 * DAY_S * 1000
        bot.clock.advance(2 * DAY_S)
        assert bot.rows("SELECT kind FROM timers WHERE due_at <= :now", now=bot.clock()) == []
        bot.clock.advance(DAY_S)
        reminder = await _told(bot, "Your snooze of review")
        assert "has ended: decide it by" in reminder["text"]
        review = bot.review(session_id)
        assert (review["status"], review["claimed_by"], review["snoozed_until"]) == ("claimed", ANA, None)
        assert "Snoozed until" not in (await bot.card(session_id))["text"]
        assert [entry[:2] for entry in record(bot, session_id)] == [
            (ANA, "claim"),
            (ANA, "snooze"),
            ("bot", "resume"),
            ("bot", "remind"),
        ]


async def test_a_snooze_ends_with_an_event_or_by_its_holder(database_url: str, slack: LocalSlack) -> None:
    """The menu has Resume for the holder alone; something new from Ralio notifies the holder."""
    async with running(database_url, slack, file=FILE) as bot:
        session_id = await new_review(bot)
        ana, ben = Person(bot, ANA), Person(bot, BEN)
        await ana.press(session_id, "Claim")
        for _ in range(2):
            snooze = {"day": _in_days(bot, 3), "reason": "Waiting for proof of address"}
            await ana.fill_in(session_id, "Snooze", **snooze)
            if bot.rows("SELECT id FROM audit WHERE action = 'resume'"):
                break
            await ben.press(session_id, "Resume")
            assert f"Only <@{ANA}> can resume it." in (await ben.notes())[-1]
            await ana.press(session_id, "Resume")
            assert bot.review(session_id)["snoozed_until"] is None
        event = ralio.event("kyc_session_manual_review", sessionId=session_id)
        await bot.ralio.send(event)
        message = await _told(bot, "Ralio sent something new about review")
        assert "The snooze has ended" in message["text"]
        assert bot.review(session_id)["snoozed_until"] is None


async def test_a_decision_that_is_not_entered_at_ralio_is_chased(
    database_url: str, slack: LocalSlack
) -> None:
    """Its decider gets a direct message with both links, then the leads are called; a verdict ends it."""
    portal = "https://portal.example.com/sessions/{session_id}"
    async with running(database_url, slack, file=FILE, portal_url_template=portal) as bot:
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        await ana.fill_in(session_id, "Resolve", outcome="Approve")
        bot.clock.advance(DAY_S + 1)
        message = await _told(bot, "Ralio still has this session in review: enter the decision in the portal")
        labels = [element["text"]["text"] for element in message["blocks"][-1]["elements"]]  # type: ignore[index] # JSON
        assert labels == ["Open in portal", "Open"]
        assert "⏰ *Verdict overdue* · *Decided*" in shown(await bot.card(session_id))
        async with slack.session.get(f"{bot.address}/metrics") as answer:
            assert 'review_bot_verdicts_missing{queue="user"} 1.0' in await answer.text()
        bot.clock.advance(DAY_S)
        told = await _told(bot, "1 user review is overdue")
        assert f"<@{CHLOE}>: please help" in told["text"]
        await bot.ralio.send(ralio.event("kyc_session_verified", sessionId=session_id))
        await bot.settled()
        assert bot.rows("SELECT kind FROM timers WHERE due_at IS NOT NULL") == []
