"""The deadlines for claiming and deciding a review, and what happens when one passes.

Pure: the store keeps the timers, one row per timer, `(review_id, kind, since, due_at, fired_at)`. The first three are
its key; `due_at` is null once the timer is no longer due.

- Every change of a review recomputes `wanted(basis, deadlines, fired)` in the same transaction and makes the review's
  rows match: a wanted timer is due at its `due_at`, any other is no longer due. Rows that fired stay, because they are
  `fired`. A person's action that releases a claim or ends a review therefore silences its timers.
- A loop takes due rows, earliest first, one review per transaction: it locks and reads the review and its rows, asks
  `meaning(timer, ...)`, writes the effects (deliveries, audit, a released claim), sets `fired_at` to now, and
  recomputes `wanted`. A restart loses nothing, because row and effects are committed together. A second instance does
  not repeat it, because the row is locked (SQLite has only one writer).
- `status_since` is when the review entered its status (the newest audit entry that changed it). `active_at` is the
  holder's last activity: the claim, an answer to "Still on it?", a note.

After an outage, or when the clock jumps, all timers are due at once and each fires once: missed repeats of a reminder
become one reminder, and reminders that follow a deadline begin after people were notified of the deadline.

While a review is snoozed, only the end of that is due. Its time doesn't count towards a decision that was not overdue.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours
from bot.reviews.review import Pause, Review, Status

LATE_MS = 15 * 60_000
"""A timer that fires later than this was missed. A missed timer waits for business hours."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """A queue's deadlines in milliseconds of its working time; None means that there is no such deadline.

    A review must be claimed within `claim_within_ms` of becoming open, and decided within `decide_within_ms` of being
    opened: a late claim does not postpone the decision. After a missed deadline (without one, from the beginning)
    reminders follow every `remind_every_ms`, and the leads are notified after `escalate_after_ms`. A claim without
    activity is released after `release_after_ms`, if its holder was asked and did not answer.
    After a decision for an outcome in `awaited`, Ralio's verdict is due within `verdict_within_ms`. Without it the
    decider is notified, and after `escalate_after_ms` (if there is none, the same time again) the leads.
    """

    claim_within_ms: int | None = None
    decide_within_ms: int | None = None
    remind_every_ms: int | None = None
    escalate_after_ms: int | None = None
    release_after_ms: int | None = None
    verdict_within_ms: int | None = None
    awaited: frozenset[str] = frozenset()
    hours: BusinessHours = ROUND_THE_CLOCK


class TimerKind(StrEnum):
    """What a timer is for."""

    CLAIM_DUE = "claim_due"
    DECIDE_DUE = "decide_due"
    REMIND = "remind"  # the only one that repeats
    ESCALATE = "escalate"
    ASK_STILL_ON_IT = "ask_still_on_it"
    RELEASE = "release"
    SNOOZE_END = "snooze_end"
    VERDICT_DUE = "verdict_due"
    VERDICT_ESCALATE = "verdict_escalate"


class Effect(StrEnum):
    """What to do when a timer fires."""

    SHOW_OVERDUE = "show_overdue"  # update the card
    REMIND_QUEUE = "remind_queue"  # the people who can claim or confirm: in the thread and in the channel
    REMIND_HOLDER = "remind_holder"  # a direct message
    TELL_LEADS = "tell_leads"
    ASK_HOLDER = "ask_holder"  # "Still on it?"
    RELEASE_CLAIM = "release_claim"
    END_SNOOZE = "end_snooze"  # the holder is notified
    REMIND_DECIDER = "remind_decider"  # of a verdict that is missing
    TELL_LEADS_OF_VERDICT = "tell_leads_of_verdict"


class TimerBasis(NamedTuple):
    """What a review's timers depend on. Times are milliseconds UTC; the module docstring says where they come from.

    `snoozed_until` is set while the last of the `pauses` lasts.
    """

    status: Status
    opened_at: int
    status_since: int
    active_at: int
    pauses: tuple[Pause, ...] = ()
    snoozed_until: int | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """Something due at `due_at`, counted from `since` (both milliseconds). A different `since` is a different timer."""

    kind: TimerKind
    since: int
    due_at: int


Fired = Mapping[tuple[TimerKind, int], int]
"""When each timer of the review last fired (milliseconds), by kind and `since`."""


@dataclass(frozen=True, slots=True)
class Fires:
    """Carry out all of these effects now, once."""

    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class NotYet:
    """Postpone the timer: the clock went back, the deadline changed, or it was missed and it is out of hours."""

    due_at: int


@dataclass(frozen=True, slots=True)
class Moot:
    """The review moved on: there is nothing to do."""


def timer_basis(review: Review) -> TimerBasis | None:
    """What the review's timers depend on; None for one that was never open."""
    if review.opened_at is None:
        return None
    status_since = review.status_since or review.opened_at
    return TimerBasis(
        review.status,
        review.opened_at,
        status_since,
        review.active_at or status_since,
        review.pauses,
        review.snoozed_until,
        review.outcome,
    )


