"""When a review has to be claimed and decided, and what happens when nobody does it.

Pure: the store keeps the timers. What it needs is one row a timer, `(review_id, kind, since, due_at, fired_at)` with
the first three as its key, and `due_at` null once nothing is due any more:

- Whatever changes a review recomputes, in the same transaction, `wanted(basis, deadlines, fired)` and makes the rows
  of the review equal to it: what is wanted is due at its `due_at`, what is not wanted is due no more. Rows that fired
  stay, for they are `fired`; the others may go. When a person's action frees a claim or ends a review, its timers
  thereby fall silent.
- A loop takes the rows that are due, earliest first, a review at a time, in *one* transaction for each: lock and read
  the review and its rows, ask `meaning(timer, ...)`, write what it says (deliveries, audit, a released claim), set
  `fired_at` to now, recompute `wanted` as above. As row and consequences are committed together, a restart loses none;
  as the row is locked (or, in SQLite, the writer alone), a second instance finds it due no more.
- `status_since` is when the review came into its status (the newest audit entry that changed the status), `active_at`
  the holder's last sign of life: the claim, an answer to "Still on it?", a note.

After an outage, or when the clock jumps, every timer is due at once, and each fires once: the missed repeats of a
reminder are one, and a reminder that follows a deadline begins after the deadline was told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours
from bot.reviews.review import Review, Status

LATE_MS = 15 * 60_000
"""A timer that fires later than this after its time was missed, and what is missed waits for business hours."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """A queue's deadlines in milliseconds of its working time; None: there is no such deadline.

    A review shall be claimed within `claim_within_ms` from when it became open, and decided within `decide_within_ms`
    from when it was opened: a late claim does not postpone the decision. From a missed deadline on (where there is
    none: from the beginning) reminders follow every `remind_every_ms`, and after `escalate_after_ms` the leads are
    told. A claim without activity is released after `release_after_ms`, once its holder was asked and did not answer.
    """

    claim_within_ms: int | None = None
    decide_within_ms: int | None = None
    remind_every_ms: int | None = None
    escalate_after_ms: int | None = None
    release_after_ms: int | None = None
    hours: BusinessHours = ROUND_THE_CLOCK


class TimerKind(StrEnum):
    """What a timer is for."""

    CLAIM_DUE = "claim_due"
    DECIDE_DUE = "decide_due"
    REMIND = "remind"  # the only one that repeats
    ESCALATE = "escalate"
    ASK_STILL_ON_IT = "ask_still_on_it"
    RELEASE = "release"


class Effect(StrEnum):
    """What has to be done when a timer fires."""

    SHOW_OVERDUE = "show_overdue"  # the card is drawn again
    REMIND_QUEUE = "remind_queue"  # whoever may claim or confirm: in the thread and in the channel
    REMIND_HOLDER = "remind_holder"  # a direct message
    TELL_LEADS = "tell_leads"
    ASK_HOLDER = "ask_holder"  # "Still on it?"
    RELEASE_CLAIM = "release_claim"


@dataclass(frozen=True, slots=True)
class TimerBasis:
    """What a review's timers depend on; moments are milliseconds UTC, see the module for where they come from."""

    status: Status
    opened_at: int
    status_since: int
    active_at: int


@dataclass(frozen=True, slots=True)
class Timer:
    """Something due at `due_at`. With another `since` (milliseconds, from when it counts) it is another timer."""

    kind: TimerKind
    since: int
    due_at: int


Fired = Mapping[tuple[TimerKind, int], int]
"""When each timer of the review fired last (milliseconds), by its kind and `since`."""


@dataclass(frozen=True, slots=True)
class Fires:
    """Do this now, all of it, once."""

    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class NotYet:
    """Leave it until then: the clock went back, the deadline was changed, or it is night and the moment was missed."""

    due_at: int


@dataclass(frozen=True, slots=True)
class Moot:
    """The review moved on: nothing is to be done."""


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


def due_at(basis: TimerBasis, deadlines: Deadlines) -> int | None:
    """Until when the next step has to be done, as the card shows it: the claim, then the decision."""
    claim_due, decide_due = _claim_due(basis, deadlines), _decide_due(basis, deadlines)
    if claim_due is None or decide_due is None:
        return decide_due if claim_due is None else claim_due
    return min(claim_due, decide_due)


def wanted(basis: TimerBasis, deadlines: Deadlines, fired: Fired) -> tuple[Timer, ...]:
    """The timers that a review still needs, earliest first; at most one of each kind."""
    timers = [
        *_deadline_timers(basis, deadlines, fired),
        *_follow_ups(basis, deadlines, fired),
        *_idle_timers(basis, deadlines, fired),
    ]
    return tuple(sorted(timers, key=lambda timer: (timer.due_at, timer.kind)))


