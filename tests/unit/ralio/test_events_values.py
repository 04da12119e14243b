"""Ralio's events: single values at their limits, each put into an event that is right otherwise."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.ralio.events import parse
from bot.ralio.schema import MAX_WORD
from bot.reviews.checks import Check
from bot.reviews.review import (
    SessionEvent,
)


def _event(*, timestamp: object = "2026-03-17T16:41:28.447Z", **data: object) -> SessionEvent:
    content = {
        "eventId": "event-1",
        "eventType": "kyc_session_manual_review",
        "timestamp": timestamp,
        "data": {"sessionId": "session-1", "userId": "user-1", "entityType": "user"} | data,
    }
    parsed = parse(json.dumps(content).encode(), 9_000)
    assert isinstance(parsed, SessionEvent), parsed
    return parsed


def _check(**values: object) -> Check:
    (check,) = _event(checks=[values]).checks
    return check


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        ("2026-03-17T16:41:28Z", 1_773_765_688_000),
        ("2026-03-17T16:41:28.4Z", 1_773_765_688_400),
        ("2026-03-17T16:41:28.447000Z", 1_773_765_688_447),
        ("2026-03-17T16:41:28.447+00:00", 1_773_765_688_447),
        ("2026-03-17T22:11:28.447+05:30", 1_773_765_688_447),
        ("2026-03-17T11:41:28.4470001-05:00", 1_773_765_688_447),
        ("2026-03-17 16:41:28.447Z", 1_773_765_688_447),
        ("2000-01-01T00:00:00Z", 946_684_800_000),
        ("2026-03-17t16:41:28.447z", 1_773_765_688_447),
        ("  2026-03-17T16:41:28.447Z\n", 1_773_765_688_447),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("2016-12-31t23:59:60.250z", 1_483_228_800_250),
        ("2016-12-31T15:59:60-08:00", 1_483_228_800_000),
        ("2017-01-01T05:29:60+05:30", 1_483_228_800_000),
    ],
)
def test_a_time_is_read_to_the_millisecond(timestamp: str, at: int) -> None:
    """Ralio writes three or seven fractional digits, in UTC or with an offset."""
    assert _event(timestamp=timestamp).occurred_at == at


@pytest.fixture
def _machine_in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_machine_in_new_york")
def test_a_time_without_an_offset_is_in_utc_wherever_the_machine_is() -> None:
    """The machine's own time zone says nothing about Ralio's."""
    assert _event(timestamp="2026-03-17T16:41:28.447").occurred_at == 1_773_765_688_447


@settings(max_examples=200, deadline=None)
@given(st.integers(1_577_836_800_000, 2_145_916_799_999))  # the years 2020 to 2037
def test_no_millisecond_is_lost(at: int) -> None:
    """Two events a millisecond apart are never of the same moment."""
    seconds, milliseconds = divmod(at, 1000)
    moment = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    assert _event(timestamp=f"{moment}.{milliseconds:03d}Z").occurred_at == at


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (1, "validated"),
        (2, "refused"),
        ("1", "validated"),
        ("Validated", "validated"),
        ("REFUSED", "refused"),
        (3, "3"),
        ("In progress", "in progress"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_checks_state_is_a_word(state: object, shown: str) -> None:
    """Older copies write a text, newer ones a number."""
    assert _check(type="document", state=state) == Check("document", shown)


@pytest.mark.parametrize(
    ("reason", "codes"),
    [
        ({"type": "document", "code": "EXPIRED"}, ("EXPIRED",)),
        ({"type": "document"}, ("document",)),
        ({"type": "document", "code": None}, ("document",)),
        ({"code": 17}, ("17",)),
        ({"message": "Jane's passport"}, ()),
        ({}, ()),
    ],
)
def test_a_reason_is_its_code_or_else_its_type(reason: dict[str, object], codes: tuple[str, ...]) -> None:
    """A reason's message is free text and never read."""
    assert _check(type="document", state=2, reasons=[reason]).codes == codes


def test_the_categories_of_the_reasons_are_kept_once_each() -> None:
    """They say in a word what kind of trouble it is; what is no code is not kept."""
    categories = ["DOC", None, "AML", "DOC", "", 7, "Jane Doe"]
    reasons = [{"code": f"C{number}", "category": category} for number, category in enumerate(categories)]
    assert _check(type="document", state=2, reasons=reasons).category == "DOC, AML"


