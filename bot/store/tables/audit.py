"""The audit: appended to, never changed, every entry sealed into the chain.

What a transaction appends is written at its end, all at once. On PostgreSQL several instances append to one chain: the
one row of `audit_head` is locked for that moment, so their entries have one order without gaps. It is the last
lock that a transaction takes, which rules out deadlocks.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any

from bot.reviews.audit.chain import Head
from bot.reviews.audit.entry import (
    BEGIN_CHAIN,
    BOT,
    CHANGE_KEY,
    PLAIN,
    RALIO,
    AuditEntry,
    Keys,
    SealedEntry,
    approval,
    by_operator,
    canonical,
    canonical_of,
    maker_of,
)
from bot.reviews.audit.evidence import digest
from bot.reviews.double_click import LastAction
from bot.reviews.review import Status
from bot.store.engine.bulk import write_rows
from bot.store.engine.transaction import Reading, Transaction
from bot.store.errors import AuditHeadMissing, AuditKeyMissing

PAGE = 1_000


class KeyChange(StrEnum):
    """The result of the request to seal with another key."""

    ROTATED = "rotated"
    ADOPTED = "adopted"  # the record had none
    NONE = "none"  # the record ends with this key already
    NOT_ADOPTED = "not_adopted"  # the record has no key, and adopting one was not asked for
    OTHER_KEY = "other_key"  # the process that writes has another first key


@dataclass(frozen=True, slots=True)
class RotateKey:
    """Seal with the first key from now on, whose fingerprint is `key`; `adopt`: also where there was none."""

    key: str
    by: str
    adopt: bool = False
    os_user: str = ""


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """What came of it, and the fingerprint of the key before, `sha256` for none."""

    change: KeyChange
    former: str


_detail_text = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode

_End = tuple[str | None, int, str]
"""Where the chain of a session ends: its id, and the sequence and the seal of its last entry."""

_NO_SESSION: _End = (None, 0, "")

_COLUMNS = (
    *(
        "id",
        "review_id",
        "sequence",
        "at",
        "actor",
        "action",
        "from_status",
        "to_status",
        "version",
        "refused",
    ),
    *("detail", "seal"),
)
_values = attrgetter(*_COLUMNS)


def append(transaction: Transaction, entries: Sequence[tuple[int | None, AuditEntry]]) -> None:
    """Append entries, each with its review's row id (None for an unknown session), in the order given."""
    transaction.unsealed += entries


def keep_text(transaction: Transaction, text: str, now: int) -> None:
    """Keep a text that entries name by its digest; one that is there already stays (`now` in milliseconds)."""
    transaction.sql.keep_audit_text(transaction.connection, digest=digest(text), text=text, kept_at=now)


def last_action(transaction: Transaction, review_id: int) -> LastAction | None:
    """The newest thing that a person did to a review, also earlier in this transaction; None for nothing."""
    for of_review, entry in reversed(transaction.unsealed):
        if of_review == review_id and entry.refused is None and entry.actor not in (BOT, RALIO):
            return LastAction(entry.actor, entry.action)
    row = transaction.sql.newest_action(transaction.connection, review_id=review_id)
    return None if row is None else LastAction(row["actor"], row["action"])


def seal(transaction: Transaction) -> int:
    """Write what was appended so far and return the newest number; the writer does so before every commit.

    Raises AuditKeyMissing when the key that the record ends with is not one of this process's.
    """
    if not transaction.unsealed:
        return 0
    waiting, transaction.unsealed = transaction.unsealed, []
    ends = _ends(transaction, {review_id for review_id, _ in waiting if review_id is not None})
    head = _lock_head(transaction, waiting[0][1].at)
    maker = maker_of(head.seal)
    rows: list[SealedEntry] = []
    for review_id, entry in waiting:
        row = _sealed(transaction.keys, maker, head, ends.get(review_id, _NO_SESSION), review_id, entry)
        rows.append(row)
        head = Head(row.id, row.seal)
        if review_id is not None:
            ends[review_id] = (row.session_id, row.sequence, row.seal)
    _write(transaction, rows)
    return head.id


def begin(transaction: Transaction, now: int) -> None:
    """At startup (milliseconds): seal entries older than the chain; a new record begins with the name of its key.

    Raises AuditKeyMissing when the key that the record ends with is not one of this process's.
    """
    head = _lock_head(transaction, now)
    if not head.id and transaction.keys.maker != PLAIN:
        detail = {"key": transaction.keys.maker}
        append(transaction, [(None, AuditEntry(now, BOT, CHANGE_KEY, None, None, 0, detail=detail))])


