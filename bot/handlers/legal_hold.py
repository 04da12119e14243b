"""An operator puts a session on legal hold, which no purge removes, or lifts the hold."""

from bot.store.store import Store
from bot.store.tables import legal_holds
from bot.store.tables.legal_holds import HoldAnswer, LiftHold, PlaceHold


async def place_hold(store: Store, argument: PlaceHold, now: int) -> HoldAnswer:
    """Keep a session from every purge from `now` (milliseconds) on."""
    return await store.write(legal_holds.place, (argument, now))


async def lift_hold(store: Store, argument: LiftHold, now: int) -> HoldAnswer:
    """Let a purge remove the session again."""
    return await store.write(legal_holds.lift, (argument, now))
