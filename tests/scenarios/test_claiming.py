"""Reviewers claim and release; the database decides, the card follows, whoever is refused is told why."""

import asyncio
import json
import time
from typing import Any

import pytest

from bot.settings.file import BotFile
from bot.slack.api.users import JOINED_S
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.slack import ANA, BEN, CHLOE, DAN, LocalSlack, buttons, find_button, shown
from tests.support.trouble import claims_recorded


async def _open_card(bot: Bot) -> dict[str, Any]:
    event = ralio.event()
    await bot.ralio.send(event)
    await bot.settled()
    return {"session_id": event["data"]["sessionId"]} | await bot.card(event["data"]["sessionId"])


async def test_claim_and_release(bot: Bot) -> None:
    """The card shows who has it, then that nobody has it, with the history of both."""
    card = await _open_card(bot)
    assert (await bot.slack.click(ANA, card, "Claim"))["body"] == ""
    await bot.settled()
    claimed = await bot.card(card["session_id"])
    assert f"*Claimed* by <@{ANA}>" in shown(claimed)
    assert "Release" in buttons(claimed)
    assert "Claim" not in buttons(claimed)
    assert bot.review(card["session_id"])["claimed_by"] == ANA

    await bot.slack.click(ANA, claimed, "Release")
    await bot.settled()
    released = await bot.card(card["session_id"])
    assert "*Unclaimed*" in shown(released)
    assert f"<@{ANA}> released it" in shown(released)
    assert bot.review(card["session_id"])["claimed_by"] is None
    assert [
        row["action"] for row in bot.rows("SELECT action FROM audit WHERE review_id IS NOT NULL ORDER BY id")
    ] == [
        "receive",
        "claim",
        "release",
    ]


async def test_who_comes_second_is_told_privately_who_has_it(bot: Bot) -> None:
    """A stale button is judged by the database; the refusal is on record."""
    card = await _open_card(bot)
    await bot.slack.click(ANA, card, "Claim")
    await bot.slack.click(BEN, card, "Claim")
    await bot.settled()
    (note,) = await bot.slack.private_notes(BEN)
    assert f"<@{ANA}> has been working on this" in note
    assert await bot.slack.private_notes(ANA) == []
    (refusal,) = bot.rows("SELECT * FROM audit WHERE refused IS NOT NULL")
    assert (refusal["actor"], refusal["action"], refusal["refused"]) == (BEN, "claim", "held_by_other")
    assert bot.review(card["session_id"])["claimed_by"] == ANA


async def test_claiming_twice_is_no_harm(bot: Bot) -> None:
    """An impatient second click of the same person says so."""
    card = await _open_card(bot)
    await bot.slack.click(ANA, card, "Claim")
    await bot.slack.click(ANA, card, "Claim")
    await bot.settled()
    (note,) = await bot.slack.private_notes(ANA)
    assert "You've had this review since" in note


async def test_only_the_holder_or_a_lead_releases(database_url: str, slack: LocalSlack) -> None:
    """Ben is refused and told who may; Chloe leads the queue."""
    file = BotFile.model_validate({"queues": {"user": {"reviewers": [ANA, BEN], "leads": [CHLOE]}}})
    async with running(database_url, slack, file=file) as bot:
        card = await _open_card(bot)
        await bot.slack.click(ANA, card, "Claim")
        await bot.settled()
        claimed = await bot.card(card["session_id"])
        await bot.slack.click(BEN, claimed, "Release")
        await bot.settled()
        (note,) = await bot.slack.private_notes(BEN)
        assert f"<@{ANA}> has been working on this" in note
        assert f"<@{CHLOE}>" in note
        assert bot.review(card["session_id"])["status"] == "claimed"
        await bot.slack.click(CHLOE, claimed, "Release")
        await bot.settled()
        assert bot.review(card["session_id"])["status"] == "open"


async def test_who_is_no_reviewer_is_told_who_may(database_url: str, slack: LocalSlack) -> None:
    """The roster is asked at click time, on the server."""
    file = BotFile.model_validate({"queues": {"user": {"reviewers": [ANA, BEN]}}})
    async with running(database_url, slack, file=file) as bot:
        card = await _open_card(bot)
        await bot.slack.click(DAN, card, "Claim")
        await bot.settled()
        (note,) = await bot.slack.private_notes(DAN)
        assert "you aren't a reviewer of the user queue" in note
        assert f"<@{ANA}>" in note
        (refusal,) = bot.rows("SELECT * FROM audit WHERE refused IS NOT NULL")
        assert (refusal["actor"], refusal["refused"]) == (DAN, "not_a_reviewer")
        assert bot.review(card["session_id"])["status"] == "open"


async def test_releasing_twice_is_no_harm(bot: Bot) -> None:
    """The second click finds the review as it was asked for."""
    card = await _open_card(bot)
    await bot.slack.click(ANA, card, "Claim")
    await bot.settled()
    claimed = await bot.card(card["session_id"])
    await bot.slack.click(ANA, claimed, "Release")
    await bot.slack.click(ANA, claimed, "Release")
    await bot.settled()
    (note,) = await bot.slack.private_notes(ANA)
    assert "You've already released this review. Anyone can claim it now." in note


async def test_a_session_that_the_database_does_not_know(bot: Bot) -> None:
    """A card of a database that was thrown away: told, and on record."""
    card = await _open_card(bot)
    button = find_button(card, "Claim") | {"value": "another-session"}
    await bot.slack.press(ANA, card["channel"], card["ts"], button)
    await bot.settled()
    (note,) = await bot.slack.private_notes(ANA)
    assert "no review was found for this session" in note
    (refusal,) = bot.rows("SELECT * FROM audit WHERE refused IS NOT NULL")
    assert json.loads(refusal["detail"]) == {"session_id": "another-session"}


@pytest.mark.parametrize("round_number", range(3))
async def test_fifty_people_claim_at_once(bot: Bot, round_number: int) -> None:
    """One has it, forty-nine are told who; whatever the order of arrival."""
    people = await bot.slack.add_people(50)
    bot.clock.advance(JOINED_S + 1)
    people = people[round_number:] + people[:round_number]
    card = await _open_card(bot)
    answers = await asyncio.gather(*(bot.slack.click(person, card, "Claim") for person in people))
    assert [answer["status"] for answer in answers] == [200] * 50
    await claims_recorded(bot, len(people))
    winner = bot.review(card["session_id"])["claimed_by"]
    await bot.settled()
    for person in people:
        notes = await bot.slack.private_notes(person)
        if person == winner:
            assert notes == []
        else:
            (note,) = notes
            assert f"<@{winner}> has been working on this" in note
    assert len(bot.rows("SELECT id FROM audit WHERE action = 'claim' AND refused IS NULL")) == 1


async def test_clicks_are_answered_while_slack_hangs(bot: Bot) -> None:
    """Slack's API takes two seconds a call; the click is answered and recorded at once."""
    card = await _open_card(bot)
    await bot.slack.fault("*", "slow", seconds=2.0)
    began = time.monotonic()
    answer = await bot.slack.click(ANA, card, "Claim")
    assert answer["status"] == 200
    assert time.monotonic() - began < 1.5
    assert bot.review(card["session_id"])["claimed_by"] == ANA

    async def follows() -> bool:
        return "*Claimed*" in shown(await bot.card(card["session_id"]))

    await until(follows, "the card does not follow")
