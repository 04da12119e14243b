"""The inbox: every event once, by its id and its occurrence; the quarantine keeps what could not be understood."""

import hashlib
import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from bot.ralio.events import MalformedEvent
from bot.reviews.event_problems import EventQuarantined
from bot.reviews.review import SessionEvent
from bot.store.engine.bulk import rows_written
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables import deliveries

PAGE = 500

QUARANTINE_BYTES = 64 * 1_048_576
LEAST_BODY_BYTES = 4_096
"""What a small body counts: it bounds their number too, and with that the time to add them up."""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A line of the `events` command; `error` says why an event is quarantined."""

    id: int
    event_id: str
    type: str
    session_id: str | None
    occurred_at: int | None
    received_at: int
    error: str | None


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """One row of the inbox; `body` is what came, None where it is not quarantined or was not kept."""

    row: InboxRow
    body: bytes | None
    body_size: int | None


@dataclass(frozen=True, slots=True)
class QuarantinedEvent:
    """A row of the quarantine without its body; `event_id` holds the body's hash."""

    id: int
    event_id: str
    received_at: int
    error: str


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """What makes a recorded event the occurrence that it is."""

    type: str
    session_id: str | None
    occurred_at: int | None


def record_new(transaction: Transaction, received: Sequence[SessionEvent]) -> set[str]:
    """Record the events that are not known yet; answers with their ids.

    An event is known by its id, or by its session, type and time under another id. Their unique indexes decide, also
    between two instances.
    """
    rows: dict[str, tuple[object, ...]] = {}
    for event in received:
        row = (event.event_id, event.type, event.session_id, event.occurred_at, event.received_at)
        rows.setdefault(event.event_id, row)
    return {row["event_id"] for row in rows_written(transaction, "record_events", list(rows.values()))}


def known(transaction: Transaction, event_ids: Collection[str]) -> dict[str, KnownEvent]:
    """What was recorded first under those of these ids that are known."""
    rows = transaction.sql.events_by_event_id(transaction.connection, event_ids=json.dumps(list(event_ids)))
    return {row["event_id"]: KnownEvent(row["type"], row["session_id"], row["occurred_at"]) for row in rows}


def quarantine(transaction: Transaction, malformed: MalformedEvent) -> None:
    """Keep the raw body and alert the operations channel; a body that came before changes nothing.

    A body that would take the quarantine beyond its limit is not kept: its hash, size and error are.
    """
    size = len(malformed.body)
    kept = transaction.sql.kept_bytes(transaction.connection, least=LEAST_BODY_BYTES)
    fits = int(kept["total"]) + max(size, LEAST_BODY_BYTES) <= QUARANTINE_BYTES
    event_id = f"sha256:{hashlib.sha256(malformed.body).hexdigest()}"
    is_new = transaction.sql.quarantine_event(
        transaction.connection,
        event_id=event_id,
        type="malformed",
        received_at=malformed.received_at,
        error="; ".join(malformed.problems),
        body=malformed.body if fits else None,
        body_size=size,
    )
    if is_new:
        row = transaction.sql.row_of_event(transaction.connection, event_id=event_id)
        alert = EventQuarantined(malformed.problems[0], row["id"])
        deliveries.enqueue_ops_alert(transaction, alert, malformed.received_at)


async def inbox(reading: Reading, *, quarantined: bool) -> AsyncIterator[InboxRow]:
    """Every event, or those in the quarantine, oldest first, read page by page."""
    query = reading.sql.quarantined_events if quarantined else reading.sql.all_events
    after = 0
    while rows := [row async for row in query(reading.connection, after=after, page=PAGE)]:
        for row in rows:
            yield InboxRow(**dict(row))
        after = rows[-1]["id"]


async def show(reading: Reading, row_id: int) -> ShownEvent | None:
    """One row of the inbox, with its body while that is quarantined; None for an unknown row."""
    row = await reading.sql.event_with_body(reading.connection, id=row_id)
    if row is None:
        return None
    values = dict(row)
    body, size = values.pop("body"), values.pop("body_size")
    return ShownEvent(InboxRow(**values), None if body is None else bytes(body), size)


async def quarantined_count(reading: Reading) -> int:
    """How many events wait in the quarantine."""
    row = await reading.sql.quarantined_count(reading.connection)
    return int(row["total"])


async def quarantined_ids(reading: Reading, after: int, limit: int) -> list[int]:
    """The rows of the quarantine, oldest first, after a given one."""
    query = reading.sql.quarantined_ids
    return [row["id"] async for row in query(reading.connection, after=after, page=limit)]


async def dropped_bodies(reading: Reading) -> int:
    """How many quarantined events can't be replayed, because the quarantine was full when they came."""
    row = await reading.sql.dropped_bodies(reading.connection)
    return int(row["total"])


class BodyNotKept(Exception):
    """The quarantine was full when the body came: only its hash, size and error were kept."""


def quarantined_body(transaction: Transaction, row_id: int) -> bytes | None:
    """The body as it came; None when the row is not, or no longer, in the quarantine. Raises BodyNotKept."""
    row = transaction.sql.quarantined_body(transaction.connection, id=row_id)
    if row is None:
        return None
    if row["body"] is None:
        raise BodyNotKept
    return bytes(row["body"])


def quarantined_event(transaction: Transaction, row_id: int) -> QuarantinedEvent | None:
    """A row of the quarantine; None when it is not, or no longer, there."""
    row = transaction.sql.quarantined_event(transaction.connection, id=row_id)
    return None if row is None else QuarantinedEvent(**dict(row))


def still_malformed(transaction: Transaction, row_id: int, error: str) -> bool:
    """It stays, with what is wrong with it now; false when another process understood it meanwhile."""
    return bool(transaction.sql.still_malformed(transaction.connection, id=row_id, error=error))


def leave_quarantine(transaction: Transaction, row_id: int, type_: str, session_id: str | None) -> bool:
    """Keep the row as a trace without its body; false when another process was faster."""
    left = transaction.sql.leave_quarantine(
        transaction.connection, id=row_id, type=type_, session_id=session_id
    )
    return bool(left)