def timed(before: Review, after: Review, deadlines: Deadlines, now: int) -> Review:
    """Return the changed review with the times that follow from a change at `now` (milliseconds)."""
    status_since = after.status_since if before.status is after.status else now
    if status_since != after.status_since:
        after = after._replace(status_since=status_since)
    basis = timer_basis(after)
    due = due_at(basis, deadlines) if basis else None
    return after if due == after.due_at else after._replace(due_at=due)


def due_at(basis: TimerBasis, deadlines: Deadlines) -> int | None:
    """Return the deadline of the next step (milliseconds): the claim, then the decision, then Ralio's verdict."""
    steps = _claim_due(basis, deadlines), _decide_due(basis, deadlines), _verdict_due(basis, deadlines)
    return min((due for due in steps if due is not None), default=None)


def wanted(basis: TimerBasis, deadlines: Deadlines, fired: Fired) -> tuple[Timer, ...]:
    """Return the timers that a review still needs, earliest first; at most one of each kind."""
    if basis.snoozed_until is not None:
        return (Timer(TimerKind.SNOOZE_END, basis.pauses[-1].start, basis.snoozed_until),)
    timers = [
        *_deadline_timers(basis, deadlines, fired),
        *_follow_ups(basis, deadlines, fired),
        *_idle_timers(basis, deadlines, fired),
        *_verdict_timers(basis, deadlines, fired),
    ]
    return tuple(sorted(timers, key=lambda timer: (timer.due_at, timer.kind)))


def meaning(
    timer: Timer, basis: TimerBasis, deadlines: Deadlines, fired: Fired, now: int
) -> Fires | NotYet | Moot:
    """Say what follows when a timer fires at `now`, given the review as it is now."""
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
    within_ms, hours = deadlines.decide_within_ms, deadlines.hours
    due = hours.add(basis.opened_at, within_ms)
    for pause in basis.pauses:
        if due > pause.start:
            within_ms += hours.between(pause.start, pause.end)
            due = hours.add(basis.opened_at, within_ms)
    return due


def _verdict_due(basis: TimerBasis, deadlines: Deadlines) -> int | None:
    is_awaited = basis.status is Status.DECIDED and basis.outcome in deadlines.awaited
    if not is_awaited or deadlines.verdict_within_ms is None:
        return None
    return deadlines.hours.add(basis.status_since, deadlines.verdict_within_ms)


def _verdict_timers(basis: TimerBasis, deadlines: Deadlines, fired: Fired) -> Iterator[Timer]:
    if (due := _verdict_due(basis, deadlines)) is None:
        return
    yield from _once(TimerKind.VERDICT_DUE, basis.status_since, due, fired)
    patience_ms = deadlines.escalate_after_ms or deadlines.verdict_within_ms or 0
    escalation_due = deadlines.hours.add(due, patience_ms)
    yield from _once(TimerKind.VERDICT_ESCALATE, basis.status_since, escalation_due, fired)


def _deadline_timers(basis: TimerBasis, deadlines: Deadlines, fired: Fired) -> Iterator[Timer]:
    claim_due, decide_due = _claim_due(basis, deadlines), _decide_due(basis, deadlines)
    if claim_due is not None:
        yield from _once(TimerKind.CLAIM_DUE, basis.status_since, claim_due, fired)
    if decide_due is not None:
        yield from _once(TimerKind.DECIDE_DUE, basis.opened_at, decide_due, fired)


