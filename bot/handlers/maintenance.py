"""What an operator asks for: send again what is held, read again what is quarantined, keep sessions, purge old ones.

An order is carried out by the process that may write: a command, or the running server that a command asks.
"""

from asyncio import gather
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bot.clock import Clock
from bot.handlers import ralio_event, retention
from bot.handlers.ralio_event import Receipt
from bot.handlers.retention import Purge, Purged
from bot.ralio.events import IgnoredEvent, MalformedEvent, parse
from bot.reviews.review import SessionEvent
from bot.store.engine.transaction import Transaction
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import deliveries, events, legal_holds
from bot.store.tables.legal_holds import HoldAnswer, LiftHold, PlaceHold

PAGE = 50
"""Bodies in the memory at once, each as large as a webhook may be."""

MAX_PROBLEM = 300

REPLAYED, REPLAYED_NOT_NEEDED = "replayed", "replayed: not needed"
"""The type of a row that was quarantined; its event, if it is one, has a row of its own."""


class Fate(StrEnum):
    """How reading a quarantined body again ended."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    NOT_NEEDED = "not_needed"
    STAYS = "stays"
    NOT_QUARANTINED = "not_quarantined"


@dataclass(frozen=True, slots=True)
class Requeue:
    """Make one held delivery due, or all where `id` is None."""

    id: int | None


@dataclass(frozen=True, slots=True)
class Requeued:
    """How many deliveries are due again."""

    count: int


@dataclass(frozen=True, slots=True)
class Replay:
    """Read one quarantined body again, or a page of all after row `after` where `id` is None."""

    id: int | None
    after: int = 0


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one quarantined row; `problem` says why it stays."""

    id: int
    fate: Fate
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ReplayedPage:
    """What became of a page; `next_after` is None when there is nothing behind it."""

    rows: tuple[Replayed, ...]
    next_after: int | None


class StoreMaintainer:
    """Carries out orders on an open store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def requeue(self, order: Requeue) -> Requeued:
        """Make held deliveries due."""
        return await self._store.write(requeue, (order, self._clock()))

    async def replay(self, order: Replay) -> ReplayedPage:
        """Read a page of the quarantine, or one row of it, again; each row is recorded or stays on its own."""
        if order.id is not None:
            return ReplayedPage((await self._replay(order.id),), None)
        ids = await self._store.read(lambda reading: events.quarantined_ids(reading, order.after, PAGE))
        rows = await gather(*(self._replay(row_id) for row_id in ids))
        return ReplayedPage(tuple(rows), ids[-1] if len(ids) == PAGE else None)

    async def place_hold(self, order: PlaceHold) -> HoldAnswer:
        """Keep a session from every purge."""
        return await self._store.write(legal_holds.place, (order, self._clock()))

    async def lift_hold(self, order: LiftHold) -> HoldAnswer:
        """Let a purge have the session again."""
        return await self._store.write(legal_holds.lift, (order, self._clock()))

    async def purge(self, order: Purge) -> Purged:
        """Remove a page of what is old."""
        return await self._store.write(retention.purge, (order, self._clock()))

    async def _replay(self, row_id: int) -> Replayed:
        try:
            return await self._store.write(replay, (row_id, self._clock()))
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - told, and a body that we trip over must not keep the others back
            # Only the kind of error: its text could hold what is in the body.
            return Replayed(row_id, Fate.STAYS, f"the bot failed with it: {type(error).__name__}")


def requeue(transaction: Transaction, order_at: tuple[Requeue, int]) -> Requeued:
    """Make held deliveries due at the given time (milliseconds)."""
    order, now = order_at
    return Requeued(deliveries.requeue(transaction, order.id, now))


def replay(transaction: Transaction, row_at: tuple[int, int]) -> Replayed:
    """Take in a quarantined row (its id) as the webhook would at the given time (milliseconds).

    The row leaves the quarantine in the transaction that records its event. It leaves before anything is recorded, so
    one of two processes finds it gone.
    """
    row_id, now = row_at
    body = events.quarantined_body(transaction, row_id)
    if body is None:
        return Replayed(row_id, Fate.NOT_QUARANTINED)
    match parse(body, now):
        case SessionEvent() as event:
            if not events.leave_quarantine(transaction, row_id, REPLAYED, event.session_id):
                return Replayed(row_id, Fate.NOT_QUARANTINED)
            (receipt,) = ralio_event.receive(transaction, [event])
            return Replayed(row_id, Fate.RECORDED if receipt is Receipt.RECORDED else Fate.DUPLICATE)
        case IgnoredEvent():
            left = events.leave_quarantine(transaction, row_id, REPLAYED_NOT_NEEDED, None)
            return Replayed(row_id, Fate.NOT_NEEDED if left else Fate.NOT_QUARANTINED)
        case MalformedEvent() as malformed:
            error = "; ".join(malformed.problems)
            if not events.still_malformed(transaction, row_id, error):
                return Replayed(row_id, Fate.NOT_QUARANTINED)
            return Replayed(row_id, Fate.STAYS, error[:MAX_PROBLEM])
        case never:
            assert_never(never)
