"""What comes because of the time: reminders, a claim that is asked about and released, the leads, the digest."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.settings.file import BotFile
from tests.support import ralio
from tests.support.bot import Bot, MovableClock, running, until
from tests.support.operator import command
from tests.support.people import Person, new_review
from tests.support.slack import ANA, BEN, CHLOE, USER_CHANNEL, LocalSlack, find_button, shown
from tests.support.trouble import claim, press, send

HOUR_S = 3_600.0


def _file(**queue: Any) -> BotFile:
    people = {"reviewers": [ANA, BEN], "leads": [CHLOE]}
    return BotFile.model_validate({"queues": {"user": people | queue}})


def _deadlines(**deadlines: str) -> BotFile:
    return _file(deadlines=deadlines)


@asynccontextmanager
async def _office(
    database_url: str, slack: LocalSlack, file: BotFile, clock: MovableClock | None = None
) -> AsyncIterator[Bot]:
    async with running(database_url, slack, clock, file=file) as bot:
        yield bot
        await bot.settled()


async def _pass(bot: Bot, hours: float) -> None:
    """Time passes while nothing is under way."""
    await bot.settled()
    bot.clock.advance(hours * HOUR_S)


async def _message(bot: Bot, text: str) -> dict[str, Any]:
    """The one message that says this, as soon as Slack has it, wherever it is."""

    async def found() -> list[dict[str, Any]]:
        everything = await bot.slack.control("GET", "messages")
        return [message for message in everything if text in message["text"]]

    (message,) = await until(found, f"nobody says {text!r}")
    await bot.settled()
    return dict(message)


async def _is(bot: Bot, session_id: str, status: str) -> None:
    async def has_come() -> bool:
        return bool(bot.review(session_id)["status"] == status)

    await until(has_come, f"the review is not {status}")


async def _again(bot: Bot, message: dict[str, Any]) -> dict[str, Any]:
    """The message as it is now."""
    await bot.settled()
    messages = await bot.slack.messages(message["channel"])
    (found,) = [each for each in messages if each["ts"] == message["ts"]]
    return found


async def test_the_reviewers_are_reminded_of_an_unclaimed_review(
    database_url: str, slack: LocalSlack
) -> None:
    """In the channel, with a link to the card, until it is claimed."""
    async with _office(database_url, slack, _deadlines(claim_within="4h")) as bot:
        session_id = await new_review(bot)
        assert "claim by" in shown(await bot.card(session_id))
        await _pass(bot, 4)
        reminder = await _message(bot, "1 user review is overdue")
        card = await bot.card(session_id)
        assert (reminder["channel"], reminder["thread_ts"]) == (USER_CHANNEL, None)
        assert f"<@{ANA}>, <@{BEN}>: please pick up" in reminder["text"]
        assert f"p{card['ts'].replace('.', '')}|User review #1" in shown(reminder)
        assert "unclaimed · due" in shown(reminder)
        assert "⏰ *overdue* since" in shown(card)


async def test_the_card_says_which_deadlines_were_missed(database_url: str, slack: LocalSlack) -> None:
    """The claim deadline passes first, then the decision deadline."""
    async with _office(database_url, slack, _deadlines(claim_within="4h", decide_within="8h")) as bot:
        session_id = await new_review(bot)
        for late in ("Claim overdue", "Decision overdue"):
            assert late not in shown(await bot.card(session_id))
            await _pass(bot, 4)

            async def says_so(late: str = late) -> bool:
                return late in shown(await bot.card(session_id))

            await until(says_so, f"the card doesn't say {late!r}")
        words = shown(await bot.card(session_id))
        assert words.index("Claim overdue") < words.index("Decision overdue")


async def test_the_card_says_that_ralios_verdict_is_overdue(database_url: str, slack: LocalSlack) -> None:
    """The decision was in time; what is late is Ralio's verdict."""
    async with _office(database_url, slack, _deadlines(decide_within="8h", verdict_within="24h")) as bot:
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        await ana.fill_in(session_id, "Resolve", outcome="Approve")
        assert "· Verdict overdue" not in shown(await bot.card(session_id))
        await _pass(bot, 24)

        async def says_so() -> bool:
            return "· Verdict overdue" in shown(await bot.card(session_id))

        await until(says_so, "the card doesn't say that the verdict is overdue")
        assert "Decision overdue" not in shown(await bot.card(session_id))


async def test_the_holder_is_asked_and_keeps_the_claim_with_an_answer(
    database_url: str, slack: LocalSlack
) -> None:
    """`Still on it` in the direct message starts the time anew: nothing is released when it would have been."""
    async with _office(database_url, slack, _deadlines(release_after="8h")) as bot:
        session_id = await new_review(bot)
        await claim(bot, ANA, session_id)
        await _pass(bot, 6)
        question = await _message(bot, "Are you still on it?")
        assert question["channel"] != USER_CHANNEL
        await press(bot, ANA, question["channel"], find_button(question, "Still on it"))
        await bot.settled()
        assert await bot.slack.private_notes(ANA) == []
        answered = await _again(bot, question)
        assert answered["text"].startswith("You are still working on <")
        assert [block["type"] for block in answered["blocks"]] == ["section"]
        await _pass(bot, 3)
        assert bot.rows("SELECT * FROM timers WHERE due_at <= :now", now=bot.clock()) == []
        assert bot.review(session_id)["claimed_by"] == ANA
        assert "still working on it" in shown(await bot.card(session_id))


