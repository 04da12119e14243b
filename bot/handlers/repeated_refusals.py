"""A minute has passed since a person was refused: the repeats since then are recorded as one entry."""

from bot.clock import Clock
from bot.handlers.periodic import repeat
from bot.store.store import Store
from bot.store.tables import refusals

LOOK_EVERY_S = 10.0


class RepeatedRefusals:
    """Records repeats, until cancelled."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Look now and then."""
        await repeat(self.turn, LOOK_EVERY_S, "repeated_refusals")

    async def turn(self) -> None:
        """Record everything that is due now."""
        while await self._store.read(lambda reading: refusals.is_over(reading, self._clock())):
            if not await self._store.write(refusals.record_counted, self._clock()):
                return
