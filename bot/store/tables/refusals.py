"""Refusals that one person repeats: the first is recorded at once, the others within a minute as one entry.

Otherwise one person's clicks could fill the audit, and keep everyone else's changes waiting. The count is kept in the
database until it is recorded, so a crash loses none.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.review import Status
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables import audit

WINDOW_MS = 60_000
RECORDED_AT_ONCE = 200

Refused = tuple[int | None, AuditEntry]
"""The row id of the review (None for an unknown session), and the entry about the refusal."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """A recorded refusal and how often it was repeated since; times are milliseconds."""

    review_id: int | None
    first_at: int
    newest_at: int
    repeats: int
    entry: AuditEntry

    @property
    def summary(self) -> list[Refused]:
        """The entry about the repeats; none if there were none."""
        if not self.repeats:
            return []
        detail = {**self.entry.detail, "repeats": str(self.repeats), "first_at": str(self.first_at)}
        return [(self.review_id, self.entry._replace(at=self.newest_at, detail=detail))]


def to_record(transaction: Transaction, refusals: Sequence[Refused]) -> list[Refused]:
    """Count the refusals; returns what must be recorded now, in order."""
    keyed = [(_key(review_id, entry), review_id, entry) for review_id, entry in refusals]
    known = _read(
        transaction.sql.counted_refusals(
            transaction.connection, refusal_keys=json.dumps(sorted({key for key, _, _ in keyed}))
        )
    )
    counted, recorded, ended = dict(known), [], set()
    for key, review_id, entry in keyed:
        before = counted.get(key)
        if before is not None and abs(entry.at - before.first_at) < WINDOW_MS:
            newest_at = max(before.newest_at, entry.at)
            counted[key] = replace(before, newest_at=newest_at, repeats=before.repeats + 1)
            continue
        if before is not None:
            recorded += before.summary
            ended.add(key)
        recorded.append((review_id, entry))
        counted[key] = _Counted(review_id, entry.at, entry.at, 0, entry)
    _write(transaction, known, counted, ended)
    return recorded


def record_counted(transaction: Transaction, now: int) -> int:
    """Record the repeats of refusals whose minute is over at `now` (milliseconds); returns how many refusals ended."""
    over = _read(
        transaction.sql.counted_out_refusals(
            transaction.connection, before=now - WINDOW_MS, most=RECORDED_AT_ONCE
        )
    )
    audit.append(transaction, [entry for each in over.values() for entry in each.summary])
    transaction.sql.stop_counting(transaction.connection, [{"refusal_key": key} for key in over])
    return len(over)


async def is_over(reading: Reading, now: int) -> bool:
    """Whether some refusal's minute is over at `now` (milliseconds)."""
    row = await reading.sql.is_counting_over(reading.connection, before=now - WINDOW_MS)
    return row is not None


def _write(
    transaction: Transaction, known: Mapping[str, _Counted], counted: Mapping[str, _Counted], ended: set[str]
) -> None:
    # In one order: two instances must not wait for each other in a ring.
    changed = sorted((key, each) for key, each in counted.items() if each is not known.get(key))
    begun = [(key, each) for key, each in changed if key not in known or key in ended]
    repeated = [(key, each) for key, each in changed if key in known and key not in ended]
    sql, connection = transaction.sql, transaction.connection
    if ended:
        sql.stop_counting(connection, [{"refusal_key": key} for key in sorted(ended)])
    if begun:
        sql.begin_counting(connection, [_row(key, each) for key, each in begun])
    if repeated:
        rows = [
            {"refusal_key": key, "repeats": each.repeats, "newest_at": each.newest_at}
            for key, each in repeated
        ]
        sql.count_repeats(connection, rows)


def _key(review_id: int | None, entry: AuditEntry) -> str:
    identity = [review_id, entry.actor, entry.action, entry.refused, entry.detail.get("session_id")]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:32]


def _row(key: str, counted: _Counted) -> dict[str, Any]:
    entry = counted.entry
    stored = {
        "actor": entry.actor,
        "action": entry.action,
        "from_status": entry.from_status,
        "to_status": entry.to_status,
        "version": entry.version,
        "refused": entry.refused,
        "detail": dict(entry.detail),
    }
    return {
        "refusal_key": key,
        "review_id": counted.review_id,
        "now": counted.first_at,
        "repeats": counted.repeats,
        "entry": json.dumps(stored),
    }


def _read(rows: Iterable[Mapping[str, Any]]) -> dict[str, _Counted]:
    return {
        row["refusal_key"]: _Counted(
            row["review_id"], row["first_at"], row["newest_at"], row["repeats"], _entry(row)
        )
        for row in rows
    }


def _entry(row: Mapping[str, Any]) -> AuditEntry:
    stored = json.loads(row["entry"])
    status = {name: stored[name] and Status(stored[name]) for name in ("from_status", "to_status")}
    return AuditEntry(at=row["first_at"], **(stored | status))
