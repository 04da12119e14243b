"""Comparing a review's row with what its entries say."""

from typing import Any

import pytest

from bot.reviews.audit.difference import Difference
from bot.reviews.audit.replay import Replay
from tests.support.stored_entries import Entry, replay_of, stored_entry

RECEIVED = stored_entry("receive", 1, "ralio", None, "open", event_id="e1", session_state="REVIEW")
CLAIMED = stored_entry("claim", 1, "UANA", "open")
FRESH: dict[str, Any] = {
    **dict.fromkeys(("claimed_by", "claimed_at", "outcome", "reason", "note", "decided_by", "decided_at")),
    **dict.fromkeys(("confirmed_by", "confirmed_at", "escalated_by", "escalated_at", "earlier_decision")),
    **dict.fromkeys(("snoozed_until", "snooze_reason", "hold_reason", "placed_by", "placed_at")),
    "id": 7,
    "session_id": "s",
    "status": "open",
    "session_state": "REVIEW",
    "session_event_id": "e1",
    "pauses": "[]",
    "unconfirmed": 0,
    "recorded_afterwards": 0,
    "opened_at": 1,
    "version": 2,
}
"""The row of a review that was just received, as SQLite returns it; an older version recorded the event."""


def _differences(replay: Replay, **found: object) -> list[str]:
    return [str(difference) for difference in replay.differences(FRESH | found)]


def test_a_row_that_is_as_recorded() -> None:
    """Columns that the entries don't hold can be anything."""
    assert _differences(replay_of(RECEIVED)) == []
    assert _differences(replay_of(RECEIVED), checks="[1]", subject_id="user-1") == []


def test_every_field_that_differs_is_named() -> None:
    """With both values."""
    assert _differences(replay_of(RECEIVED, CLAIMED), status="closed", claimed_by="UBEN", claimed_at=1) == [
        "session s: status: recorded claimed, found closed",
        "session s: claimed_by: recorded UANA, found UBEN",
    ]
    assert replay_of(RECEIVED, CLAIMED).differences(FRESH | {"status": "claimed", "claimed_by": "UANA"}) == [
        Difference("s", "claimed_at", 1, None)
    ]


@pytest.mark.parametrize("opened_at", [True, 1.0, "1"])
def test_a_value_of_another_type_is_a_difference(opened_at: object) -> None:
    """Even if it is equal."""
    assert replay_of(RECEIVED).differences(FRESH | {"opened_at": opened_at}) == [
        Difference("s", "opened_at", 1, opened_at)
    ]


def test_a_review_without_entries_is_a_difference() -> None:
    """It was inserted by hand."""
    assert Replay().differences(FRESH) == [Difference("s", "review", "nothing", "review 7")]


@pytest.mark.parametrize("version", [1, 0, "2", None])
def test_a_version_before_the_recorded_one_is_a_difference(version: object) -> None:
    """The row was set back to what it once was."""
    assert replay_of(RECEIVED).differences(FRESH | {"version": version}) == [
        Difference("s", "version", 2, version)
    ]


def test_a_later_version_is_none() -> None:
    """A reminder changes a review without an entry."""
    assert _differences(replay_of(RECEIVED), version=3) == []


PROPOSED = stored_entry("propose", 1, "UANA", "claimed", "proposed", outcome="reject")
VERDICT: dict[str, object] = {"event_id": "e2", "session_state": "VERIFIED"}
CLOSED = stored_entry("close", 1, "ralio", "proposed", "closed", **VERDICT)
CLOSED_ROW = {"status": "closed", "session_state": "VERIFIED", "session_event_id": "e2"}
KEPT = {"outcome": "reject", "decided_by": "UANA", "decided_at": 1, "unconfirmed": True}


def test_an_older_version_removed_a_proposal_that_a_verdict_closed() -> None:
    """Whether it is kept or not is no difference; what is changed in it is one."""
    replay = replay_of(RECEIVED, CLAIMED, PROPOSED, CLOSED)
    assert _differences(replay, **CLOSED_ROW) == []
    assert _differences(replay, **CLOSED_ROW, **KEPT) == []
    assert _differences(replay, **CLOSED_ROW, **(KEPT | {"unconfirmed": False})) == []
    assert _differences(replay, **CLOSED_ROW, **(KEPT | {"outcome": "approve"})) == [
        "session s: outcome: recorded reject, found approve"
    ]
    assert _differences(replay, **CLOSED_ROW, claimed_by="UANA") == [
        "session s: claimed_by: recorded nothing, found UANA"
    ]
    assert _differences(replay, **CLOSED_ROW, decided_by="UANA") == [
        "session s: decided_by: recorded nothing, found UANA"
    ]


