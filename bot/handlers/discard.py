"""An operator discards a quarantined event or a held delivery, on the record: who, what and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.reviews.audit.entry import DISCARD_DELIVERY, DISCARD_EVENT, AuditEntry, by_operator
from bot.reviews.review import Review
from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import audit, events, held, reviews

MAX_ERROR = 300

DISCARDED = "discarded"
"""The type of a row that was quarantined; its body is gone."""


@dataclass(frozen=True, slots=True)
class Discard:
    """Discard the quarantined event or the held delivery of this row: who says so, and why."""

    id: int
    by: str
    reason: str
    os_user: str = ""


@dataclass(frozen=True, slots=True)
class Discarded:
    """Whether there was anything to discard; `kind` and `session_id` say what a delivery was."""

    is_done: bool
    kind: str | None = None
    session_id: str | None = None


async def discard_event(store: Store, argument: Discard, now: int) -> Discarded:
    """Remove an event from the quarantine at `now` (milliseconds); its row stays as a trace without the body."""
    return await store.write(_discard_event, (argument, now))


async def discard_delivery(store: Store, argument: Discard, now: int) -> Discarded:
    """Give up a held delivery at `now` (milliseconds)."""
    return await store.write(_discard_delivery, (argument, now))


def _discard_event(transaction: Transaction, argument_at: tuple[Discard, int]) -> Discarded:
    argument, now = argument_at
    found = events.quarantined_event(transaction, argument.id)
    if found is None or not events.leave_quarantine(transaction, found.id, DISCARDED, None):
        return Discarded(is_done=False)
    detail = {
        "event": str(found.id),
        "body": found.event_id,
        "received_at": str(found.received_at),
        "error": found.error[:MAX_ERROR],
    }
    _record(transaction, argument, now, DISCARD_EVENT, detail, None)
    return Discarded(is_done=True)


def _discard_delivery(transaction: Transaction, argument_at: tuple[Discard, int]) -> Discarded:
    argument, now = argument_at
    found = held.find(transaction, argument.id)
    if found is None:
        return Discarded(is_done=False)
    # As everywhere, the review's row is locked before its deliveries and before the audit's head.
    review = (
        None
        if found.session_id is None
        else reviews.load(transaction, [found.session_id]).get(found.session_id)
    )
    if not held.discard(transaction, found.id):
        return Discarded(is_done=False)
    detail = {
        "delivery": str(found.id),
        "kind": found.kind,
        "error": (found.last_error or "")[:MAX_ERROR],
    }
    _record(transaction, argument, now, DISCARD_DELIVERY, detail, review)
    return Discarded(is_done=True, kind=found.kind, session_id=found.session_id)


def _record(
    transaction: Transaction,
    argument: Discard,
    now: int,
    action: str,
    detail: Mapping[str, str],
    review: Review | None,
) -> None:
    """Put it on the record, of the review if it is known; the review itself stays as it is."""
    status, version = (None, 0) if review is None else (review.status, review.version)
    complete = by_operator({**detail, "reason": argument.reason}, argument.os_user)
    entry = AuditEntry(now, argument.by, action, status, status, version, detail=complete)
    audit.append(transaction, [(None if review is None else review.id, entry)])