def rotate(transaction: Transaction, request: RotateKey, now: int) -> KeyRotation:
    """Seal with the first key from now on (milliseconds); the previous key approves it in the same entry."""
    seal(transaction)
    head, keys = _read_head(transaction), transaction.keys
    former = maker_of(head.seal) or PLAIN
    if keys.maker != request.key:
        return KeyRotation(KeyChange.OTHER_KEY, former)
    if former == keys.maker:
        return KeyRotation(KeyChange.NONE, former)
    if former == PLAIN and not request.adopt:
        return KeyRotation(KeyChange.NOT_ADOPTED, former)
    if not keys.know(former):
        raise AuditKeyMissing(keys.misfit(head.seal))
    if head.id and not head.seal:
        head = _seal_older(transaction, head.id, now)
    detail = {
        "key": keys.maker,
        "from": former,
        "approved": keys.seal(approval(head.id + 1, keys.maker, head.seal), former),
    }
    detail = by_operator(detail, request.os_user)
    entry = AuditEntry(now, request.by, CHANGE_KEY, None, None, 0, detail=detail)
    _write(transaction, [_sealed(keys, keys.maker, head, _NO_SESSION, None, entry)])
    return KeyRotation(KeyChange.ADOPTED if former == PLAIN else KeyChange.ROTATED, former)


async def recent_changes(reading: Reading, review_id: int, limit: int) -> list[AuditEntry]:
    """The review's newest changes, oldest of them first, without refusals."""
    query = reading.sql.recent_changes
    rows = [row async for row in query(reading.connection, review_id=review_id, page=limit)]
    return [_entry(row) for row in reversed(rows)]


def _lock_head(transaction: Transaction, now: int) -> Head:
    """The chain's end, locked for this transaction."""
    head = _read_head(transaction)
    if (problem := transaction.keys.misfit(head.seal)) is not None:
        raise AuditKeyMissing(problem)
    return _seal_older(transaction, head.id, now) if head.id and not head.seal else head


def _read_head(transaction: Transaction) -> Head:
    row = transaction.sql.lock_audit_head(transaction.connection)
    if row is None:
        raise AuditHeadMissing("the record's head was removed from audit_head: restore a backup")
    return Head(row["id"], row["seal"])


def _seal_older(transaction: Transaction, count: int, now: int) -> Head:
    """Seal entries 1 to `count`, which are older than the chain, and record that this was done afterwards."""
    ends: dict[int | None, str] = {}
    head = Head(0, "")
    query = transaction.sql.unsealed_audit
    while page := list(query(transaction.connection, after=head.id, page=PAGE)):
        seals = []
        for row in page:
            content = canonical(row, head.seal, ends.get(row["review_id"], ""))
            head = Head(row["id"], transaction.keys.seal(content))
            if row["review_id"] is not None:
                ends[row["review_id"]] = head.seal
            seals.append({"id": head.id, "seal": head.seal})
        transaction.sql.seal_older_audit(transaction.connection, seals)
    begun = AuditEntry(now, BOT, BEGIN_CHAIN, None, None, 0, detail={"older_entries": str(count)})
    row = _sealed(transaction.keys, transaction.keys.maker, head, _NO_SESSION, None, begun)
    _write(transaction, [row])
    return Head(row.id, row.seal)


def _ends(transaction: Transaction, review_ids: Collection[int]) -> dict[int | None, _End]:
    """Where the sessions' chains end; the caller has locked the reviews' rows, so no one else appends to them."""
    new = transaction.new_sessions
    ends: dict[int | None, _End] = {id_: (new[id_], 0, "") for id_ in review_ids if id_ in new}
    if older := sorted(id_ for id_ in review_ids if id_ not in new):
        rows = transaction.sql.ends_of_chains(transaction.connection, review_ids=json.dumps(older))
        ends |= {row["id"]: (row["session_id"], row["sequence"] or 0, row["seal"] or "") for row in rows}
    return ends


def _write(transaction: Transaction, rows: Sequence[SealedEntry]) -> None:
    write_rows(transaction, "insert_audit", [_values(row) for row in rows])
    transaction.sql.move_audit_head(transaction.connection, id=rows[-1].id, seal=rows[-1].seal)


def _sealed(
    keys: Keys, maker: str, head: Head, end: _End, review_id: int | None, entry: AuditEntry
) -> SealedEntry:
    """The entry after `head` in the record and after `end` in its session, with its maker's seal."""
    session_id, sequence, previous_of_session = end
    columns = (
        head.id + 1,
        session_id,
        sequence + 1,
        entry.at,
        entry.actor,
        entry.action,
        entry.from_status,
        entry.to_status,
        entry.version,
        entry.refused,
        _detail_text(dict(entry.detail)),
    )
    seal = keys.seal(canonical_of(columns, head.seal, previous_of_session), maker)
    return SealedEntry(*columns, review_id, seal)


def _entry(row: Mapping[str, Any]) -> AuditEntry:
    return entry_of(row, json.loads(row["detail"]))


def entry_of(row: Mapping[str, Any], detail: Mapping[str, str]) -> AuditEntry:
    """A row of the audit as an entry, with its detail already read."""
    return AuditEntry(
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        from_status=Status(row["from_status"]) if row["from_status"] else None,
        to_status=Status(row["to_status"]) if row["to_status"] else None,
        version=row["version"],
        refused=row["refused"],
        detail=detail,
    )
