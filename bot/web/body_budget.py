"""One budget for all request bodies in memory: when it is used up, the body that arrives slowest makes room.

Without it, 800 connections of strangers could each hold a body that is one byte short of the limit.
"""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass

DEFAULT_BYTES = 32 * 1_048_576


@dataclass(slots=True)
class _Body:
    """A body in memory; `deadline` ends reading it, and is None once all of it has arrived."""

    size: int = 0
    began_at: float = 0.0
    deadline: asyncio.Timeout | None = None

    def bytes_per_s(self, now: float) -> float:
        return self.size / max(now - self.began_at, 0.001)


class BodyBudget:
    """Counts the bytes of request bodies from their arrival until the request is answered.

    A body is known by the connection that it arrives on, which has one request at a time.
    """

    def __init__(self, limit_bytes: int = DEFAULT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._bodies: dict[Hashable, _Body] = {}
        self.used_bytes = 0
        self.evicted = 0

    def start(self, owner: Hashable, began_at: float, deadline: asyncio.Timeout) -> None:
        """Note a body that starts to arrive; reaching its deadline is how it is evicted."""
        self.release(owner)
        self._bodies[owner] = _Body(began_at=began_at, deadline=deadline)

    def add(self, owner: Hashable, size: int, now: float) -> None:
        """Charge bytes that have arrived; beyond the limit, evict the slowest bodies that are still arriving."""
        body = self._bodies.get(owner)
        if body is None:
            return  # it was evicted a moment ago
        body.size += size
        self.used_bytes += size
        while self.used_bytes > self._limit_bytes:
            arriving = [(each.bytes_per_s(now), key) for key, each in self._bodies.items() if each.deadline]
            if not arriving:
                return
            _, slowest = min(arriving, key=lambda each: each[0])
            self._evict(slowest, now)

    def complete(self, owner: Hashable, size: int) -> None:
        """Keep a body that has arrived whole charged until `release`."""
        self.release(owner)
        self._bodies[owner] = _Body(size)
        self.used_bytes += size

    def release(self, owner: Hashable) -> None:
        """Forget the body of a request that is answered."""
        if (body := self._bodies.pop(owner, None)) is not None:
            self.used_bytes -= body.size

    def _evict(self, owner: Hashable, now: float) -> None:
        deadline = self._bodies[owner].deadline
        self.release(owner)
        self.evicted += 1
        if deadline is not None and not deadline.expired():
            deadline.reschedule(now)
