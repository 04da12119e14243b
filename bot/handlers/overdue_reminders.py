"""Reminders are due: one message is queued per queue, and per person with overdue claims.

The database holds which are due; any number of instances can look side by side.
"""

from collections.abc import Mapping

import structlog

from bot.clock import Clock
from bot.reviews.policy import Policy, policy_of
from bot.reviews.reminder_schedule import GATHER_MS, due_together
from bot.store.store import Store
from bot.store.tables import reminders
from bot.store.tables.reminders import AUDIENCES, Due

_log = structlog.get_logger(__name__)


class OverdueReminders:
    """Queues reminders when their time has come."""

    def __init__(self, store: Store, clock: Clock, queues: Mapping[str, Policy]) -> None:
        self._store = store
        self._clock = clock
        self._queues = queues

    async def turn(self) -> None:
        """Queue the reminders that are due now; StoreUnavailable when they cannot be written."""
        for queue, wanted in (await self._store.read(reminders.wanted)).items():
            if min(wanted.values()) <= self._clock():
                await self._turn_of(queue, wanted)

    async def _turn_of(self, queue: str, wanted: Mapping[str, int]) -> None:
        now, hours = self._clock(), policy_of(queue, self._queues).deadlines.hours
        next_timer = await self._store.read(
            lambda reading: reminders.next_timer(reading, queue, now, now + GATHER_MS)
        )
        in_channel = {each: at for each, at in wanted.items() if each in AUDIENCES}
        personal = [{each: at} for each, at in wanted.items() if each not in AUDIENCES]
        for message in (in_channel, *personal):
            if not (audiences := due_together(message, next_timer, hours, now)):
                continue
            is_queued = await self._store.write(reminders.post, Due(queue, audiences, now))
            if is_queued:
                _log.info("reminder_queued", queue=queue, audiences=audiences)
