"""Held deliveries: what each was refused for, how they resume once the cause is gone, and how one is discarded."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.store.engine.transaction import Reading, Transaction


@dataclass(frozen=True, slots=True)
class Cause:
    """Why deliveries are held: the channel that they go to (None: no channel of their own) and the error."""

    channel: str | None
    error: str


@dataclass(frozen=True, slots=True)
class Probe:
    """The oldest delivery that is held for a cause: if it succeeds, the others follow."""

    id: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class HeldDelivery:
    """A held delivery: its kind, why it is held, and the session that it is about, if it is about one."""

    id: int
    kind: str
    last_error: str | None
    session_id: str | None


def find(transaction: Transaction, delivery_id: int) -> HeldDelivery | None:
    """The held delivery with this id; None when it is not held."""
    row = transaction.sql.held_delivery(transaction.connection, id=delivery_id)
    return None if row is None else HeldDelivery(**dict(row))


def discard(transaction: Transaction, delivery_id: int) -> bool:
    """Give up a held delivery; false when it is not held any more."""
    # A later decision of the same review waits for this one.
    transaction.wakes_delivery_worker = True
    return bool(transaction.sql.discard_held(transaction.connection, id=delivery_id))


async def probes(reading: Reading) -> list[Probe]:
    """One delivery for each cause for which any is held."""
    rows = reading.sql.held_by_cause(reading.connection)
    return [Probe(row["id"], Cause(row["channel"], row["last_error"])) async for row in rows]


def resume(transaction: Transaction, ids_at: tuple[Sequence[int], int]) -> int:
    """Make these held deliveries due at a time (milliseconds); returns how many still were held."""
    ids, now = ids_at
    transaction.wakes_delivery_worker = True
    return sum(transaction.sql.resume_held(transaction.connection, id=id_, now=now) for id_ in ids)


def resume_by_cause(transaction: Transaction, cause: Cause, lane: str, now: int) -> int:
    """Make everything due at `now` (milliseconds) that is held for this cause, in its channel or new in its lane.

    A lane's new messages go to the queue's channel of today, wherever they were refused. Returns how many.
    """
    resumed = int(
        transaction.sql.resume_held_by_cause(
            transaction.connection, channel=cause.channel, lane=lane, last_error=cause.error, now=now
        )
    )
    transaction.wakes_delivery_worker |= resumed > 0
    return resumed
