"""How long a review waited to be claimed and to be decided, from its audit entries or as it happens.

A reopened review waits again, so each round counts. The time that a review was snoozed is part of a wait, but listed
separately: its `pauses`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.business_hours import BusinessHours
from bot.reviews.review import Action, Pause, Review, Status


class WaitKind(StrEnum):
    """What was waited for."""

    CLAIM = "claim"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Span:
    """A wait, from when the review was opened until a person acted (milliseconds).

    `pauses` are when the review was snoozed in that time, in order.
    """

    kind: WaitKind
    person: str
    start: int
    end: int
    pauses: tuple[Pause, ...] = ()


def working_ms(span: Span, hours: BusinessHours) -> int:
    """The business hours of a wait in which the review was not snoozed (milliseconds)."""
    paused_ms = sum(hours.between(pause.start, pause.end) for pause in span.pauses)
    return hours.between(span.start, span.end) - paused_ms


def snoozed_ms(span: Span) -> int:
    """How long the review was snoozed during a wait (milliseconds)."""
    return sum(pause.end - pause.start for pause in span.pauses)


@dataclass(frozen=True, slots=True)
class Round:
    """A review that was opened and is not decided yet; `maker` proposed the decision that waits.

    `pauses` are its snoozes that ended, and it has been snoozed again since `snoozed_at`, if that is set.
    """

    opened_at: int
    claimed: bool = False
    maker: str | None = None
    pauses: tuple[Pause, ...] = ()
    snoozed_at: int | None = None


def follow(current: Round | None, entry: AuditEntry) -> tuple[Round | None, Span | None]:
    """The review's round after its next audit entry, and the wait that the entry ended.

    Of several claims in a round, after a release, the first counts. A decision that needed a second person is its
    maker's, at the time it was confirmed. A verdict of Ralio's ends a round without a decision.
    """
    if entry.refused is not None:
        return current, None
    if current is not None and entry.action == Action.SNOOZE and current.snoozed_at is None:
        return replace(current, snoozed_at=entry.at), None
    if current is not None and entry.action == Action.RESUME:
        return replace(current, pauses=_pauses(current, entry.at), snoozed_at=None), None
    if entry.to_status == entry.from_status:
        return current, None
    match entry.to_status:
        case Status.OPEN if entry.from_status in (None, Status.DECIDED, Status.CLOSED):
            return Round(entry.at), None
        case Status.CLOSED:
            return None, None
        case Status.CLAIMED if current is not None and not current.claimed:
            claimed = replace(current, claimed=True)
            return claimed, Span(WaitKind.CLAIM, entry.actor, current.opened_at, entry.at)
        case Status.PROPOSED if current is not None:
            return replace(current, maker=entry.actor), None
        case Status.DECIDED if current is not None:
            maker = current.maker if entry.from_status is Status.PROPOSED else None
            pauses = _pauses(current, entry.at)
            return None, Span(WaitKind.DECIDE, maker or entry.actor, current.opened_at, entry.at, pauses)
        case _:
            return current, None


def ended_wait(before: Review, after: Review, at: int) -> Span | None:
    """The wait that a person's step at `at` (milliseconds) ended: what `follow` finds once its entry is written."""
    opened_at = before.opened_at
    if opened_at is None:
        return None
    match before.status, after.status:
        case Status.OPEN, Status.CLAIMED if before.status_since in (None, opened_at):
            return Span(WaitKind.CLAIM, after.claimed_by or "", opened_at, at)
        case ((Status.CLAIMED | Status.PROPOSED), Status.DECIDED):
            return Span(WaitKind.DECIDE, after.decided_by or "", opened_at, at, after.pauses)
        case _:
            return None


def _pauses(current: Round, at: int) -> tuple[Pause, ...]:
    """The round's snoozes up to `at`, when the current one ends."""
    if current.snoozed_at is None or current.snoozed_at >= at:
        return current.pauses
    return (*current.pauses, Pause(current.snoozed_at, at))