def _follow_ups(basis: TimerBasis, deadlines: Deadlines, fired: Fired) -> Iterator[Timer]:
    """The reminders, and the escalation, for the people who can do the next step."""
    if basis.status in (Status.DECIDED, Status.CLOSED):
        return
    since, hours = basis.status_since, deadlines.hours
    if (due := _claim_due(basis, deadlines)) is not None:
        notified_at = fired.get((TimerKind.CLAIM_DUE, since))
    elif (due := _decide_due(basis, deadlines)) is not None:
        notified_at = fired.get((TimerKind.DECIDE_DUE, basis.opened_at))
    else:
        notified_at = since
    # A person who claims an overdue review, or resumes one, gets the full interval before the first reminder.
    resumed_at = basis.pauses[-1].end if basis.pauses else since
    begin = max(since, resumed_at) if due is None else max(since, resumed_at, due)
    if deadlines.escalate_after_ms is not None:
        escalation_due = hours.add(begin, deadlines.escalate_after_ms)
        yield from _once(TimerKind.ESCALATE, since, escalation_due, fired)
    every_ms = deadlines.remind_every_ms
    if every_ms is not None and notified_at is not None:
        last = max(notified_at, fired.get((TimerKind.REMIND, since), notified_at))
        repeats = hours.between(begin, last) // every_ms + 1
        yield Timer(TimerKind.REMIND, since, hours.add(begin, repeats * every_ms))


def _idle_timers(basis: TimerBasis, deadlines: Deadlines, fired: Fired) -> Iterator[Timer]:
    """The holder is asked after three quarters of the time, and has the last quarter to answer."""
    if basis.status is not Status.CLAIMED or deadlines.release_after_ms is None:
        return
    since, grace_ms = basis.active_at, deadlines.release_after_ms // 4
    asked_at = fired.get((TimerKind.ASK_STILL_ON_IT, since))
    if asked_at is None:
        ask_due = deadlines.hours.add(since, deadlines.release_after_ms - grace_ms)
        yield Timer(TimerKind.ASK_STILL_ON_IT, since, ask_due)
    else:
        # Counted from the question: every holder gets the full time to answer before losing a claim.
        yield from _once(TimerKind.RELEASE, since, deadlines.hours.add(asked_at, grace_ms), fired)


def _once(kind: TimerKind, since: int, due: int, fired: Fired) -> Iterator[Timer]:
    if (kind, since) not in fired:
        yield Timer(kind, since, due)


_EFFECTS: Mapping[TimerKind, tuple[Effect, ...]] = {
    TimerKind.ESCALATE: (Effect.TELL_LEADS,),
    TimerKind.ASK_STILL_ON_IT: (Effect.ASK_HOLDER,),
    TimerKind.RELEASE: (Effect.RELEASE_CLAIM,),
    TimerKind.SNOOZE_END: (Effect.END_SNOOZE,),
    TimerKind.VERDICT_DUE: (Effect.SHOW_OVERDUE, Effect.REMIND_DECIDER),
    TimerKind.VERDICT_ESCALATE: (Effect.TELL_LEADS_OF_VERDICT,),
}


def _effects(kind: TimerKind, status: Status, deadlines: Deadlines) -> tuple[Effect, ...]:
    remind = Effect.REMIND_HOLDER if status is Status.CLAIMED else Effect.REMIND_QUEUE
    match kind:
        case TimerKind.CLAIM_DUE:
            return (Effect.SHOW_OVERDUE, remind)
        case TimerKind.DECIDE_DUE:
            # While the review is unclaimed, the claim deadline already reminds the queue.
            has_reminder = status is Status.OPEN and deadlines.claim_within_ms is not None
            return (Effect.SHOW_OVERDUE,) if has_reminder else (Effect.SHOW_OVERDUE, remind)
        case TimerKind.REMIND:
            return (remind,)
        case _:
            return _EFFECTS[kind]
