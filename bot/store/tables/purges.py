"""What a purge can remove, page by page, and the statements that remove it.

Every query returns at most `limit` rows that are older than `before` (milliseconds), after row `after`, in order.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.store.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class PurgedEntry:
    """An audit entry's number and seal, as its tombstone needs them."""

    id: int
    seal: str


@dataclass(frozen=True, slots=True)
class TombstoneRow:
    """The range of entries from `first` to `last` that audit entry `purge` records as purged."""

    first: int
    last: int
    last_seal: str
    purge: int


def lock(transaction: Transaction) -> None:
    """Wait until no other process purges; until the transaction ends, none does."""
    transaction.sql.lock_purges(transaction.connection)


def reviews(transaction: Transaction, before: int, after: int, limit: int) -> list[int]:
    """Finished reviews without a legal hold, a newer audit entry or a pending delivery."""

    def found() -> list[int]:
        rows = transaction.sql.purgeable_reviews(
            transaction.connection, before=before, after=after, page=limit
        )
        return [row["id"] for row in rows]

    locked = found()
    # The first query waited for nothing but locked the rows: only the second sees what happened until then.
    still = set(found())
    return [review_id for review_id in locked if review_id in still]


def refusals(transaction: Transaction, before: int, after: int, limit: int) -> list[PurgedEntry]:
    """Audit entries of refused actions on sessions that never had a review."""
    rows = transaction.sql.purgeable_refusals(transaction.connection, before=before, after=after, page=limit)
    return [PurgedEntry(row["id"], row["seal"]) for row in rows]


def names(transaction: Transaction, before: int, after: int, limit: int) -> list[PurgedEntry]:
    """Audit entries of names of people, from a time of which no entry of that person is left."""
    rows = transaction.sql.purgeable_names(transaction.connection, before=before, after=after, page=limit)
    return [PurgedEntry(row["id"], row["seal"]) for row in rows]


def messages(transaction: Transaction, before: int, after: int, limit: int) -> list[int]:
    """Messages without a review that Slack has, or that are held."""
    rows = transaction.sql.purgeable_messages(transaction.connection, before=before, after=after, page=limit)
    return [row["id"] for row in rows]


def events(transaction: Transaction, before: int, after: int, limit: int) -> list[int]:
    """Events that were read, whose session has no review."""
    rows = transaction.sql.purgeable_events(transaction.connection, before=before, after=after, page=limit)
    return [row["id"] for row in rows]


def quarantined(transaction: Transaction, before: int, after: int, limit: int) -> list[int]:
    """Events that are in the quarantine."""
    rows = transaction.sql.purgeable_quarantine(
        transaction.connection, before=before, after=after, page=limit
    )
    return [row["id"] for row in rows]


def entries_of_reviews(transaction: Transaction, review_ids: Sequence[int]) -> list[PurgedEntry]:
    """The audit entries of these reviews, in the order of the chain."""
    rows = transaction.sql.audit_of_reviews(transaction.connection, ids=json.dumps(review_ids))
    return [PurgedEntry(row["id"], row["seal"]) for row in rows]


def delete_work_of_reviews(transaction: Transaction, review_ids: Sequence[int]) -> None:
    """Delete the deliveries, lookups and timers of these reviews; what Slack shows stays there."""
    ids = json.dumps(review_ids)
    transaction.sql.delete_deliveries_of_reviews(transaction.connection, ids=ids)
    transaction.sql.delete_lookups_of_reviews(transaction.connection, ids=ids)
    transaction.sql.delete_timers_of_reviews(transaction.connection, ids=ids)


def delete_reviews(transaction: Transaction, review_ids: Sequence[int]) -> None:
    """Delete the reviews themselves, after everything that refers to them."""
    transaction.sql.delete_reviews(transaction.connection, ids=json.dumps(review_ids))


def delete_messages(transaction: Transaction, delivery_ids: Sequence[int]) -> None:
    """Delete these messages."""
    transaction.sql.delete_messages(transaction.connection, ids=json.dumps(delivery_ids))


def delete_events(transaction: Transaction, event_ids: Sequence[int]) -> None:
    """Delete these events."""
    transaction.sql.delete_events(transaction.connection, ids=json.dumps(event_ids))


def replace_with_tombstones(
    transaction: Transaction, entries: Sequence[PurgedEntry], tombstones: Sequence[TombstoneRow]
) -> None:
    """Delete audit entries that the tombstones cover; the database refuses to delete any other."""
    rows = [
        {"first": stone.first, "last": stone.last, "last_seal": stone.last_seal, "purge": stone.purge}
        for stone in tombstones
    ]
    transaction.sql.insert_tombstones(transaction.connection, rows)
    transaction.sql.delete_audit(transaction.connection, ids=json.dumps([entry.id for entry in entries]))
