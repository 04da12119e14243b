"""What the entries of Ralio's events say about the review, and what those of older versions leave open."""

import pytest

from tests.support.stored_entries import DECIDED, DECIDED_BEFORE, Entry, replay_of, stored_entry

CHECKS, SAME_CHECKS, OTHER_CHECKS = (
    '[["document", "refused", ["A", "B"], null, 0]]',
    '[["document", "refused", ["B", "A"], "identity", 0]]',
    '[["document", "refused", ["A"], null, 0]]',
)
NO_CLAIM = {"claimed_by": None, "claimed_at": None}
NOTHING_DONE = {
    **NO_CLAIM,
    **dict.fromkeys(
        ("outcome", "reason", "note", "decided_by", "decided_at", "confirmed_by", "confirmed_at")
    ),
    "unconfirmed": False,
    "recorded_afterwards": False,
    "escalated_by": None,
    "escalated_at": None,
}
NO_HOLD = {"hold_reason": None, "placed_by": None, "placed_at": None}
NO_SNOOZE = {"snoozed_until": None, "snooze_reason": None}


def _event(
    action: str, from_status: str | None, to_status: str, at: object = 5_000, **detail: object
) -> Entry:
    """The entry of an event: `e1`, which happened a second before it arrived."""
    sealed: dict[str, object] = {"event_id": "e1", "session_state": "REVIEW", "occurred_at": "4000"}
    sealed |= {"entity_type": "user", "subject_id": "user-1"} | detail
    return stored_entry(action, at, "ralio", from_status, to_status, **sealed)


def _older(action: str, from_status: str | None, to_status: str, **detail: object) -> Entry:
    """The entry of an event as older versions wrote it: without its time and what came with it."""
    sealed = {"event_id": "e1", "session_state": "REVIEW"} | detail
    return stored_entry(action, 5_000, "ralio", from_status, to_status, **sealed)


RECEIVED = _event("receive", None, "open", checks=CHECKS)
CLOSED = _event("close", "open", "closed", 7_000, event_id="e2", session_state="VERIFIED", occurred_at="6000")
OF_AN_EVENT = {
    "session_state": "REVIEW",
    "session_event_id": "e1",
    "session_event_at": 4_000,
    "entity_type": "user",
    "queue": "user",
    "subject_id": "user-1",
    "disagreement": None,
}


def test_the_first_event_opens_the_review() -> None:
    """Nothing is done yet."""
    assert replay_of(RECEIVED).values == {
        **OF_AN_EVENT,
        **NOTHING_DONE,
        **NO_SNOOZE,
        **NO_HOLD,
        "pauses": "[]",
        "status": "open",
        "opened_at": 5_000,
        "checks": CHECKS,
        "fetched_checks": "[]",
        "verdict_checks": "[]",
        "earlier_decision": None,
    }


def test_a_review_that_was_just_opened_was_never_snoozed() -> None:
    """Its first snooze is its first pause."""
    snoozed = stored_entry("snooze", 6_000, until="1970-01-01T00:00:08+00:00")
    assert replay_of(RECEIVED).pauses == replay_of(_event("close", None, "closed")).pauses == []
    assert replay_of(RECEIVED, snoozed).pauses == [(6_000, 8_000)]


def test_a_verdict_that_comes_first_closes_a_review_that_was_never_opened() -> None:
    """Its checks are the verdict's."""
    first = _event("close", None, "closed", session_state="VERIFIED", checks=CHECKS)
    assert replay_of(first).values == {
        **OF_AN_EVENT,
        **NOTHING_DONE,
        **NO_SNOOZE,
        **NO_HOLD,
        "pauses": "[]",
        "status": "closed",
        "session_state": "VERIFIED",
        "opened_at": None,
        "earlier_decision": None,
        "checks": "[]",
        "fetched_checks": "[]",
        "verdict_checks": CHECKS,
    }


def test_a_verdict_frees_the_claim_and_keeps_the_decision() -> None:
    """Who decided what stays readable on the closed card."""
    claimed, resolved = stored_entry("claim"), stored_entry("resolve", outcome="approve")
    values = replay_of(RECEIVED, claimed, resolved, CLOSED).values
    assert (values["claimed_by"], values["claimed_at"]) == (None, None)
    assert (values["outcome"], values["decided_by"], values["opened_at"]) == ("approve", "UANA", 5_000)
    assert (values["status"], values["session_state"]) == ("closed", "VERIFIED")
    assert (values["session_event_id"], values["session_event_at"]) == ("e2", 6_000)


