"""How long a review waited to be claimed and to be decided, from its audit entries or as it happens.

A reopened review waits again, so each round counts.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.review import Review, Status


class WaitKind(StrEnum):
    """What was waited for."""

    CLAIM = "claim"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Span:
    """A wait, from when the review was opened until a person took the step (milliseconds)."""

    kind: WaitKind
    person: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Round:
    """A review that was opened and is not decided yet; `maker` proposed the decision that waits."""

    opened_at: int
    claimed: bool = False
    maker: str | None = None


def follow(current: Round | None, entry: AuditEntry) -> tuple[Round | None, Span | None]:
    """The review's round after its next audit entry, and the wait that the entry ended.

    Of several claims in a round, after a release, the first counts. A decision that needed a second person is its
    maker's, at the time it was confirmed. A verdict of Ralio's ends a round without a decision.
    """
    if entry.refused is not None or entry.to_status == entry.from_status:
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
            return None, Span(WaitKind.DECIDE, maker or entry.actor, current.opened_at, entry.at)
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
            return Span(WaitKind.DECIDE, after.decided_by or "", opened_at, at)
        case _:
            return None
