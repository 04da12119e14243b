"""The audit: appended to, never changed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.reviews.audit import AuditEntry
from bot.reviews.review import Status
from bot.store.transaction import Reading, Transaction


def append(transaction: Transaction, entries: Sequence[tuple[int | None, AuditEntry]]) -> None:
    """Append entries, each with its review's row id (None for an unknown session), in the order given."""
    transaction.sql.insert_audit(
        transaction.connection, [_parameters(review_id, entry) for review_id, entry in entries]
    )


async def recent_changes(reading: Reading, review_id: int, limit: int) -> list[AuditEntry]:
    """The review's newest changes, oldest of them first, without refusals."""
    query = reading.sql.recent_changes
    rows = [row async for row in query(reading.connection, review_id=review_id, page=limit)]
    return [_entry(row) for row in reversed(rows)]


def _parameters(review_id: int | None, entry: AuditEntry) -> dict[str, Any]:
    return {
        "review_id": review_id,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "from_status": entry.from_status,
        "to_status": entry.to_status,
        "version": entry.version,
        "refused": entry.refused,
        "detail": json.dumps(dict(entry.detail), ensure_ascii=False, sort_keys=True),
    }


def _entry(row: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        from_status=Status(row["from_status"]) if row["from_status"] else None,
        to_status=Status(row["to_status"]) if row["to_status"] else None,
        version=row["version"],
        refused=row["refused"],
        detail=json.loads(row["detail"]),
    )
