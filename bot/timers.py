"""What happens because a time has come: deadlines, reminders, released claims, daily digests.

The database holds what is due and when; this loop only asks it to let that happen. Any number of instances may do so.
"""

import asyncio
from collections.abc import Mapping

import structlog

from bot.clock import Clock
from bot.reviews.outcomes import Rules
from bot.store import digest, timers
from bot.store.errors import StoreUnavailable
from bot.store.store import Store

POLL_S = 1.0
SWEEP_EVERY_S = 300.0

_log = structlog.get_logger(__name__)


class Timers:
    """Lets what is due happen, until cancelled. `queues` are the rules of each queue."""

    def __init__(self, store: Store, clock: Clock, queues: Mapping[str, Rules]) -> None:
        self._store = store
        self._clock = clock
        self._queues = queues
        self._swept_at: int | None = None
        self._posted: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Look every second."""
        while True:
            try:
                await self.turn()
            except StoreUnavailable as error:
                _log.warning("timers_wait_for_database", error=str(error))
            await asyncio.sleep(POLL_S)

    async def turn(self) -> None:
        """Let everything happen that is due now."""
        now = self._clock()
        if self._swept_at is None or abs(now - self._swept_at) > SWEEP_EVERY_S * 1000:
            await self._sweep(now)
            self._swept_at = now
        while await self._is_due(now) and (count := await self._store.write(timers.fire_due, now)):
            _log.info("timers_were_due", count=count)
        await self._post_digests(now)

    async def _is_due(self, now: int) -> bool:
        due_at = await self._store.read(timers.next_due)
        return due_at is not None and due_at <= now

    async def _sweep(self, now: int) -> None:
        after: int | None = 0
        while after is not None:
            after = (await self._store.write(timers.sweep, (after, now))).after

    async def _post_digests(self, now: int) -> None:
        for queue, rules in self._queues.items():
            day = rules.digest_day(now)
            if day is not None and (queue, day.isoformat()) not in self._posted:
                await self._store.write(digest.post, digest.Due(queue, day.isoformat(), now))
                self._posted.add((queue, day.isoformat()))
