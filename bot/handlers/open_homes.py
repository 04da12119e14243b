"""What a home tab lists has changed by someone else's hand: the tabs that people have open are sent again."""

import asyncio

from bot.clock import Clock
from bot.handlers.periodic import repeat
from bot.store.engine.transaction import Transaction
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import audit_trail, deliveries

LOOK_EVERY_S = 0.5
"""A change shows within a second."""

AFTER_FAILURE_S = 5.0

OPEN_FOR_MS = 3_600_000
"""Slack reports that a home tab is opened, not that it is left: it counts as open for an hour after its last use."""


class OpenHomes:
    """Looks, until cancelled, whether anything was recorded, and then has the open home tabs sent again.

    The people whom a change concerns see it at once, see save_change. The others' tabs come after those.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._seen = 0

    async def run(self) -> None:
        """Look now and then."""
        await repeat(self.look, LOOK_EVERY_S, "home_refresh")

    async def look(self) -> None:
        """Send the open tabs again if the audit has new entries: every change of a review has one."""
        try:
            await self._look()
        except StoreUnavailable:
            await asyncio.sleep(AFTER_FAILURE_S)
            raise

    async def _look(self) -> None:
        head = await self._store.read(audit_trail.head)
        if head.id == self._seen:
            return
        since = self._clock() - OPEN_FOR_MS
        if await self._store.read(lambda reading: deliveries.has_open_homes(reading, since)):
            await self._store.write(refresh_open_homes, self._clock())
        self._seen = head.id


def refresh_open_homes(transaction: Transaction, now: int) -> int:
    """Queue the home tabs that are open at `now` (milliseconds); returns how many."""
    return deliveries.refresh_open_homes(transaction, now - OPEN_FOR_MS, now)
