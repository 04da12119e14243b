"""What the decision webhook reports: decisions that count, their end, and Ralio's verdicts."""

from dataclasses import replace

import pytest

from bot.reviews.decision_update import DecisionSharing, DecisionUpdate, UpdateType, decision_update
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import EntityType, Review, SessionState, Status

POLICY = Policy(
    outcomes={
        "approve": Outcome("Approve", expects=SessionState.VERIFIED),
        "reject": Outcome("Reject", expects=SessionState.REJECTED),
        "other": Outcome("Other"),
    }
)
OPEN = Review(
    session_id="session-1",
    entity_type=EntityType.RELATED_PARTY,
    queue="related-party",
    session_state=SessionState.REVIEW,
    session_event_at=100,
    session_event_id="event-1",
    status=Status.OPEN,
    subject_id="subject",
    opened_at=100,
)
CLAIMED = OPEN._replace(status=Status.CLAIMED, claimed_by="UANNA")
PROPOSED = CLAIMED._replace(
    status=Status.PROPOSED,
    outcome="reject",
    reason="r",
    note="n",
    decided_by="UANNA",
    decided_at=200,
    unconfirmed=True,
)
DECIDED = PROPOSED._replace(status=Status.DECIDED, confirmed_by="UBORIS", confirmed_at=300, unconfirmed=False)
CLOSED = OPEN._replace(status=Status.CLOSED, session_state=SessionState.VERIFIED)
CLOSED_DECIDED = DECIDED._replace(status=Status.CLOSED, session_state=SessionState.VERIFIED, claimed_by=None)
REJECTED = CLOSED._replace(session_state=SessionState.REJECTED)
CLOSED_PROPOSED = PROPOSED._replace(
    status=Status.CLOSED, session_state=SessionState.VERIFIED, claimed_by=None
)
RECORDED_AFTERWARDS = CLOSED._replace(outcome="approve", decided_by="UANNA", decided_at=400)


def _update(
    before: Review | None, after: Review, sharing: DecisionSharing = DecisionSharing.WITHOUT_NOTE
) -> DecisionUpdate | None:
    return decision_update(before, after, POLICY, sharing, 500)


@pytest.mark.parametrize(
    ("before", "after", "type_"),
    [
        (None, OPEN, None),
        (None, CLOSED, None),
        (OPEN, CLAIMED, None),
        (CLAIMED, OPEN, None),
        (CLAIMED, PROPOSED, None),
        (PROPOSED, CLAIMED, None),
        (CLAIMED, DECIDED, UpdateType.DECIDED),
        (PROPOSED, DECIDED, UpdateType.DECIDED),
        (CLOSED, RECORDED_AFTERWARDS, UpdateType.DECIDED),
        (CLOSED_PROPOSED, RECORDED_AFTERWARDS, UpdateType.DECIDED),
        (DECIDED, DECIDED._replace(version=9), None),
        (DECIDED, OPEN, UpdateType.REOPENED),
        (CLOSED, OPEN, UpdateType.REOPENED),
        (CLOSED_DECIDED, OPEN, UpdateType.REOPENED),
        (OPEN, CLOSED, UpdateType.CLOSED),
        (PROPOSED, CLOSED_PROPOSED, UpdateType.CLOSED),
        (DECIDED, CLOSED_DECIDED, UpdateType.CLOSED),
        (CLOSED, CLOSED._replace(version=9), None),
        (CLOSED, REJECTED, UpdateType.CLOSED),
        (CLOSED._replace(opened_at=None), OPEN, None),
        (CLOSED._replace(opened_at=None), REJECTED._replace(opened_at=None), None),
    ],
)
def test_what_is_reported(before: Review | None, after: Review, type_: UpdateType | None) -> None:
    """What was decided, undone or closed; never what was only proposed, or never came to review."""
    update = _update(before, after)
    assert (update and update.type) == type_


def test_a_proposal_that_a_verdict_closed_is_no_decision() -> None:
    """Only what was recorded afterwards is, with the verdict that it goes with."""
    closed = _update(PROPOSED, CLOSED_PROPOSED._replace(confirmed_by="UBORIS", confirmed_at=300))
    assert closed is not None
    assert (closed.outcome, closed.reason, closed.decided_by, closed.decided_at) == (None, None, None, None)
    assert (closed.confirmed_by, closed.confirmed_at, closed.agrees) == (None, None, None)
    recorded = _update(CLOSED_PROPOSED, RECORDED_AFTERWARDS)
    assert recorded is not None
    assert (recorded.outcome, recorded.decided_by, recorded.decided_at) == ("approve", "UANNA", 400)
    assert (recorded.verdict, recorded.agrees) == (SessionState.VERIFIED, True)


def test_nothing_is_reported_where_nobody_listens() -> None:
    """Without a webhook no delivery is queued."""
    assert _update(CLAIMED, DECIDED, DecisionSharing.NOTHING) is None


def test_a_decision_is_copied_without_the_note() -> None:
    """Unless it is shared."""
    update = _update(PROPOSED, DECIDED)
    assert update == DecisionUpdate(
        type=UpdateType.DECIDED,
        at=500,
        version=1,
        session_id="session-1",
        entity_type=EntityType.RELATED_PARTY,
        subject_id="subject",
        queue="related-party",
        outcome="reject",
        reason="r",
        decided_by="UANNA",
        decided_at=200,
        confirmed_by="UBORIS",
        confirmed_at=300,
        verdict=None,
        agrees=None,
    )
    shared = _update(PROPOSED, DECIDED, DecisionSharing.WITH_NOTE)
    assert shared == replace(update, shares_note=True, note="n")


@pytest.mark.parametrize(
    ("outcome", "verdict", "agrees"),
    [
        ("reject", SessionState.REJECTED, True),
        ("reject", SessionState.VERIFIED, False),
        ("reject", SessionState.EXPIRED, False),
        ("other", SessionState.VERIFIED, None),
        ("no_longer_configured", SessionState.VERIFIED, None),
        (None, SessionState.VERIFIED, None),
    ],
)
def test_whether_the_verdict_agrees(
    outcome: str | None, verdict: SessionState, *, agrees: bool | None
) -> None:
    """With the verdict that the outcome expects."""
    update = _update(DECIDED, CLOSED_DECIDED._replace(outcome=outcome, session_state=verdict))
    assert update is not None
    assert (update.verdict, update.agrees) == (verdict, agrees)
