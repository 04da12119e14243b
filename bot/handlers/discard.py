"""An operator discards a quarantined event or a held delivery, on the record: who, what and why."""

from dataclasses import dataclass

from bot.reviews.audit.entry import DISCARD_DELIVERY, DISCARD_EVENT, AuditEntry, by_operator
from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import audit, events, held, reviews

MAX_ERROR = 300

DISCARDED = "discarded"
"""The type of a row that was quarantined; its body is gone."""


@dataclass(frozen=True, slots=True)
class DiscardEvent:
    """Discard the quarantined event of this row and its raw body."""

    id: int
    by: str
    reason: str
    os_user: str = ""


@dataclass(frozen=True, slots=True)
class DiscardDelivery:
    """Stop trying to send this held delivery."""

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


async def discard_event(store: Store, argument: DiscardEvent, now: int) -> Discarded:
    """Remove an event from the quarantine at `now` (milliseconds); its row stays as a trace without the body."""
    return await store.write(_discard_event, (argument, now))


async def discard_delivery(store: Store, argument: DiscardDelivery, now: int) -> Discarded:
    """Give up a held delivery at `now` (milliseconds)."""
    return await store.write(_discard_delivery, (argument, now))


def _discard_event(transaction: Transaction, argument_at: tuple[DiscardEvent, int]) -> Discarded:
    argument, now = argument_at
    found = events.quarantined_event(transaction, argument.id)
    if found is None or not events.leave_quarantine(transaction, found.id, DISCARDED, None):
        return Discarded(is_done=False)
    detail = {
        "event": str(found.id),
        "body": found.event_id,
        "received_at": str(found.received_at),
        "error": found.error[:MAX_ERROR],
        "reason": argument.reason,
    }
    audit.append(
        transaction,
        [
            (
                None,
                AuditEntry(
                    now,
                    argument.by,
                    DISCARD_EVENT,
                    None,
                    None,
                    0,
                    detail=by_operator(detail, argument.os_user),
                ),
            )
        ],
    )
    return Discarded(is_done=True)


def _discard_delivery(transaction: Transaction, argument_at: tuple[DiscardDelivery, int]) -> Discarded:
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
    status, version = (None, 0) if review is None else (review.status, review.version)
    detail = {
        "delivery": str(found.id),
        "kind": found.kind,
        "error": (found.last_error or "")[:MAX_ERROR],
        "reason": argument.reason,
    }
    entry = AuditEntry(
        now,
        argument.by,
        DISCARD_DELIVERY,
        status,
        status,
        version,
        detail=by_operator(detail, argument.os_user),
    )
    audit.append(transaction, [(None if review is None else review.id, entry)])
    return Discarded(is_done=True, kind=found.kind, session_id=found.session_id)
