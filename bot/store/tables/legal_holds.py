"""Legal holds: sessions that no purge can remove until the hold is lifted."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.reviews.audit.entry import HOLD, LIFT_HOLD, AuditEntry, by_operator
from bot.reviews.review import Review
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables import audit, reviews


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Keep a session: why, and who says so."""

    session_id: str
    reason: str
    by: str
    os_user: str = ""


@dataclass(frozen=True, slots=True)
class LiftHold:
    """A purge can remove the session again."""

    session_id: str
    by: str
    os_user: str = ""


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """Whether there is such a session, and whether the order changed anything."""

    known: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """A session on hold; `placed_at` in milliseconds."""

    session_id: str
    number: int
    reason: str
    placed_by: str
    placed_at: int


def place(transaction: Transaction, order_at: tuple[PlaceHold, int]) -> HoldAnswer:
    """Put a session on legal hold at the given time (milliseconds)."""
    order, now = order_at
    review = reviews.load(transaction, [order.session_id]).get(order.session_id)
    if review is None:
        return HoldAnswer(known=False, changed=False)
    placed = transaction.sql.insert_hold(
        transaction.connection, review_id=review.id, reason=order.reason, placed_by=order.by, placed_at=now
    )
    if placed:
        _note(transaction, review, now, order.by, HOLD, by_operator({"reason": order.reason}, order.os_user))
    return HoldAnswer(known=True, changed=bool(placed))


def lift(transaction: Transaction, order_at: tuple[LiftHold, int]) -> HoldAnswer:
    """Lift a legal hold at the given time (milliseconds)."""
    order, now = order_at
    review = reviews.load(transaction, [order.session_id]).get(order.session_id)
    if review is None:
        return HoldAnswer(known=False, changed=False)
    lifted = transaction.sql.delete_hold(transaction.connection, review_id=review.id)
    if lifted:
        _note(transaction, review, now, order.by, LIFT_HOLD, by_operator({}, order.os_user))
    return HoldAnswer(known=True, changed=bool(lifted))


async def listing(reading: Reading) -> list[Hold]:
    """The sessions on hold, the oldest hold first."""
    return [Hold(**dict(row)) async for row in reading.sql.list_holds(reading.connection)]


def _note(
    transaction: Transaction, review: Review, now: int, by: str, action: str, detail: Mapping[str, str]
) -> None:
    """The review itself stays as it is."""
    entry = AuditEntry(now, by, action, review.status, review.status, review.version, detail=detail)
    audit.append(transaction, [(review.id, entry)])
