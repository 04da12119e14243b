"""What follows from what Ralio reports, in whatever order it arrives: events, and checks fetched later."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.reviews.audit.entry import RALIO, AuditEntry
from bot.reviews.change import Change, Stale
from bot.reviews.deadlines import timed
from bot.reviews.notifications import announcements_of_verdict
from bot.reviews.policy import NO_POLICIES, Policy, policy_of
from bot.reviews.review import (
    FIRST_STATUS,
    TRANSITIONS,
    Check,
    Disagreement,
    EntityType,
    Review,
    SessionEvent,
    SessionState,
    Status,
)

FETCH_CHECKS = "fetch_checks"
"""The action on record; it moves no status, and the card shows the checks themselves."""

MAX_CHECKS = 20


def apply_event(
    review: Review | None,
    event: SessionEvent,
    policies: Mapping[str, Policy] = NO_POLICIES,
) -> Change | Stale:
    """Say what an event means for its session's review; `review` is None for a session not seen before.

    `policies` are those of every queue: an event can move a review that was never posted to another queue.
    """
    now = event.received_at
    if review is None:
        first = _first(event, now)
        after = timed(None, first, policy_of(first.queue, policies).deadlines, now)
        return Change(after, _entry(None, after, event, now))
    if not _is_news(review, event):
        entry = AuditEntry(
            now, RALIO, event.action, review.status, review.status, review.version, "stale", _detail(event)
        )
        return Stale(entry)
    following = _next(review, event, now)
    policy = policy_of(following.queue, policies)
    if following.status is Status.CLOSED:
        following = replace(following, disagreement=_disagreement(following, policy))
    after = timed(review, following, policy.deadlines, now)
    entry = _entry(review, after, event, now)
    if after.status is not Status.CLOSED:
        return Change(after, entry)
    people = tuple(person for person in (review.claimed_by, review.decided_by) if person is not None)
    return Change(after, entry, announcements_of_verdict(review, after, policy), people)


def with_checks(review: Review, refused: Sequence[Check], now: int) -> Change | None:
    """The review with these refused checks in place of what it knew of their types; None when nothing changes."""
    types = {check.type for check in refused}
    others = tuple(check for check in review.checks if check.type not in types)
    checks = (*refused, *others)[:MAX_CHECKS]
    if review.status is Status.CLOSED or set(checks) == set(review.checks):
        return None
    after = replace(review, checks=checks, version=review.version + 1)
    detail = {"refused": str(len(refused))}
    entry = AuditEntry(now, RALIO, FETCH_CHECKS, review.status, review.status, after.version, detail=detail)
    return Change(after, entry)


def _is_news(review: Review, event: SessionEvent) -> bool:
    """Compare by the time that Ralio gave the events, as far as it can be believed (`ordered_at`).

    On equal times a verdict beats a review (a session cannot come to review after its own verdict), a further
    review event counts (reopening once too often is better than a lost review), and of two verdicts the
    higher event id wins, so that every order of arrival ends in the same state.
    """
    if event.ordered_at != review.session_event_at:
        return event.ordered_at > review.session_event_at
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
        session_event_at=event.ordered_at,
        session_event_id=event.event_id,
        status=FIRST_STATUS[event.action],
        subject_id=event.subject_id,
        unreadable=event.unreadable,
        checks=event.checks,
        opened_at=now if event.state is SessionState.REVIEW else None,
        status_since=now,
    )


def _next(review: Review, event: SessionEvent, now: int) -> Review:
    status = TRANSITIONS[review.status, event.action]
    after = replace(
        review,
        session_state=event.state,
        session_event_at=event.ordered_at,
        session_event_id=event.event_id,
        status=status,
        subject_id=review.subject_id or event.subject_id,
        unreadable=event.unreadable or (review.unreadable and not event.checks),
        checks=event.checks or review.checks,
        version=review.version + 1,
        revision=review.revision + 1,
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
        after = unclaimed(after)
        if review.status is Status.PROPOSED:
            # Nobody confirmed it: what was only proposed was never decided.
            after = undecided(after)
    return after


def _disagreement(closed: Review, policy: Policy) -> Disagreement | None:
    """Whether the verdict fits what was decided; a session that only expired was decided by nobody."""
    if closed.outcome is None:
        is_verdict = closed.session_state is not SessionState.EXPIRED and closed.opened_at is not None
        return Disagreement.UNDECIDED if is_verdict else None
    outcome = policy.outcomes.get(closed.outcome)
    if outcome is None or outcome.expects in (None, closed.session_state):
        return None
    return Disagreement.CONTRADICTS


def emptied(review: Review, now: int) -> Review:
    """The review as a fresh, open one: nobody holds it and nothing is decided."""
    return replace(
        unclaimed(undecided(review)),
        opened_at=now,
        confirmed_by=None,
        confirmed_at=None,
        escalated_by=None,
        escalated_at=None,
        disagreement=None,
    )


def unclaimed(review: Review) -> Review:
    """The review without its holder."""
    return replace(review, claimed_by=None, claimed_at=None, active_at=None)


def undecided(review: Review) -> Review:
    """The review without what was decided or proposed."""
    return replace(review, outcome=None, reason=None, note=None, decided_by=None, decided_at=None)


def _entry(before: Review | None, after: Review, event: SessionEvent, now: int) -> AuditEntry:
    from_status = before.status if before else None
    return AuditEntry(
        now, RALIO, event.action, from_status, after.status, after.version, detail=_detail(event)
    )


def _detail(event: SessionEvent) -> dict[str, str]:
    return {"event_id": event.event_id, "session_state": event.state.value}
