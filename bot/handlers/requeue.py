"""An operator requeues deliveries that are held, after the cause is fixed."""

from dataclasses import dataclass

from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import deliveries


@dataclass(frozen=True, slots=True)
class Requeue:
    """Make one held delivery due, or all where `id` is None."""

    id: int | None


@dataclass(frozen=True, slots=True)
class Requeued:
    """How many deliveries are due again."""

    count: int


async def requeue(store: Store, argument: Requeue, now: int) -> Requeued:
    """Make held deliveries due at `now` (milliseconds)."""
    return await store.write(_requeue, (argument, now))


def _requeue(transaction: Transaction, argument_at: tuple[Requeue, int]) -> Requeued:
    argument, now = argument_at
    return Requeued(deliveries.requeue(transaction, argument.id, now))
