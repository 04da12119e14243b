"""The sample event of `send-test` is one that the bot understands."""

import json
from datetime import datetime

import pytest

from bot.cli.send_test import sample_event


@pytest.mark.parametrize(("entity", "subject"), [("user", "userId"), ("related-party", "relatedPartyId")])
def test_a_sample_has_the_shape_of_ralios_events(entity: str, subject: str) -> None:
    """Its subject is named as Ralio names it for this kind of entity."""
    event = json.loads(sample_event(entity))
    assert event["eventType"] == "kyc_session_manual_review"
    assert event["timestamp"].endswith("Z")
    assert datetime.fromisoformat(event["timestamp"]).tzinfo is not None
    assert event["data"]["entityType"] == entity
    assert set(event["data"]) == {"sessionId", subject, "entityType"}


def test_every_sample_is_a_review_of_its_own() -> None:
    """Two calls don't look like a repeated delivery."""
    first, second = (json.loads(sample_event("user")) for _ in range(2))
    assert first["eventId"] != second["eventId"]
    assert first["data"]["sessionId"] != second["data"]["sessionId"]
