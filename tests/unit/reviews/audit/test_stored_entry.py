"""What the detail of a stored entry says; in a database that was changed, it can hold anything."""

import pytest

from bot.reviews.audit.stored_entry import (
    ReceivedEvent,
    StoredEntry,
    evidence_of,
    milliseconds,
    received_event,
)
from bot.reviews.checks import Check, Checks


def test_an_entry_is_read_from_its_row_by_name() -> None:
    """Other columns don't matter."""
    row = {name: name.upper() for name in reversed(StoredEntry._fields)} | {"seal": "sha256:0a"}
    assert StoredEntry.of(row) == StoredEntry(
        *("REVIEW_ID", "AT", "ACTOR", "ACTION", "FROM_STATUS", "TO_STATUS", "VERSION", "REFUSED", "DETAIL")
    )


@pytest.mark.parametrize(
    ("detail", "event"),
    [
        ({"event_id": "e1", "occurred_at": "4000"}, ReceivedEvent("e1", 4_000)),
        ({"event_id": "e1"}, ReceivedEvent("e1", None)),
        ({"occurred_at": "4000"}, ReceivedEvent(None, 4_000)),
        ({"event_id": 7, "occurred_at": 4_000}, ReceivedEvent(None, None)),
        ({"event_id": "e1", "occurred_at": "9" * 19}, ReceivedEvent("e1", 10**19 - 1)),
        ({"event_id": "e1", "occurred_at": "9" * 20}, ReceivedEvent("e1", None)),
        ({"event_id": "e1", "occurred_at": "-1"}, ReceivedEvent("e1", None)),
        ({"event_id": "e1", "occurred_at": "\N{ARABIC-INDIC DIGIT ONE}"}, ReceivedEvent("e1", None)),
        (
            {"event_id": "{0A0B0C0D-1111-2222-3333-444444444444}"},
            ReceivedEvent("0a0b0c0d-1111-2222-3333-444444444444", None),
        ),
    ],
)
def test_the_event_of_an_entry(detail: dict[str, object], event: ReceivedEvent) -> None:
    """Its id is in one spelling; what can't be read is unknown."""
    assert received_event(detail) == event


@pytest.mark.parametrize(
    "text",
    ['[["document", "refused", ["A", "B"]]]', '[["document", "refused", ["B", "A", "A"], "identity", 0]]'],
)
def test_checks_are_the_same_evidence_in_any_order(text: str) -> None:
    """Their category doesn't count."""
    assert evidence_of(text) == Checks((Check("document", "refused", ("B", "A")),)).evidence


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[", "7", "{}", "null", '[["document"]]', "[[1, 2, 3]]", "[" * 100_000),
        *('[[{}, "refused", []]]', '[["document", [], []]]', '[["document", "refused", [7]]]'),
        *('[["document", "refused", ["A"], {}]]', '[["document", "refused", ["A"], null, "many"]]'),
        *('[["document", "refused", ["A"], null, Infinity]]', '[["document", "refused", ["A"], null, 1.5]]'),
    ],
)
def test_a_text_without_checks_is_evidence_of_itself(text: str) -> None:
    """It equals no other text."""
    assert evidence_of(text) == text


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:08+00:00", 8_000),
        ("1970-01-01T01:00:08.0004+01:00", 8_000),
        ("1970-01-01T00:00:08.999900+00:00", 9_000),
        ("2026-03-20T15:00:00+00:00", 1_774_018_800_000),
        ("tomorrow", None),
        (None, None),
        (8_000, None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_a_time_in_iso_8601(text: object, at: int | None) -> None:
    """To the nearest millisecond."""
    assert milliseconds(text) == at
