"""The turns of a delivery worker: every commit and every finished attempt wakes it, and it also polls."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine

import structlog

from bot.outage_log import OutageLog
from bot.store.errors import StoreUnavailable

STORE_AWAY_S = 1.0

_log = structlog.get_logger(__name__)


class TurnTaker(ABC):
    """Takes turns until stopped, and keeps the attempts that they start. `woken` is set when something may be due.

    Turns are at least `turn_s` seconds apart, so under load many commits share one.
    """

    def __init__(self, woken: asyncio.Event, turn_s: float) -> None:
        self._woken = woken
        self._turn_s = turn_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._turning = asyncio.Lock()
        self._stopping = False
        self._pauses = OutageLog(_log, "delivery_paused", "delivery_resumed")

    @abstractmethod
    async def turn(self) -> float:
        """Start what can start now; returns how many seconds the next turn can wait."""

    @property
    def in_flight(self) -> int:
        """How many attempts are under way."""
        return len(self._tasks)

    async def run(self) -> None:
        """Take turns until stopped."""
        while not self._stopping:
            self._woken.clear()
            try:
                async with self._turning:
                    wait_s = await self.turn()
            except StoreUnavailable as error:
                self._pauses.failed(error=str(error))
                await asyncio.sleep(STORE_AWAY_S)
                continue
            self._pauses.recovered()
            await asyncio.sleep(self._turn_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, wait_s - self._turn_s)):
                    await self._woken.wait()

    async def stop(self, limit_s: float) -> None:
        """Start nothing new and let the attempts under way end; one that doesn't end in time is left to its lease."""
        self._stopping = True
        self._woken.set()
        with contextlib.suppress(TimeoutError):
            # What a turn has leased already is sent, instead of being left until its lease ends.
            async with asyncio.timeout(limit_s), self._turning:
                pass
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=limit_s)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    def _begin(
        self, attempt: Coroutine[None, None, None], name: str, on_end: Callable[[], None] | None = None
    ) -> None:
        """Start an attempt; its end wakes the worker."""

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if on_end is not None:
                on_end()
            self._woken.set()

        task = asyncio.create_task(attempt, name=name)
        self._tasks.add(task)
        task.add_done_callback(ended)