def test_an_event_can_move_a_review_that_was_never_opened() -> None:
    """Its queue is that of the entity type."""
    moved = _event("receive", "closed", "open", entity_type="related-party", subject_id=None)
    values = replay_of(_event("close", None, "closed"), moved).values
    assert (values["entity_type"], values["queue"]) == ("related-party", "related-party")
    assert values["subject_id"] is None


def test_an_event_that_keeps_the_status_keeps_the_work() -> None:
    """Only what the event says is new."""
    before = [RECEIVED, stored_entry("claim"), stored_entry("escalate")]
    again = _event("receive", "claimed", "claimed", 9_000, event_id="e3", occurred_at="8000")
    assert replay_of(*before, again).values == replay_of(*before).values | {
        "session_event_id": "e3",
        "session_event_at": 8_000,
    }


@pytest.mark.parametrize(("from_status", "to_status"), [("decided", "open"), ("closed", "open")])
def test_an_event_that_opens_the_review_again_empties_it(from_status: str, to_status: str) -> None:
    """The decision becomes the earlier one, and the verdict is over."""
    before = [RECEIVED, stored_entry("claim"), stored_entry("resolve", **DECIDED), CLOSED]
    again = _event("receive", from_status, to_status, 9_000, disagreement="contradicts")
    values = replay_of(*before, again).values
    assert values == values | NOTHING_DONE
    assert (values["opened_at"], values["pauses"], values["verdict_checks"]) == (9_000, "[]", "[]")
    assert values["disagreement"] is None
    assert values["earlier_decision"] == DECIDED_BEFORE


def test_an_open_review_is_not_opened_again() -> None:
    """It keeps the time since when it has waited."""
    again = _event("receive", "open", "open", 9_000)
    assert replay_of(RECEIVED, again).values["opened_at"] == 5_000


@pytest.mark.parametrize(
    ("occurred_at", "at", "ordered_at"),
    [("4000", 5_000, 4_000), ("305000", 5_000, 305_000), ("305001", 5_000, 305_000)],
)
def test_the_time_of_an_event_is_at_most_five_minutes_ahead(
    occurred_at: str, at: int, ordered_at: int
) -> None:
    """Ralio's clock can be fast; what was sealed is its own time."""
    replay = replay_of(_event("receive", None, "open", at, occurred_at=occurred_at))
    assert replay.values["session_event_at"] == ordered_at
    assert replay.event_times == {"e1": (int(occurred_at), at)}


@pytest.mark.parametrize(
    ("occurred_at", "at"), [("soon", 5_000), (4_000, 5_000), ("4" * 20, 5_000), ("", 5_000), ("٤", 5_000)]
)
def test_a_time_that_cannot_be_read_is_unknown(occurred_at: object, at: object) -> None:
    """The time of the event before it says nothing about this one."""
    replay = replay_of(
        RECEIVED, _event("receive", "open", "open", at, event_id="e9", occurred_at=occurred_at)
    )
    assert "session_event_at" not in replay.values
    assert (replay.events, replay.event_times) == ({"e1", "e9"}, {"e1": (4_000, 5_000)})


def test_a_time_of_receipt_that_is_no_number_leaves_the_order_open() -> None:
    """The times are on record as they are."""
    replay = replay_of(RECEIVED, _event("receive", "open", "open", "now", event_id="e9"))
    assert "session_event_at" not in replay.values
    assert replay.event_times["e9"] == (4_000, "now")


@pytest.mark.parametrize("number", ["4", "4" * 19])
def test_the_largest_time_has_nineteen_digits(number: str) -> None:
    """A 64-bit number."""
    assert replay_of(_event("receive", None, "open", occurred_at=number)).event_times["e1"][0] == int(number)


def test_the_ids_of_events_are_in_one_spelling() -> None:
    """A UUID can be stored in another one."""
    uuid = "0A0B0C0D-1111-2222-3333-444444444444"
    replay = replay_of(_event("receive", None, "open", event_id=uuid))
    assert replay.events == {uuid.lower()}
    assert replay.values["session_event_id"] == uuid.lower()


def test_an_event_whose_id_is_no_text_is_not_known() -> None:
    """The id of the event before it stays."""
    replay = replay_of(RECEIVED, _event("receive", "open", "open", event_id=7))
    assert replay.events == {"e1"}
    assert replay.values["session_event_id"] == "e1"