def meaning(
    timer: Timer, basis: TimerBasis, deadlines: Deadlines, fired: Fired, now: int
) -> Fires | NotYet | Moot:
    """What follows when a timer fires at `now`, for the review as it is now."""
    for current in wanted(basis, deadlines, fired):
        if (current.kind, current.since) == (timer.kind, timer.since):
            break
    else:
        return Moot()
    if current.due_at > now:
        return NotYet(current.due_at)
    opens = deadlines.hours.next_opening(now)
    if opens > now and now - current.due_at > LATE_MS:
        return NotYet(opens)
    return Fires(_effects(timer.kind, basis.status, deadlines))


def _claim_due(basis: TimerBasis, deadlines: Deadlines) -> int | None:
    if basis.status is not Status.OPEN or deadlines.claim_within_ms is None:
        return None
    return deadlines.hours.add(basis.status_since, deadlines.claim_within_ms)


def _decide_due(basis: TimerBasis, deadlines: Deadlines) -> int | None:
    if basis.status in (Status.DECIDED, Status.CLOSED) or deadlines.decide_within_ms is None:
        return None
    return deadlines.hours.add(basis.opened_at, deadlines.decide_within_ms)


def _deadline_timers(basis: TimerBasis, deadlines: Deadlines, fired: Fired) -> Iterator[Timer]:
    claim_due, decide_due = _claim_due(basis, deadlines), _decide_due(basis, deadlines)
    if claim_due is not None:
        yield from _once(TimerKind.CLAIM_DUE, basis.status_since, claim_due, fired)
    if decide_due is not None:
        yield from _once(TimerKind.DECIDE_DUE, basis.opened_at, decide_due, fired)


def _follow_ups(basis: TimerBasis, deadlines: Deadlines, fired: Fired) -> Iterator[Timer]:
    """The reminders and the escalation for whoever has to do the next step."""
    if basis.status in (Status.DECIDED, Status.CLOSED):
        return
    since, hours = basis.status_since, deadlines.hours
    if (due := _claim_due(basis, deadlines)) is not None:
        told = fired.get((TimerKind.CLAIM_DUE, since))
    elif (due := _decide_due(basis, deadlines)) is not None:
        told = fired.get((TimerKind.DECIDE_DUE, basis.opened_at))
    else:
        told = since
    # Whoever claims what is overdue is given the time to a first reminder anew.
    begin = since if due is None else max(since, due)
    if deadlines.escalate_after_ms is not None:
        escalation_due = hours.add(begin, deadlines.escalate_after_ms)
        yield from _once(TimerKind.ESCALATE, since, escalation_due, fired)
    every_ms = deadlines.remind_every_ms
    if every_ms is not None and told is not None:
        last = max(told, fired.get((TimerKind.REMIND, since), told))
        repeats = hours.between(begin, last) // every_ms + 1
        yield Timer(TimerKind.REMIND, since, hours.add(begin, repeats * every_ms))


def _idle_timers(basis: TimerBasis, deadlines: Deadlines, fired: Fired) -> Iterator[Timer]:
    """The holder is asked when three quarters of the time are over, and has the last quarter to answer."""
    if basis.status is not Status.CLAIMED or deadlines.release_after_ms is None:
        return
    since, grace_ms = basis.active_at, deadlines.release_after_ms // 4
    asked_at = fired.get((TimerKind.ASK_STILL_ON_IT, since))
    if asked_at is None:
        ask_due = deadlines.hours.add(since, deadlines.release_after_ms - grace_ms)
        yield Timer(TimerKind.ASK_STILL_ON_IT, since, ask_due)
    else:
        # Counted from the question: nobody loses a claim without having had the time to answer.
        yield from _once(TimerKind.RELEASE, since, deadlines.hours.add(asked_at, grace_ms), fired)


def _once(kind: TimerKind, since: int, due: int, fired: Fired) -> Iterator[Timer]:
    if (kind, since) not in fired:
        yield Timer(kind, since, due)


def _effects(kind: TimerKind, status: Status, deadlines: Deadlines) -> tuple[Effect, ...]:
    remind = Effect.REMIND_HOLDER if status is Status.CLAIMED else Effect.REMIND_QUEUE
    match kind:
        case TimerKind.CLAIM_DUE:
            return (Effect.SHOW_OVERDUE, remind)
        case TimerKind.DECIDE_DUE:
            # While it is unclaimed its own deadline reminds the queue already.
            told_already = status is Status.OPEN and deadlines.claim_within_ms is not None
            return (Effect.SHOW_OVERDUE,) if told_already else (Effect.SHOW_OVERDUE, remind)
        case TimerKind.REMIND:
            return (remind,)
        case TimerKind.ESCALATE:
            return (Effect.TELL_LEADS,)
        case TimerKind.ASK_STILL_ON_IT:
            return (Effect.ASK_HOLDER,)
        case TimerKind.RELEASE:
            return (Effect.RELEASE_CLAIM,)
