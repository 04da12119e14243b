"""What follows from an event of Ralio, whatever order events arrive in."""

from dataclasses import dataclass, replace

from bot.reviews.audit import RALIO, AuditEntry
from bot.reviews.review import (
    FIRST_STATUS,
    TRANSITIONS,
    Action,
    EntityType,
    Review,
    SessionEvent,
    SessionState,
    Status,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A review's newest row and the audit entry that tells how it came about."""

    after: Review
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class Stale:
    """The event is older than what is known: it is recorded and moves nothing back."""

    entry: AuditEntry


def apply_event(review: Review | None, event: SessionEvent, now: int) -> Change | Stale:
    """Say what an event means for its session's review; `review` is None for a session not seen before."""
    if review is None:
        after = _first(event, now)
        return Change(after, _entry(None, after, event, now))
    if not _is_news(review, event):
        entry = AuditEntry(
            now, RALIO, event.action, review.status, review.status, review.version, "stale", _detail(event)
        )
        return Stale(entry)
    after = _next(review, event, now)
    return Change(after, _entry(review, after, event, now))


def _is_news(review: Review, event: SessionEvent) -> bool:
    """Compare by the time that Ralio gave the events.

    On equal times a verdict beats a review (a session cannot come to review after its own verdict), a further
    review event counts (reopening once too often is better than a lost review), and of two verdicts the
    higher event id wins, so that every order of arrival ends in the same state.
    """
    if event.occurred_at != review.session_event_at:
        return event.occurred_at > review.session_event_at
    if event.state is SessionState.REVIEW:
        return review.session_state is SessionState.REVIEW
    return review.session_state is SessionState.REVIEW or event.event_id > review.session_event_id


def _first(event: SessionEvent, now: int) -> Review:
    entity_type = event.entity_type or EntityType.USER
    return Review(
        session_id=event.session_id,
        entity_type=entity_type,
        queue=entity_type.value,
        session_state=event.state,
        session_event_at=event.occurred_at,
        session_event_id=event.event_id,
        status=FIRST_STATUS[event.action],
        subject_id=event.subject_id,
        checks=event.checks,
        opened_at=now if event.action is Action.RECEIVE else None,
    )


def _next(review: Review, event: SessionEvent, now: int) -> Review:
    status = TRANSITIONS[review.status, event.action]
    after = replace(
        review,
        session_state=event.state,
        session_event_at=event.occurred_at,
        session_event_id=event.event_id,
        status=status,
        subject_id=review.subject_id or event.subject_id,
        checks=event.checks or review.checks,
        version=review.version + 1,
    )
    if review.opened_at is None and event.entity_type is not None:
        # Only a verdict is known so far, nothing was posted: the newer event knows best whose session it is.
        after = replace(
            after,
            entity_type=event.entity_type,
            queue=event.entity_type.value,
            subject_id=event.subject_id or review.subject_id,
        )
    if status is Status.OPEN and review.status is not Status.OPEN:
        after = emptied(after, now)
    if status is Status.CLOSED:
        # The verdict frees the claim; who decided what stays readable on the closed card.
        after = replace(after, claimed_by=None, claimed_at=None)
    return after


def emptied(review: Review, now: int) -> Review:
    """The review as a fresh, open one: nobody holds it and nothing is decided."""
    return replace(
        review,
        opened_at=now,
        claimed_by=None,
        claimed_at=None,
        outcome=None,
        reason=None,
        note=None,
        decided_by=None,
        decided_at=None,
        confirmed_by=None,
        confirmed_at=None,
        escalated_by=None,
        escalated_at=None,
    )


def _entry(before: Review | None, after: Review, event: SessionEvent, now: int) -> AuditEntry:
    from_status = before.status if before else None
    return AuditEntry(
        now, RALIO, event.action, from_status, after.status, after.version, detail=_detail(event)
    )


def _detail(event: SessionEvent) -> dict[str, str]:
    return {"event_id": event.event_id, "session_state": event.state.value}
