"""What a review's row holds of time: since when it is in its status, and until when the next step has to be done."""

from dataclasses import replace

from bot.reviews.deadlines import Deadlines, TimerBasis, due_at
from bot.reviews.review import Review


def timer_basis(review: Review) -> TimerBasis | None:
    """What the review's timers depend on; None for one that was never open."""
    if review.opened_at is None:
        return None
    status_since = review.status_since or review.opened_at
    return TimerBasis(review.status, review.opened_at, status_since, review.active_at or status_since)


def timed(before: Review | None, after: Review, deadlines: Deadlines, now: int) -> Review:
    """The changed review with the times that follow from the change at `now` (milliseconds)."""
    status_since = after.status_since if before is not None and before.status is after.status else now
    if status_since != after.status_since:
        after = replace(after, status_since=status_since)
    basis = timer_basis(after)
    due = due_at(basis, deadlines) if basis else None
    return after if due == after.due_at else replace(after, due_at=due)