@pytest.mark.parametrize("reasons", [None, []])
def test_a_check_needs_no_reasons(reasons: object) -> None:
    """A validated one has none."""
    assert _check(type="document", state=1, reasons=reasons).codes == ()


def test_a_check_without_a_type_is_still_shown() -> None:
    """It was made, so that its state counts."""
    assert _check(state=2) == Check("check", "refused")


def test_long_words_are_cut_and_control_characters_dropped() -> None:
    """A word is machine-readable and short, whatever is sent in its place."""
    check = _check(type="a\nb\x00c\u202e", state="S" * 500, reasons=[{"code": "C" * 500}])
    assert check == Check("abc", "s" * MAX_WORD, ("C" * MAX_WORD,))


def test_many_checks_and_codes_are_all_read() -> None:
    """The review sorts them before it cuts them, and counts the rest."""
    reasons = [{"code": f"C{number}"} for number in range(25)]
    checks = _event(checks=[{"type": "t", "state": 2, "reasons": reasons}] * 60).checks
    assert len(checks) == 60
    assert {check.codes for check in checks} == {tuple(f"C{number}" for number in range(25))}


@pytest.mark.parametrize("session_id", ["a", "A.b:c_d-9", "x" * 128, "4711"])
def test_any_opaque_id_is_taken(session_id: str) -> None:
    """UUIDs are documented; a review is not lost over another form."""
    assert _event(sessionId=session_id).session_id == session_id


@pytest.mark.parametrize("entity_type", [None, "", "  "])
def test_a_blank_entity_type_counts_as_missing(entity_type: object) -> None:
    """A session without one is a user's."""
    assert _event(entityType=entity_type).entity_type is None


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
@example(b"")
@example(b"\x00")
@example(b"\xef\xbb\xbf{}")
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"1" * 100_000)
@example(b"NaN")
def test_no_bytes_raise(body: bytes) -> None:
    """A webhook that breaks the bot would be repeated for ever."""
    parse(body, 9_000)


@settings(max_examples=200, deadline=None)
@given(_json)
def test_no_json_raises(content: object) -> None:
    """Whatever shape it has."""
    parse(json.dumps(content).encode(), 9_000)


_KEYS = ["sessionId", "entityType", "userId", "relatedPartyId", "checks"]


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {"eventType": st.just("kyc_session_manual_review")},
        optional={
            "eventId": _json | st.just("event-1"),
            "id": _json,
            "timestamp": _json | st.datetimes().map(datetime.isoformat),
            "data": _json
            | st.dictionaries(
                st.sampled_from(_KEYS),
                _json
                | st.lists(
                    st.fixed_dictionaries(
                        {},
                        optional={
                            "type": _json,
                            "state": _json,
                            "reasons": st.lists(
                                st.fixed_dictionaries({}, optional={"code": _json, "type": _json})
                            ),
                        },
                    )
                ),
            ),
        },
    )
)
def test_nothing_put_into_the_fields_raises(content: dict[str, object]) -> None:
    """The fields that are read may hold anything."""
    parse(json.dumps(content).encode(), 9_000)


def test_no_millisecond_is_lost_far_in_the_future() -> None:
    """Whole numbers all the way."""
    content = {
        "eventId": "e",
        "eventType": "kyc_session_manual_review",
        "timestamp": "2039-09-07T15:40:20.378Z",
        "data": {"sessionId": "s"},
    }
    parsed = parse(json.dumps(content).encode(), 9_000)
    assert isinstance(parsed, SessionEvent)
    assert parsed.occurred_at % 1_000 == 378


def test_a_blank_id_beside_the_older_one_is_passed_over() -> None:
    """As a null is."""
    content = {
        "eventId": "",
        "id": "e-1",
        "event": "kyc_session_manual_review",
        "timestamp": "2026-03-17T16:41:28Z",
        "data": {"sessionId": "s"},
    }
    parsed = parse(json.dumps(content).encode(), 9_000)
    assert isinstance(parsed, SessionEvent)
    assert parsed.event_id == "e-1"
