"""An operator rotates the key that seals the audit, or gives it its first one."""

from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import audit
from bot.store.tables.audit import KeyRotation, RotateKey


async def rotate_key(store: Store, argument: RotateKey, now: int) -> KeyRotation:
    """Seal with the first key from `now` (milliseconds) on."""
    return await store.write(_rotate, (argument, now))


def _rotate(transaction: Transaction, request_at: tuple[RotateKey, int]) -> KeyRotation:
    request, now = request_at
    return audit.rotate(transaction, request, now)
