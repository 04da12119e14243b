"""Ralio's events: odd spellings and shapes of what is right otherwise, and what is left out of the rest."""

import json

import pytest

from bot.ralio.events import parse
from bot.reviews.review import EntityType, SessionEvent


def _event(**data: object) -> SessionEvent:
    content = {
        "eventId": "event-1",
        "eventType": "kyc_session_manual_review",
        "timestamp": "2026-03-17T16:41:28.447Z",
        "data": {"sessionId": "session-1", "userId": "user-1", "entityType": "user"} | data,
    }
    parsed = parse(json.dumps(content).encode(), 9_000)
    assert isinstance(parsed, SessionEvent), parsed
    return parsed


UUID = "5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10"


@pytest.mark.parametrize("field", ["eventId", "sessionId", "userId"])
def test_a_uuid_is_one_id_in_every_spelling(field: str) -> None:
    """Another spelling must not make another session, subject or event."""
    for spelling in (UUID.upper(), UUID.replace("-", ""), f"{{{UUID}}}", f"urn:uuid:{UUID}", f" {UUID}\n"):
        ids = {"eventId": "event-1", "sessionId": "session-1"} | {field: spelling}
        content = {
            "eventId": ids.pop("eventId"),
            "eventType": "kyc_session_manual_review",
            "timestamp": "2026-03-17T16:41:28Z",
            "data": ids,
        }
        parsed = parse(json.dumps(content).encode(), 9_000)
        assert isinstance(parsed, SessionEvent)
        found = {"eventId": parsed.event_id, "sessionId": parsed.session_id, "userId": parsed.subject_id}
        assert found[field] == UUID


def test_a_byte_order_mark_is_skipped() -> None:
    """Some writers put one before UTF-8."""
    body = {"eventId": "e", "eventType": "x"}
    assert parse(b"\xef\xbb\xbf" + json.dumps(body).encode(), 9_000) == parse(
        json.dumps(body).encode(), 9_000
    )


@pytest.mark.parametrize(
    "entity_type",
    ["related-party", "related_party", "relatedParty", "RelatedParty", " RELATED PARTY ", "relatedparty"],
)
def test_the_entity_type_is_known_in_every_spelling(entity_type: str) -> None:
    """It decides the queue."""
    assert _event(entityType=entity_type).entity_type is EntityType.RELATED_PARTY


@pytest.mark.parametrize("entity_type", ["user", "USER", " User\n", "user_"])
def test_a_user_is_known_in_every_spelling(entity_type: str) -> None:
    """Likewise."""
    assert _event(entityType=entity_type).entity_type is EntityType.USER


@pytest.mark.parametrize(
    ("ids", "subject"),
    [
        ({"userId": {"id": "Jane Roe"}}, None),
        ({"userId": "Jane Roe <jane@example.com>"}, None),
        ({"userId": ["user-1"]}, None),
        ({"userId": True}, None),
        ({"userId": "x" * 129}, None),
        ({"userId": "<!channel>", "relatedPartyId": "party-1"}, "party-1"),
        ({"userId": "user-1", "relatedPartyId": {"name": "Jane"}}, "user-1"),
    ],
)
def test_a_subject_that_cannot_be_read_is_left_out(ids: dict[str, object], subject: str | None) -> None:
    """The review is not lost, and nothing of what stands there is kept."""
    event = _event(**ids)
    assert (event.subject_id, event.unreadable) == (subject, True)
    assert "Jane" not in repr(event)


@pytest.mark.parametrize("subject", [None, "", "  "])
def test_a_blank_subject_counts_as_missing(subject: object) -> None:
    """Nothing was left out."""
    event = _event(userId=subject)
    assert (event.subject_id, event.unreadable) == (None, False)