def test_a_stale_event_is_known_and_changes_nothing() -> None:
    """It was received."""
    stale = _event("close", "open", "open", event_id="e0", occurred_at="1000") | {"refused": "stale"}
    replay = replay_of(RECEIVED, stale)
    assert replay.values == replay_of(RECEIVED).values
    assert replay.events == {"e0", "e1"}
    assert replay.event_times["e0"] == (1_000, 5_000)


def test_only_an_event_has_an_event_id() -> None:
    """In the detail of another action it means nothing."""
    replay = replay_of(stored_entry("claim", event_id="e1", occurred_at="4000", session_state="REVIEW"))
    assert (replay.events, replay.event_times) == (set(), {})
    assert "session_state" not in replay.values


@pytest.mark.parametrize(
    ("checks", "fetched"),
    [(SAME_CHECKS, "[1]"), (CHECKS, "[1]"), (OTHER_CHECKS, "[]"), ("not JSON", "[]")],
)
def test_other_checks_make_those_that_were_fetched_obsolete(checks: str, fetched: str) -> None:
    """Another order of the same ones doesn't."""
    fetching, again = (
        stored_entry("fetch_checks", checks="[1]"),
        _event("receive", "open", "open", checks=checks),
    )
    values = replay_of(RECEIVED, fetching, again).values
    assert (values["checks"], values["fetched_checks"]) == (checks, fetched)


@pytest.mark.parametrize("checks", [{}, {"checks": None}, {"checks": [1]}])
def test_an_event_without_checks_says_nothing_about_them(checks: dict[str, object]) -> None:
    """Those of the event before it still count."""
    again = _event("receive", "open", "open", **checks)
    values = replay_of(RECEIVED, stored_entry("fetch_checks", checks="[1]"), again).values
    assert (values["checks"], values["fetched_checks"]) == (CHECKS, "[1]")


@pytest.mark.parametrize(
    ("state", "checks", "verdict_checks"),
    [
        ("REJECTED", {"checks": OTHER_CHECKS}, OTHER_CHECKS),
        ("VERIFIED", {"checks": OTHER_CHECKS}, OTHER_CHECKS),
        ("REJECTED", {}, "[]"),
        ("VERIFIED", {}, CHECKS),
    ],
)
def test_a_second_verdict_replaces_the_checks_of_the_first(
    state: str, checks: dict[str, object], verdict_checks: str
) -> None:
    """The same verdict without checks says nothing about them."""
    first = _event("close", "open", "closed", session_state="VERIFIED", checks=CHECKS)
    second = _event("close", "closed", "closed", session_state=state, **checks)
    assert replay_of(RECEIVED, first, second).values["verdict_checks"] == verdict_checks


def test_an_event_without_a_state_keeps_the_one_before() -> None:
    """As older versions wrote some."""
    again = stored_entry("receive", 5_000, "ralio", "open", "open", event_id="e2")
    assert replay_of(RECEIVED, again).values["session_state"] == "REVIEW"


def test_an_older_version_did_not_record_what_came_with_an_event() -> None:
    """The record proves nothing about these fields, nor about the event's time."""
    values = replay_of(_older("receive", None, "open")).values
    unknown = {
        "entity_type",
        "queue",
        "subject_id",
        "disagreement",
        "checks",
        "fetched_checks",
        "verdict_checks",
    }
    assert not values.keys() & (unknown | {"session_event_at"})
    assert (values["status"], values["opened_at"], values["earlier_decision"]) == ("open", 5_000, None)


def test_after_an_older_event_what_was_known_of_the_verdict_is_unknown() -> None:
    """The checks and the subject of the review stay."""
    values = replay_of(RECEIVED, CLOSED, _older("close", "closed", "closed", session_state="REJECTED")).values
    assert not values.keys() & {"disagreement", "verdict_checks", "session_event_at"}
    assert (values["checks"], values["entity_type"]) == (CHECKS, "user")


def test_the_first_checks_on_record_leave_open_what_was_fetched_before() -> None:
    """The older event's checks aren't known, so neither is whether these are others."""
    again = _event("receive", "open", "open", checks=CHECKS)
    for fetched in ([], [stored_entry("fetch_checks", checks="[1]")]):
        values = replay_of(_older("receive", None, "open"), *fetched, again).values
        assert values["checks"] == CHECKS
        assert not values.keys() & {"fetched_checks", "verdict_checks"}
