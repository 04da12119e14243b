"""The times that follow from a change."""

from collections.abc import Callable

import pytest

from bot.reviews.change import Change
from bot.reviews.deadlines import Deadlines, TimerBasis, timed, timer_basis
from bot.reviews.policy import Policy
from bot.reviews.review import Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import apply_event

NOW = 9_000
DEADLINES = Deadlines(claim_within_ms=1_000, decide_within_ms=10_000)

ReviewIn = Callable[[Status], Review]


@pytest.mark.parametrize(
    ("state", "due_at"), [(SessionState.REVIEW, NOW + 1_000), (SessionState.VERIFIED, None)]
)
def test_a_new_review_must_be_claimed_in_time(state: SessionState, due_at: int | None) -> None:
    """The time is that of its queue; nothing is due after a verdict that came first."""
    event = SessionEvent("event-1", 8_000, "session-1", state, type="kyc", received_at=NOW)
    change = apply_event(None, event, {"user": Policy(deadlines=DEADLINES)})
    assert isinstance(change, Change)
    assert (change.after.status_since, change.after.due_at) == (NOW, due_at)


@pytest.mark.parametrize(
    ("before", "after", "status_since", "due_at"),
    [
        (Status.OPEN, Status.OPEN, 5_000, 6_000),
        (Status.OPEN, Status.CLAIMED, NOW, 15_000),
        (Status.CLAIMED, Status.CLAIMED, 6_000, 15_000),
        (Status.CLAIMED, Status.OPEN, NOW, 10_000),
        (Status.CLAIMED, Status.PROPOSED, NOW, 15_000),
        (Status.PROPOSED, Status.DECIDED, NOW, None),
        (Status.DECIDED, Status.CLOSED, NOW, None),
    ],
)
def test_the_status_is_as_old_as_its_last_change(
    review_in: ReviewIn, before: Status, after: Status, status_since: int, due_at: int | None
) -> None:
    """Opened at 5 s, a decision is due at 15 s whoever has the review; what is done is due no more."""
    changed = timed(review_in(before), review_in(after), DEADLINES, NOW)
    expected = NOW if before is not after else review_in(before).status_since
    assert (changed.status_since, changed.due_at) == (expected, due_at)
    assert changed.status_since == status_since


def test_what_was_never_open_has_no_times_to_keep(review_in: ReviewIn) -> None:
    """A verdict that came first is due for nobody."""
    closed = review_in(Status.CLOSED)._replace(opened_at=None)
    assert timer_basis(closed) is None
    assert timed(closed, closed, DEADLINES, NOW).due_at is None


def test_a_review_from_before_there_were_times_counts_from_its_opening(review_in: ReviewIn) -> None:
    """Rows of an older bot know no more."""
    old = review_in(Status.CLAIMED)._replace(status_since=None, active_at=None)
    assert timer_basis(old) == TimerBasis(Status.CLAIMED, 5_000, 5_000, 5_000)


def test_without_a_sign_of_life_the_status_is_one(review_in: ReviewIn) -> None:
    """Nothing is known of the holder but since when they are."""
    review = review_in(Status.CLAIMED)._replace(active_at=None)
    assert timer_basis(review) == TimerBasis(Status.CLAIMED, 5_000, 6_000, 6_000)
