"""When a value in the database is the one on record, and how a difference is shown."""

import json

import pytest

from bot.reviews.audit.difference import Difference, is_same

UUID = "0a0b0c0d-1111-2222-3333-444444444444"
EARLIER = {"outcome": "approve", "was_confirmed": False}


@pytest.mark.parametrize(
    ("recorded", "found", "text"),
    [
        ("UANA", "UBEN", "session s1: claimed_by: recorded UANA, found UBEN"),
        (None, 7, "session s1: claimed_by: recorded nothing, found 7"),
        ("UANA", None, "session s1: claimed_by: recorded UANA, found nothing"),
        (False, "", "session s1: claimed_by: recorded False, found "),
    ],
)
def test_a_difference_is_shown_on_one_line(recorded: object, found: object, text: str) -> None:
    """As `audit verify` prints it."""
    assert str(Difference("s1", "claimed_by", recorded, found)) == text


@pytest.mark.parametrize(
    ("name", "recorded", "found"),
    [
        ("outcome", "approve", "approve"),
        ("outcome", None, None),
        ("decided_at", 1, 1),
        ("unconfirmed", True, 1),
        ("unconfirmed", False, 0),
        ("unconfirmed", True, True),
        ("recorded_afterwards", True, 1),
        ("recorded_afterwards", False, False),
        ("session_event_id", UUID, UUID),
        ("session_event_id", UUID, UUID.upper()),
        ("session_event_id", "e1", "e1"),
        ("earlier_decision", EARLIER, json.dumps(EARLIER)),
        ("earlier_decision", EARLIER, '{"outcome": "approve"}'),
        ("earlier_decision", EARLIER | {"was_confirmed": True}, '{"outcome": "approve"}'),
        ("earlier_decision", None, None),
    ],
)
def test_a_value_is_the_one_on_record(name: str, recorded: object, found: object) -> None:
    """Where SQLite or an older version stored it in another form, too."""
    assert is_same(name, recorded, found)


@pytest.mark.parametrize(
    ("name", "recorded", "found"),
    [
        ("outcome", "approve", "reject"),
        ("outcome", "approve", None),
        ("outcome", None, ""),
        ("outcome", "7", 7),
        ("decided_at", 1, 2),
        ("decided_at", 1, True),
        ("decided_at", 1, 1.0),
        ("unconfirmed", True, 0),
        ("unconfirmed", False, 1),
        ("unconfirmed", True, 2),
        ("unconfirmed", True, "1"),
        ("unconfirmed", False, None),
        ("recorded_afterwards", False, 1),
        ("recorded_afterwards", True, "true"),
        ("session_event_id", UUID, "e1"),
        ("session_event_id", UUID, None),
        ("session_event_id", None, UUID),
        ("claimed_by", UUID, UUID.upper()),
        ("earlier_decision", EARLIER, '{"outcome": "reject", "was_confirmed": false}'),
        ("earlier_decision", EARLIER, '{"outcome": "approve", "was_confirmed": true}'),
        ("earlier_decision", EARLIER, "{"),
        ("earlier_decision", EARLIER, "[" * 100_000),
        ("earlier_decision", EARLIER, "[1]"),
        ("earlier_decision", EARLIER, "null"),
        ("earlier_decision", EARLIER, None),
        ("earlier_decision", None, json.dumps(EARLIER)),
        ("note", EARLIER, json.dumps(EARLIER)),
    ],
    ids=lambda value: str(value)[:24],
)
def test_any_other_value_is_a_difference(name: str, recorded: object, found: object) -> None:
    """Also one of another type: a database that was changed can hold anything."""
    assert is_same(name, recorded, found) is False
