"""Retention: purge what is older than a date, page by page, and record the purge.

Whole sessions are purged, never a part of one. Each unbroken range of their entries is replaced by a tombstone with
its last seal, so the entries after it can still be checked. The purge's own entry contains a digest of the page's
tombstones, so no one can later claim that other entries were purged.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from bot.reviews.audit.entry import PURGE, AuditEntry, by_operator, purge_digest
from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import answered_requests, audit, purges
from bot.store.tables.purges import PurgedEntry, TombstoneRow

PAGE = 200
NAMES_PAGE = 20
"""Each costs a search for what the person did, and other writes wait meanwhile."""


class Part(StrEnum):
    """What is purged, in this order."""

    REVIEWS = "reviews"  # with their entries, cards, notes, timers and lookups
    REFUSALS = "refusals"  # clicks about sessions that were never known
    NAMES = "names"  # of people who did nothing that is still on record
    MESSAGES = "messages"  # one-off messages
    EVENTS = "events"  # of sessions that have no review any more
    QUARANTINE = "quarantine"  # events that could not be read


@dataclass(frozen=True, slots=True)
class Purge:
    """Remove a page of what is older than `before` (milliseconds), behind row `after` of this part."""

    before: int
    by: str
    dry_run: bool = False
    part: Part = Part.REVIEWS
    after: int = 0
    os_user: str = ""


@dataclass(frozen=True, slots=True)
class Purged:
    """What a page removed, or would have: rows of its part and audit entries; `then` continues after it."""

    part: Part
    rows: int
    entries: int
    then: Purge | None


async def purge(store: Store, argument: Purge, now: int) -> Purged:
    """Remove a page of what is old, at `now` (milliseconds)."""
    return await store.write(purge_page, (argument, now))


def purge_page(transaction: Transaction, order_at: tuple[Purge, int]) -> Purged:
    """Remove a page at the given time (milliseconds); safe to repeat."""
    order, now = order_at
    if not order.dry_run:
        purges.lock(transaction)
        answered_requests.forget(transaction, now)
    ids, entries = _page(transaction, order)
    if ids and not order.dry_run:
        _remove(transaction, order, now, ids, entries)
    return Purged(order.part, len(ids), len(entries), _next(order, ids))


def _next(order: Purge, ids: Sequence[int]) -> Purge | None:
    """The next page of this part, or the first of the next part; a rehearsal ends with what it can foresee."""
    if ids:
        return replace(order, after=ids[-1])
    parts = [Part.REVIEWS, Part.REFUSALS, Part.QUARANTINE] if order.dry_run else list(Part)
    behind = parts[parts.index(order.part) + 1 :]
    return replace(order, part=behind[0], after=0) if behind else None


def _page(transaction: Transaction, order: Purge) -> tuple[list[int], list[PurgedEntry]]:
    """The rows to remove, and the audit entries that go with them."""
    before, after = order.before, order.after
    match order.part:
        case Part.REVIEWS:
            review_ids = purges.reviews(transaction, before, after, PAGE)
            return review_ids, purges.entries_of_reviews(transaction, review_ids)
        case Part.REFUSALS:
            entries = purges.refusals(transaction, before, after, PAGE)
            return [entry.id for entry in entries], entries
        case Part.NAMES:
            entries = purges.names(transaction, before, after, NAMES_PAGE)
            return [entry.id for entry in entries], entries
        case Part.MESSAGES:
            return purges.messages(transaction, before, after, PAGE), []
        case Part.EVENTS:
            return purges.events(transaction, before, after, PAGE), []
        case Part.QUARANTINE:
            return purges.quarantined(transaction, before, after, PAGE), []
        case never:
            assert_never(never)


def _remove(
    transaction: Transaction, order: Purge, now: int, ids: Sequence[int], entries: Sequence[PurgedEntry]
) -> None:
    """Remove a page. As everywhere, the audit's head is locked last: rows with other locks are removed before it."""
    match order.part:
        case Part.REVIEWS:
            purges.delete_work_of_reviews(transaction, ids)
        case Part.MESSAGES:
            purges.delete_messages(transaction, ids)
        case Part.EVENTS | Part.QUARANTINE:
            purges.delete_events(transaction, ids)
        case Part.REFUSALS | Part.NAMES:
            pass
    _bury(transaction, order, now, len(ids), entries)
    if order.part is Part.REVIEWS:
        purges.delete_reviews(transaction, ids)


def _bury(
    transaction: Transaction, order: Purge, now: int, rows: int, entries: Sequence[PurgedEntry]
) -> None:
    """Record the purge in the audit, and put tombstones in place of the entries that it removes."""
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
    entry = AuditEntry(now, order.by, PURGE, None, None, 0, detail=by_operator(detail, order.os_user))
    audit.append(transaction, [(None, entry)])
    number = audit.seal(transaction)
    if entries:
        tombstones = [TombstoneRow(first, last, last_seal, number) for first, last, last_seal in ranges]
        purges.replace_with_tombstones(transaction, entries, tombstones)


def _ranges(entries: Iterable[PurgedEntry]) -> Iterator[tuple[int, int, str]]:
    """First number, last number and last seal of each range without gaps."""
    first = last = 0
    last_seal = ""
    for entry in entries:
        if entry.id != last + 1 or not first:
            if first:
                yield first, last, last_seal
            first = entry.id
        last, last_seal = entry.id, entry.seal
    if first:
        yield first, last, last_seal
