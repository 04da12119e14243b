"""Decide what follows from what Ralio reports, in any order: events, and checks fetched later."""

from collections.abc import Mapping, Sequence

from bot.reviews.announcements import announcement_of_withdrawal, announcements_of_verdict
from bot.reviews.audit.entry import BOT, CHECKS_CHANGED, FETCH_CHECKS, RALIO, AuditEntry
from bot.reviews.change import Change, Stale
from bot.reviews.checks import NO_CHECKS, Check, Checks
from bot.reviews.checks_text import checks_as_text
from bot.reviews.deadlines import TimerBasis, due_at, timed
from bot.reviews.disagreement import disagreement_of
from bot.reviews.notifications import ChecksChanged
from bot.reviews.policy import NO_POLICIES, Policy, policy_of
from bot.reviews.reminders import SnoozeInterrupted
from bot.reviews.review import (
    FIRST_STATUS,
    TRANSITIONS,
    Action,
    EarlierDecision,
    EntityType,
    Review,
    SessionEvent,
    SessionState,
    Status,
)
from bot.reviews.snooze import end_of_snooze, resumed


def apply_event(
    review: Review | None,
    event: SessionEvent,
    policies: Mapping[str, Policy] = NO_POLICIES,
) -> Change | Stale:
    """Decide what an event means for its session's review; `review` is None for a session not seen before.

    `policies` are those of every queue: an event can move a review that was never posted to another queue.
    """
    now = event.received_at
    if review is None:
        after = _first(event, policies)
        return Change(after, _entry(None, after, event, now))
    if not _is_news(review, event):
        status, detail = review.status, _detail(event, None)
        return Stale(AuditEntry(now, RALIO, event.action, status, status, review.version, "stale", detail))
    following = _next(review, event, now)
    policy = policy_of(following.queue, policies)
    if following.status is Status.CLOSED:
        following = following._replace(disagreement=disagreement_of(following, policy))
    after = timed(review, following, policy.deadlines, now)
    entry = _entry(review, after, event, now)
    if after.status is not Status.CLOSED:
        return _with_what_follows(review, Change(after, entry), policy, now)
    people = tuple(person for person in (review.claimed_by, review.decided_by) if person is not None)
    ended = end_of_snooze(review, after, event.action, now)
    return Change(after, entry, announcements_of_verdict(review, after, policy), people, ended)


def with_checks(
    review: Review, refused: Sequence[Check], now: int, policies: Mapping[str, Policy] = NO_POLICIES
) -> Change | None:
    """The review with these refused checks instead of the known ones of their types; None if nothing changes."""
    if review.status is Status.CLOSED:
        return None
    after = review._replace(fetched_checks=Checks.of(refused), version=review.version + 1)
    if set(after.current_checks.kept) == set(review.current_checks.kept):
        return None
    policy = policy_of(review.queue, policies)
    if after.current_checks.evidence != review.current_checks.evidence:
        after = timed(
            review, resumed(after._replace(revision=review.revision + 1), now), policy.deadlines, now
        )
    detail = {"refused": str(len(refused)), "checks": checks_as_text(after.fetched_checks)}
    entry = AuditEntry(now, RALIO, FETCH_CHECKS, review.status, review.status, after.version, detail=detail)
    return _with_what_follows(review, Change(after, entry), policy, now)


def _with_what_follows(before: Review, change: Change, policy: Policy, now: int) -> Change:
    """A change of the checks withdraws a proposal that rested on others, and notifies the holder of a claim.

    The holder is notified, too, when the event ended a snooze.
    """
    after = change.after
    if (ended := end_of_snooze(before, after, change.entry.action, now)) is not None:
        holder = (after.claimed_by,) if after.claimed_by else ()
        state = (after.session_id, after.status, after.claimed_by, after.due_at)
        notice = SnoozeInterrupted(holder, *state)
        change = change._replace(consequence=ended, notifications=(notice,) if holder else (), people=holder)
    if before.status is not after.status or after.current_checks.evidence == before.current_checks.evidence:
        return change
    match after.status:
        case Status.CLAIMED if after.claimed_by is not None:
            return change._replace(notifications=(ChecksChanged((after.claimed_by,)),))
        case Status.PROPOSED:
            withdrawn = timed(after, _withdrawn(after, now), policy.deadlines, now)
            people = tuple(sorted({id_ for id_ in (after.claimed_by, after.decided_by) if id_}))
            reply = announcement_of_withdrawal(after, policy)
            entry = _withdrawal_entry(after, withdrawn, now)
            return Change(withdrawn, change.entry, (reply,), people, entry)
        case _:
            return change


def _withdrawn(review: Review, now: int) -> Review:
    """Claimed again by its proposer, who is active as of now."""
    return undecided(review)._replace(
        status=TRANSITIONS[review.status, Action.WITHDRAW],
        active_at=now,
        version=review.version + 1,
        revision=review.revision + 1,
    )


def _withdrawal_entry(proposed: Review, withdrawn: Review, now: int) -> AuditEntry:
    detail = {
        "because": CHECKS_CHANGED,
        "proposed_by": proposed.decided_by,
        "outcome": proposed.outcome,
        "reason": proposed.reason,
        "note": proposed.note,
    }
    return AuditEntry(
        now,
        BOT,
        Action.WITHDRAW,
        proposed.status,
        withdrawn.status,
        withdrawn.version,
        detail={name: value for name, value in detail.items() if value is not None},
    )


