"""A minute has passed since a person was refused: the repeats since then are recorded as one entry."""

import asyncio

import structlog

from bot.clock import Clock
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import refusals

LOOK_EVERY_S = 10.0

_log = structlog.get_logger(__name__)


class RepeatedRefusals:
    """Records repeats, until cancelled."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Look now and then."""
        while True:
            try:
                await self.turn()
            except StoreUnavailable as error:
                _log.warning("repeated_refusals_postponed", error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def turn(self) -> None:
        """Record everything that is due now."""
        while await self._store.read(lambda reading: refusals.is_over(reading, self._clock())):
            if not await self._store.write(refusals.record_counted, self._clock()):
                return
