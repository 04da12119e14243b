"""A signed webhook becomes one card in the right channel."""

import pytest

from tests.support import ralio
from tests.support.bot import Bot
from tests.support.slack import RELATED_PARTY_CHANNEL, USER_CHANNEL, buttons, shown

TABLES = ["events", "reviews", "audit", "deliveries"]


@pytest.mark.parametrize("envelope", ["newer", "older"])
async def test_user_review_is_a_card_in_the_user_channel(bot: Bot, envelope: str) -> None:
    """Either envelope ends as an open card that says what it is about."""
    event = ralio.event()
    sent = event if envelope == "newer" else ralio.in_older_envelope(event)
    assert await bot.ralio.send(sent) == (200, {"received": True, "result": "recorded"})
    await bot.settled()
    card = await bot.card(event["data"]["sessionId"])
    assert event["data"]["userId"] in shown(card)
    assert "*Unclaimed*" in shown(card)
    assert buttons(card) == ["Claim"]
    assert await bot.slack.messages(RELATED_PARTY_CHANNEL) == []


async def test_related_party_review_is_a_card_in_the_related_party_channel(bot: Bot) -> None:
    """The entity type routes the card."""
    event = ralio.related_party_event()
    await bot.ralio.send(event)
    await bot.settled()
    card = await bot.card(event["data"]["sessionId"], RELATED_PARTY_CHANNEL)
    assert event["data"]["relatedPartyId"] in shown(card)
    assert await bot.slack.messages(USER_CHANNEL) == []


async def test_review_without_a_subject_is_not_lost(bot: Bot) -> None:
    """The card says that the subject is unknown."""
    event = ralio.event(userId=None)
    await bot.ralio.send(event)
    await bot.settled()
    assert "unknown" in shown(await bot.card(event["data"]["sessionId"]))


async def test_missing_entity_type_means_user(bot: Bot) -> None:
    """The older envelope did not have it."""
    event = ralio.in_older_envelope(ralio.event(entityType=None))
    await bot.ralio.send(event)
    await bot.settled()
    assert await bot.card(event["data"]["sessionId"], USER_CHANNEL)


async def test_checks_are_shown_with_their_codes_and_nothing_else(bot: Bot) -> None:
    """Type, state and reason codes are shown; the raw data and the messages are not even stored."""
    checks = [
        {"type": "document-verification", "state": "Validated", "data": {"name": "Jane"}, "reasons": []},
        {
            "type": "face-matching",
            "state": 2,
            "data": {"document": "X1234567"},
            "reasons": [
                {"type": "face-match", "code": "LOW_CONFIDENCE", "message": "Jane does not look like it"}
            ],
        },
    ]
    event = ralio.event(checks=checks, email="jane@example.com")
    await bot.ralio.send(event)
    await bot.settled()
    text = shown(await bot.card(event["data"]["sessionId"]))
    assert "✅ Passed: Document check" in text
    assert "❌ Face may not match the document `LOW_CONFIDENCE`" in text
    everything = str([bot.rows(f"SELECT * FROM {table}") for table in TABLES])  # noqa: S608
    assert event["data"]["userId"] in everything
    for personal in ("Jane", "X1234567", "jane@example.com"):
        assert personal not in everything