@pytest.mark.parametrize(
    "closing",
    [
        stored_entry("close", 1, "ralio", "proposed", "closed", occurred_at="1", **VERDICT),
        stored_entry("close", 1, "ralio", "claimed", "closed", **VERDICT),
    ],
    ids=["this version", "no proposal"],
)
def test_any_other_verdict_keeps_the_proposal(closing: Entry) -> None:
    """So a row without it was changed."""
    replay = replay_of(RECEIVED, CLAIMED, PROPOSED, closing)
    found = {"session_event_at": 1, "entity_type": None, "queue": None, "subject_id": None}
    assert _differences(replay, **CLOSED_ROW, **found, disagreement=None, verdict_checks="[]") == [
        "session s: outcome: recorded reject, found nothing",
        "session s: decided_by: recorded UANA, found nothing",
        "session s: decided_at: recorded 1, found nothing",
        "session s: unconfirmed: recorded True, found 0",
    ]


RESOLVED = stored_entry("resolve", 1, "UANA", "claimed", "decided", outcome="approve")
REOPENED = stored_entry("reopen", 1, "UANA", "decided", "open", policy="0a")
OPENED_AGAIN = stored_entry("receive", 1, "ralio", "closed", "open", event_id="e3", session_state="REVIEW")


def test_of_a_proposal_that_may_have_been_removed_no_earlier_decision_is_known() -> None:
    """A later decision is known again."""
    replay = replay_of(RECEIVED, CLAIMED, PROPOSED, CLOSED, OPENED_AGAIN)
    assert "earlier_decision" not in replay.values
    assert _differences(replay, session_event_id="e3") == []
    assert _differences(replay, session_event_id="e3", outcome="approve") == [
        "session s: outcome: recorded nothing, found approve"
    ]
    twice = [CLAIMED, PROPOSED, CLOSED, OPENED_AGAIN] * 2
    assert "earlier_decision" not in replay_of(RECEIVED, *twice).values
    again = replay_of(RECEIVED, CLAIMED, PROPOSED, CLOSED, OPENED_AGAIN, RESOLVED, REOPENED)
    assert [each.field for each in again.differences(FRESH | {"session_event_id": "e3"})] == [
        "earlier_decision"
    ]


EARLIER = (
    '{"outcome": "approve", "reason": null, "note": null, "decided_by": "UANA", "decided_at": 1, '
    '"confirmed_by": null, "confirmed_at": null, "unconfirmed": false}'
)


@pytest.mark.parametrize(
    ("again", "found"),
    [
        (stored_entry("reopen", 1, "UANA", "decided", "open"), {}),
        (
            stored_entry("receive", 1, "ralio", "decided", "open", event_id="e3", session_state="REVIEW"),
            {"session_event_id": "e3"},
        ),
    ],
    ids=["reopened", "received again"],
)
def test_an_older_version_did_not_keep_the_earlier_decision(again: Entry, found: dict[str, object]) -> None:
    """Whether it is kept or not is no difference; what is changed in it is one."""
    replay = replay_of(RECEIVED, CLAIMED, RESOLVED, again)
    assert _differences(replay, **found) == []
    assert _differences(replay, **found, earlier_decision=EARLIER) == []
    changed = EARLIER.replace("approve", "reject")
    assert [each.field for each in replay.differences(FRESH | found | {"earlier_decision": changed})] == [
        "earlier_decision"
    ]


@pytest.mark.parametrize(
    "again",
    [
        REOPENED,
        stored_entry(
            "receive", 1, "ralio", "decided", "open", event_id="e1", occurred_at="1", entity_type="user"
        ),
    ],
    ids=["reopened", "received again"],
)
def test_this_version_keeps_the_earlier_decision(again: Entry) -> None:
    """So a row without it was changed."""
    replay = replay_of(RECEIVED, CLAIMED, RESOLVED, again)
    found = {"session_event_at": 1, "entity_type": "user", "queue": "user", "subject_id": None}
    row = FRESH | found | {"disagreement": None, "verdict_checks": "[]"}
    assert [each.field for each in replay.differences(row)] == ["earlier_decision"]
    assert replay.differences(row | {"earlier_decision": EARLIER}) == []