async def test_a_claim_whose_holder_is_silent_is_released(database_url: str, slack: LocalSlack) -> None:
    """The thread tells the holder, and anybody may claim the review again."""
    async with _office(database_url, slack, _deadlines(release_after="8h")) as bot:
        session_id = await new_review(bot)
        await claim(bot, ANA, session_id)
        await _pass(bot, 6)
        question = await _message(bot, "Are you still on it?")
        await _pass(bot, 2.1)
        await _is(bot, session_id, "open")
        told = await _message(bot, "your claim expired")
        assert told["text"].startswith(f"<@{ANA}>: ")
        assert "Released automatically (no activity)" in shown(await bot.card(session_id))
        ended = await _again(bot, question)
        assert ended["text"].startswith("Your claim on <")
        assert [block["type"] for block in ended["blocks"]] == ["section"]
        await claim(bot, BEN, session_id)
        await _is(bot, session_id, "claimed")


async def test_the_leads_are_told_of_what_nobody_takes(database_url: str, slack: LocalSlack) -> None:
    """By name, in the channel."""
    async with _office(database_url, slack, _deadlines(claim_within="4h", escalate_after="4h")) as bot:
        session_id = await new_review(bot)
        await _pass(bot, 4)
        first = await _message(bot, "1 user review is overdue")
        await _pass(bot, 4)
        told = await _message(bot, f"<@{CHLOE}>: please help")
        assert told["ts"] != first["ts"], "an edited message notifies no one"
        assert f"<@{ANA}>" not in told["text"]
        await claim(bot, ANA, session_id)
        await _message(bot, "No user review is overdue now")
        assert first["ts"] not in [each["ts"] for each in await slack.messages(USER_CHANNEL)]


async def test_a_verdict_frees_the_claim_and_tells_its_holder(database_url: str, slack: LocalSlack) -> None:
    """And nothing is due any more for the closed review."""
    async with _office(database_url, slack, _deadlines(claim_within="4h", decide_within="8h")) as bot:
        session_id = await new_review(bot)
        await claim(bot, ANA, session_id)
        await bot.ralio.send(ralio.event("kyc_session_expired", sessionId=session_id))
        told = await _message(bot, "the review is closed")
        sentence = f"<@{ANA}>: this session expired: the review is closed."
        assert told["text"] == f"{sentence} (Session `{session_id}`)"
        assert bot.review(session_id)["claimed_by"] is None
        assert bot.rows("SELECT * FROM timers WHERE due_at IS NOT NULL") == []


async def test_a_verdict_that_contradicts_a_decision_is_told_listed_and_counted(
    database_url: str, slack: LocalSlack
) -> None:
    """On the card, to the leads, by `reviews --disagreeing`, and in the metrics; one that fits is not."""
    async with _office(database_url, slack, _file()) as bot:
        sessions = [await new_review(bot) for _ in range(2)]
        for session_id in sessions:
            await Person(bot, ANA).press(session_id, "Claim")
            await Person(bot, ANA).fill_in(session_id, "Resolve", outcome="Approve")
        for session_id, kind in zip(sessions, ("kyc_session_failed", "kyc_session_verified"), strict=True):
            await bot.ralio.send(ralio.event(kind, sessionId=session_id))
        await _message(bot, f"<@{CHLOE}>: Ralio rejected this session")
        assert "Ralio decided otherwise." in shown(await bot.card(sessions[0]))
        assert "Ralio decided otherwise." not in shown(await bot.card(sessions[1]))
        listed = await command(database_url, "reviews", "--disagreeing", "--json")
        assert [json.loads(line)["session_id"] for line in listed.stdout.splitlines()] == sessions[:1]
        async with slack.session.get(f"{bot.address}/metrics") as answer:
            assert 'review_bot_disagreements{kind="contradicts"} 1.0' in await answer.text()


async def test_the_digest_comes_once_a_day_whatever_restarts(database_url: str, slack: LocalSlack) -> None:
    """Not before its time, once however often the bot is started, and again on the next day."""
    clock, file = MovableClock(), _file(digest_at="12:00")
    now = datetime.now(UTC)
    tomorrow = (now + timedelta(days=1)).replace(hour=11, minute=0, second=0, microsecond=0)
    clock.advance((tomorrow - now).total_seconds())
    for hours, digests in ((0.0, 0), (1.5, 1), (0.5, 1), (24.0, 2)):
        clock.advance(hours * HOUR_S)
        async with _office(database_url, slack, file, clock) as bot:

            async def looked(bot: Bot = bot, digests: int = digests) -> bool:
                return len(bot.rows("SELECT * FROM deliveries WHERE kind = 'digest'")) >= digests

            await send(bot)
            await until(looked, "there is no digest")
            await bot.settled()
            posted = [m for m in await slack.messages(USER_CHANNEL) if "Today's user reviews" in m["text"]]
            assert len(posted) == digests


@pytest.mark.parametrize("meanwhile", [["review_claim"], ["review_claim", "review_release"]])
async def test_a_reminder_that_is_no_longer_true_is_not_sent(
    database_url: str, slack: LocalSlack, meanwhile: list[str]
) -> None:
    """Slack was away when it was due; meanwhile somebody claimed the review, or gave it back with a new due time."""
    async with _office(database_url, slack, _deadlines(claim_within="4h")) as bot:
        session_id = await new_review(bot)
        await bot.settled()
        await slack.fault("chat.postMessage", "error", error="update_failed")
        bot.clock.advance(4 * HOUR_S)

        async def waits() -> bool:
            notes = bot.rows("SELECT * FROM deliveries WHERE kind = 'reminder'")
            return [note["last_error"] for note in notes] == ["update_failed"]

        await until(waits, "the reminder was not tried")
        for action in meanwhile:
            await press(bot, BEN, USER_CHANNEL, {"action_id": action, "value": session_id})
        await slack.no_faults()
        bot.clock.advance(HOUR_S)
        await bot.settled()
        texts = [message["text"] for message in await slack.messages(USER_CHANNEL)]
        assert not [text for text in texts if "overdue" in text]
