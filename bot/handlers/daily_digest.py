"""A queue's daily digest is due: it is queued once a day, however many instances run."""

from collections.abc import Mapping

from bot.clock import Clock
from bot.reviews.policy import Policy
from bot.store.store import Store
from bot.store.tables import digest


class DailyDigests:
    """Queues each queue's digest when its time has come."""

    def __init__(self, store: Store, clock: Clock, policies: Mapping[str, Policy]) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._queued: set[tuple[str, str]] = set()

    async def turn(self) -> None:
        """Queue the digests that are due now; StoreUnavailable when they cannot be written."""
        now = self._clock()
        for queue, policy in self._policies.items():
            day = policy.digest_day(now)
            if day is not None and (queue, day.isoformat()) not in self._queued:
                await self._store.write(digest.post, digest.Due(queue, day, now))
                self._queued.add((queue, day.isoformat()))
