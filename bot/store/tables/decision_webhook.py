"""Deliveries to the decision webhook: ordinary deliveries in their own lane, in order for each review."""

from bot.reviews.decision_update import DecisionUpdate
from bot.reviews.review import Review
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables.deliveries import BACKGROUND, DECISIONS, Backlog, Kind
from bot.store.tables.leases import Leased, LeaseRequest, leased_row
from bot.store.tables.notification_codec import encode


def enqueue(transaction: Transaction, review: Review, update: DecisionUpdate) -> None:
    """Queue an update about a review, once.

    The time is part of its key: after a purge, the versions of a session that comes back start again.
    """
    row = {
        "kind": Kind.DECISION_WEBHOOK,
        "review_id": review.id,
        "unique_key": f"decision:{update.session_id}:{update.version}:{update.at}",
        "lane": DECISIONS,
        "urgency": BACKGROUND,
        "channel": None,
        "recipient": None,
        "arguments": encode(update),
        "now": update.at,
    }
    transaction.wakes_delivery_worker = True
    transaction.sql.want_message(transaction.connection, [row])


def lease(transaction: Transaction, request: LeaseRequest) -> list[Leased]:
    """Take what is due. A delivery waits for every earlier one of its review that is not delivered, even if held."""
    rows = transaction.sql.lease_decisions(
        transaction.connection,
        limit=request.limit,
        lease_token=request.lease_token,
        lease_ends_at=request.lease_ends_at,
        now=request.now,
    )
    return [leased_row(row, request) for row in rows]


async def next_due(reading: Reading) -> int | None:
    """When the next delivery can be tried (milliseconds); None if none is pending or all wait behind held ones."""
    row = await reading.sql.next_decision_due(reading.connection)
    return row["due_at"] if row is not None else None


async def seal_of_change(reading: Reading, review_id: int, version: int) -> str | None:
    """The seal of the audit entry of the change that made this version of a review; None if it was purged."""
    row = await reading.sql.seal_of_change(reading.connection, review_id=review_id, version=version)
    return row["seal"] if row is not None else None


async def backlog(reading: Reading) -> Backlog:
    """How many deliveries of the decision webhook are pending and held."""
    row = await reading.sql.decision_backlog(reading.connection)
    return Backlog(pending=row["pending"], oldest_at=row["oldest_at"], held=row["held"])
