"""Ralio's verdict closes the review, in whatever order events arrive."""

import pytest

from tests.support import ralio
from tests.support.bot import Bot
from tests.support.slack import ANA, USER_CHANNEL, buttons, shown

VERDICTS = {
    "kyc_session_verified": "VERIFIED",
    "kyc_session_failed": "REJECTED",
    "kyc_session_expired": "EXPIRED",
    "kyc.session_failed": "REJECTED",
}


@pytest.mark.parametrize("kind", VERDICTS)
async def test_a_verdict_closes_the_review_and_its_card(bot: Bot, kind: str) -> None:
    """The claim is freed, the card has no buttons left."""
    review = ralio.event()
    session_id = review["data"]["sessionId"]
    await bot.ralio.send(review)
    await bot.settled()
    await bot.slack.click(ANA, await bot.card(session_id), "Claim")
    assert (await bot.ralio.send(ralio.event(kind, sessionId=session_id)))[1]["result"] == "recorded"
    await bot.settled()
    row = bot.review(session_id)
    assert (row["status"], row["session_state"], row["claimed_by"]) == ("closed", VERDICTS[kind], None)
    card = await bot.card(session_id)
    assert "*Closed*" in shown(card)
    assert VERDICTS[kind].lower() in shown(card)
    assert buttons(card) == ["Record decision"]


async def test_a_verdict_that_comes_first_opens_no_dead_card(bot: Bot) -> None:
    """The review event is the older one: it is recorded and changes nothing."""
    review = ralio.event()
    verdict = ralio.event("kyc_session_verified", sessionId=review["data"]["sessionId"])
    assert (await bot.ralio.send(verdict))[1]["result"] == "recorded"
    assert (await bot.ralio.send(review))[1]["result"] == "recorded"
    await bot.settled()
    row = bot.review(review["data"]["sessionId"])
    assert (row["status"], row["session_state"]) == ("closed", "VERIFIED")
    assert await bot.slack.messages(USER_CHANNEL) == []


async def test_a_newer_review_event_reopens_a_closed_review_on_its_card(bot: Bot) -> None:
    """One card goes on to tell the story."""
    review = ralio.event()
    session_id = review["data"]["sessionId"]
    for event in (
        review,
        ralio.event("kyc_session_failed", sessionId=session_id),
        ralio.event(sessionId=session_id),
    ):
        await bot.ralio.send(event)
        await bot.settled()
    assert bot.review(session_id)["status"] == "open"
    card = await bot.card(session_id)
    assert buttons(card) == ["Claim"]
    assert "Sent to manual review again and reopened" in shown(card)


async def test_a_newer_review_event_after_an_early_verdict_opens_a_card(bot: Bot) -> None:
    """Here the session really came back to review."""
    verdict = ralio.event("kyc_session_failed")
    await bot.ralio.send(verdict)
    review = ralio.event(sessionId=verdict["data"]["sessionId"])
    await bot.ralio.send(review)
    await bot.settled()
    assert buttons(await bot.card(verdict["data"]["sessionId"])) == ["Claim"]


async def test_a_second_review_event_keeps_the_claim(bot: Bot) -> None:
    """Nothing is lost, and there is no second card."""
    review = ralio.event()
    session_id = review["data"]["sessionId"]
    await bot.ralio.send(review)
    await bot.settled()
    await bot.slack.click(ANA, await bot.card(session_id), "Claim")
    assert (await bot.ralio.send(ralio.event(sessionId=session_id)))[1]["result"] == "recorded"
    await bot.settled()
    assert bot.review(session_id)["claimed_by"] == ANA
    assert "Sent to manual review again" in shown(await bot.card(session_id))


async def test_an_old_verdict_moves_nothing_back(bot: Bot) -> None:
    """It was overtaken by a newer review event; it is on record as stale."""
    verdict = ralio.event("kyc_session_failed")
    review = ralio.event(sessionId=verdict["data"]["sessionId"])
    await bot.ralio.send(review)
    await bot.ralio.send(verdict)
    await bot.settled()
    assert bot.review(verdict["data"]["sessionId"])["status"] == "open"
    assert [row["refused"] for row in bot.rows("SELECT refused FROM audit ORDER BY id")] == [None, "stale"]
