"""Whether a verdict of Ralio fits what was decided here."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.reviews.change import Change
from bot.reviews.decide import decide
from bot.reviews.permissions import Roster
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import Action, Disagreement, Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import apply_event
from tests.support.actions import action_request, authority

VERIFIED, REJECTED, EXPIRED = SessionState.VERIFIED, SessionState.REJECTED, SessionState.EXPIRED
CONTRADICTS, UNDECIDED = Disagreement.CONTRADICTS, Disagreement.UNDECIDED
QUEUES = {
    "user": Policy(
        Roster(leads=frozenset({"ULEA"})),
        outcomes={
            "approve": Outcome("Approve", expects=VERIFIED),
            "reject": Outcome("Reject", expects=REJECTED),
            "other": Outcome("Something else"),
        },
    )
}

ReviewIn = Callable[[Status], Review]


def _after(review: Review | None, state: SessionState, at: int = 2_000) -> Review:
    step = apply_event(
        review, SessionEvent(f"event-{at}", at, "session-1", state, type="kyc", received_at=9_000), QUEUES
    )
    assert isinstance(step, Change)
    return step.after


@pytest.mark.parametrize(
    ("outcome", "verdict", "expected"),
    [
        ("approve", VERIFIED, None),
        ("approve", REJECTED, CONTRADICTS),
        ("approve", EXPIRED, CONTRADICTS),
        ("reject", VERIFIED, CONTRADICTS),
        ("reject", REJECTED, None),
        ("reject", EXPIRED, CONTRADICTS),
        ("other", VERIFIED, None),
        ("other", REJECTED, None),
        ("other", EXPIRED, None),
        ("no longer configured", VERIFIED, None),
        ("no longer configured", REJECTED, None),
        ("no longer configured", EXPIRED, None),
    ],
)
def test_a_decision_expects_its_own_verdict(
    review_in: ReviewIn, outcome: str, verdict: SessionState, expected: Disagreement | None
) -> None:
    """Any other contradicts it; an outcome that expects none, or that is not known, agrees with all."""
    decided = replace(review_in(Status.DECIDED), outcome=outcome)
    assert _after(decided, verdict).disagreement is expected


@pytest.mark.parametrize("status", [Status.OPEN, Status.CLAIMED, Status.PROPOSED])
@pytest.mark.parametrize(
    ("verdict", "expected"), [(VERIFIED, UNDECIDED), (REJECTED, UNDECIDED), (EXPIRED, None)]
)
def test_a_verdict_without_a_decision_is_noticed(
    review_in: ReviewIn, status: Status, verdict: SessionState, expected: Disagreement | None
) -> None:
    """What was only proposed was not decided, and lapses; a session that expired was decided by nobody."""
    after = _after(review_in(status), verdict)
    assert after.disagreement is expected
    assert (after.outcome, after.decided_by, after.note) == (None, None, None)


@pytest.mark.parametrize("verdict", [VERIFIED, REJECTED, EXPIRED])
def test_a_verdict_that_comes_first_disagrees_with_nobody(verdict: SessionState) -> None:
    """There was no review here that could have been decided, also when Ralio says so twice."""
    first = _after(None, verdict)
    assert first.disagreement is None
    assert _after(first, verdict, at=3_000).disagreement is None


def test_a_later_verdict_is_compared_anew(review_in: ReviewIn) -> None:
    """Ralio corrects itself, and agrees after all."""
    first = _after(review_in(Status.DECIDED), REJECTED)
    second = _after(first, VERIFIED, at=3_000)
    assert (first.disagreement, second.disagreement) == (CONTRADICTS, None)


def test_a_reopened_review_disagrees_no_more(review_in: ReviewIn) -> None:
    """It is to be decided again, and the old decision fits no later verdict."""
    closed = _after(review_in(Status.DECIDED), REJECTED)
    again = _after(closed, SessionState.REVIEW, at=3_000)
    assert again.disagreement is None
    assert _after(again, VERIFIED, at=4_000).disagreement is UNDECIDED


def test_a_decision_that_a_lead_took_back_is_none(review_in: ReviewIn) -> None:
    """Reopened before the verdict came, it agrees with nothing."""
    step = decide(
        review_in(Status.DECIDED),
        action_request(Action.REOPEN, "ULEA", requested_at=8_500),
        authority(QUEUES["user"]),
    )
    assert isinstance(step, Change)
    assert _after(step.after, VERIFIED).disagreement is UNDECIDED


def test_a_decision_in_a_queue_that_the_file_no_longer_has_contradicts_nothing(review_in: ReviewIn) -> None:
    """Nobody can say what its outcomes expected; the verdict closes it all the same."""
    closed = _after(replace(review_in(Status.DECIDED), queue="company", outcome="reject"), VERIFIED)
    assert (closed.status, closed.disagreement) == (Status.CLOSED, None)
