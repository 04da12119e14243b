"""Retention: what is older than a date goes, page by page, and the record tells that it went.

Whole sessions go, never a part of one. In the place of their entries in the chain a tombstone stays for each unbroken
range, with the last seal of it, so that what comes behind can still be checked; a digest of a page's tombstones stands
in the entry that the purge itself writes, so that nothing can be passed off as purged afterwards.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, assert_never

from bot.reviews.audit.entry import PURGE, AuditEntry, purge_digest
from bot.store.engine.transaction import Transaction
from bot.store.tables import audit

PAGE = 200


class Part(StrEnum):
    """What is purged one after the other."""

    REVIEWS = "reviews"  # with their entries, cards, notes, timers and lookups
    REFUSALS = "refusals"  # clicks about sessions that were never known
    MESSAGES = "messages"  # one-off messages
    EVENTS = "events"  # of sessions that have no review any more


@dataclass(frozen=True, slots=True)
class Purge:
    """Remove a page of what is older than `before` (milliseconds), behind row `after` of this part."""

    before: int
    by: str
    dry_run: bool = False
    part: Part = Part.REVIEWS
    after: int = 0


@dataclass(frozen=True, slots=True)
class Purged:
    """What a page removed, or would have: rows of its part, and entries of the record; `then` goes on behind it."""

    part: Part
    rows: int
    entries: int
    then: Purge | None


def purge(transaction: Transaction, order_at: tuple[Purge, int]) -> Purged:
    """Remove a page at the given time (milliseconds); safe to repeat."""
    order, now = order_at
    ids = _candidates(transaction, order)
    entries = _entries(transaction, order, ids)
    if ids and not order.dry_run:
        _remove(transaction, order, now, ids, entries)
    return Purged(order.part, len(ids), len(entries), _next(order, ids))


def _next(order: Purge, ids: Sequence[int]) -> Purge | None:
    """The next page of this part, or the first of the next part; a rehearsal ends with what it can foresee."""
    if ids:
        return replace(order, after=ids[-1])
    parts = [Part.REVIEWS, Part.REFUSALS] if order.dry_run else list(Part)
    behind = parts[parts.index(order.part) + 1 :]
    return replace(order, part=behind[0], after=0) if behind else None


def _candidates(transaction: Transaction, order: Purge) -> list[int]:
    sql = transaction.sql
    query = {
        Part.REVIEWS: sql.purgeable_reviews,
        Part.REFUSALS: sql.purgeable_refusals,
        Part.MESSAGES: sql.purgeable_messages,
        Part.EVENTS: sql.purgeable_events,
    }[order.part]

    def found() -> list[int]:
        rows = query(transaction.connection, before=order.before, after=order.after, page=PAGE)
        return [row["id"] for row in rows]

    ids = found()
    if order.part is not Part.REVIEWS:
        return ids
    # The rows are locked by now: asked again, the database answers with what happened until then.
    still = set(found())
    return [each for each in ids if each in still]


def _entries(transaction: Transaction, order: Purge, ids: Sequence[int]) -> list[Mapping[str, Any]]:
    """The entries of the record that go with them."""
    match order.part:
        case Part.REVIEWS:
            return list(transaction.sql.audit_of_reviews(transaction.connection, ids=json.dumps(ids)))
        case Part.REFUSALS:
            page = transaction.sql.purgeable_refusals(
                transaction.connection, before=order.before, after=order.after, page=PAGE
            )
            return list(page)
        case Part.MESSAGES | Part.EVENTS:
            return []
        case never:
            assert_never(never)


def _remove(
    transaction: Transaction, order: Purge, now: int, ids: Sequence[int], entries: Sequence[Mapping[str, Any]]
) -> None:
    """The audit's head is locked last, as everywhere: what else is removed with other locks goes before."""
    sql, connection = transaction.sql, transaction.connection
    listed = json.dumps(ids)
    match order.part:
        case Part.REVIEWS:
            sql.delete_deliveries_of_reviews(connection, ids=listed)
            sql.delete_lookups_of_reviews(connection, ids=listed)
            sql.delete_timers_of_reviews(connection, ids=listed)
        case Part.MESSAGES:
            sql.delete_messages(connection, ids=listed)
        case Part.EVENTS:
            sql.delete_events(connection, ids=listed)
        case Part.REFUSALS:
            pass
    _bury(transaction, order, now, len(ids), entries)
    if order.part is Part.REVIEWS:
        sql.delete_reviews(connection, ids=listed)


def _bury(
    transaction: Transaction, order: Purge, now: int, rows: int, entries: Sequence[Mapping[str, Any]]
) -> None:
    ranges = list(_ranges(entries))
    digest = hashlib.sha256()
    for first, last, last_seal in ranges:
        purge_digest(digest, first, last, last_seal)
    detail = {
        "before": str(order.before),
        "part": order.part.value,
        "rows": str(rows),
        "entries": str(len(entries)),
        "digest": digest.hexdigest(),
    }
    audit.append(transaction, [(None, AuditEntry(now, order.by, PURGE, None, None, 0, detail=detail))])
    number = audit.seal(transaction)
    if not entries:
        return
    stones = [
        {"first": first, "last": last, "last_seal": last_seal, "purge": number}
        for first, last, last_seal in ranges
    ]
    transaction.sql.insert_tombstones(transaction.connection, stones)
    transaction.sql.delete_audit(transaction.connection, ids=json.dumps([entry["id"] for entry in entries]))


def _ranges(entries: Iterable[Mapping[str, Any]]) -> Iterable[tuple[int, int, str]]:
    """First number, last number and last seal of each range without gaps."""
    first = last = 0
    last_seal = ""
    for entry in entries:
        if entry["id"] != last + 1 or not first:
            if first:
                yield first, last, last_seal
            first = entry["id"]
        last, last_seal = entry["id"], entry["seal"]
    if first:
        yield first, last, last_seal