def _is_news(review: Review, event: SessionEvent) -> bool:
    """Compare by the time that Ralio gave the events, as far as it is plausible (`ordered_at`).

    On equal times a verdict beats a review (a session cannot come to review after its own verdict), a further
    review event counts (reopening once too often is better than a lost review), and of two verdicts the
    higher event id wins, so every order of arrival ends in the same state.
    """
    if event.ordered_at != review.session_event_at:
        return event.ordered_at > review.session_event_at
    if event.state is SessionState.REVIEW:
        return review.session_state is SessionState.REVIEW
    return review.session_state is SessionState.REVIEW or event.event_id > review.session_event_id


def _first(event: SessionEvent, policies: Mapping[str, Policy]) -> Review:
    entity_type = event.entity_type or EntityType.USER
    queue = str(entity_type)
    status, now = FIRST_STATUS[event.action], event.received_at
    is_review = event.state is SessionState.REVIEW
    deadlines = policy_of(queue, policies).deadlines
    basis = TimerBasis(status, opened_at=now, status_since=now, active_at=now)
    return Review(
        session_id=event.session_id,
        entity_type=entity_type,
        queue=queue,
        session_state=event.state,
        session_event_at=event.ordered_at,
        session_event_id=event.event_id,
        status=status,
        subject_id=event.subject_id,
        unreadable=event.unreadable,
        checks=event.kept_checks if is_review else NO_CHECKS,
        verdict_checks=NO_CHECKS if is_review else event.kept_checks,
        opened_at=now if is_review else None,
        status_since=now,
        due_at=due_at(basis, deadlines) if is_review else None,
    )


def _next(review: Review, event: SessionEvent, now: int) -> Review:
    status = TRANSITIONS[review.status, event.action]
    after = review._replace(
        session_state=event.state,
        session_event_at=event.ordered_at,
        session_event_id=event.event_id,
        status=status,
        subject_id=review.subject_id or event.subject_id,
        unreadable=event.unreadable or (review.unreadable and not event.checks),
        version=review.version + 1,
        revision=review.revision + 1,
    )
    after = resumed(_with_checks_of(event, after, review.session_state), now)
    if review.opened_at is None and event.entity_type is not None:
        # Only a verdict is known so far, nothing was posted: the newer event knows best whose session it is.
        after = after._replace(
            entity_type=event.entity_type,
            queue=str(event.entity_type),
            subject_id=event.subject_id or review.subject_id,
        )
    if status is Status.OPEN and review.status is not Status.OPEN:
        after = emptied(after, now)
    if status is Status.CLOSED:
        # The verdict frees the claim; who decided what stays readable on the closed card.
        after = unclaimed(after)
    return after


def _with_checks_of(event: SessionEvent, review: Review, previous_state: SessionState) -> Review:
    """Take the event's checks; an event without any says nothing about what is known."""
    checks = event.kept_checks
    if event.state is SessionState.REVIEW:
        if not checks.kept:
            return review
        # The API is asked once: an event that repeats itself must not undo what was fetched since.
        fetched = review.fetched_checks if checks.evidence == review.checks.evidence else NO_CHECKS
        return review._replace(checks=checks, fetched_checks=fetched)
    if checks.kept or event.state is not previous_state:
        return review._replace(verdict_checks=checks)
    return review


def emptied(review: Review, now: int) -> Review:
    """The review as a fresh, open one: no one holds it and nothing is decided. The earlier decision is kept."""
    return unclaimed(undecided(review))._replace(
        verdict_checks=NO_CHECKS,
        earlier_decision=_recorded(review) or review.earlier_decision,
        opened_at=now,
        confirmed_by=None,
        confirmed_at=None,
        escalated_by=None,
        escalated_at=None,
        disagreement=None,
        snoozed_until=None,
        snooze_reason=None,
        pauses=(),
    )


def unclaimed(review: Review) -> Review:
    """The review without its holder."""
    return review._replace(claimed_by=None, claimed_at=None, active_at=None)


def undecided(review: Review) -> Review:
    """The review without what was decided or proposed."""
    return review._replace(
        outcome=None,
        reason=None,
        note=None,
        decided_by=None,
        decided_at=None,
        unconfirmed=False,
        recorded_afterwards=False,
    )


def _recorded(review: Review) -> EarlierDecision | None:
    if review.outcome is None:
        return None
    return EarlierDecision(
        outcome=review.outcome,
        reason=review.reason,
        note=review.note,
        decided_by=review.decided_by,
        decided_at=review.decided_at,
        confirmed_by=review.confirmed_by,
        confirmed_at=review.confirmed_at,
        unconfirmed=review.unconfirmed,
        was_confirmed=review.had_two_people,
    )


def _entry(before: Review | None, after: Review, event: SessionEvent, now: int) -> AuditEntry:
    from_status = before.status if before else None
    return AuditEntry(
        now, RALIO, event.action, from_status, after.status, after.version, detail=_detail(event, after)
    )


def _detail(event: SessionEvent, after: Review | None) -> dict[str, str]:
    """The sealed parts of an event, with the review's subject and entity type after it.

    The entry's own time is that of receipt. `after` is None for a stale event.
    """
    entity_type, subject_id = event.entity_type, event.subject_id
    checks = Checks.of(event.checks)
    if after is not None:
        entity_type, subject_id = after.entity_type, after.subject_id
    detail: dict[str, str | None] = {
        "event_id": event.event_id,
        "session_state": event.state,
        "occurred_at": str(event.occurred_at),
        "entity_type": entity_type,
        "subject_id": subject_id,
        "checks": checks_as_text(checks) if checks.kept else None,
        "disagreement": after.disagreement if after is not None else None,
    }
    return {name: value for name, value in detail.items() if value is not None}
