"""Tells every open page that something changed; the page then reads the state again."""

import asyncio

END = -1


class Changes:
    """A counter of changes with subscribers.

    A subscriber's queue holds one entry: a slow one needs only to know that something is new.
    """

    def __init__(self) -> None:
        self.version = 0
        self._subscribers: set[asyncio.Queue[int]] = set()
        self._closed = False

    def publish(self) -> None:
        """Count a change and wake the subscribers."""
        self.version += 1
        for queue in self._subscribers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(self.version)

    def subscribe(self) -> asyncio.Queue[int]:
        """Return a queue that gets the version after each change, and `END` when there will be no more."""
        queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        self._subscribers.add(queue)
        queue.put_nowait(END if self._closed else self.version)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[int]) -> None:
        """Forget a subscriber."""
        self._subscribers.discard(queue)

    def close(self) -> None:
        """End all streams, so the server's shutdown doesn't wait for them."""
        self._closed = True
        for queue in self._subscribers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(END)
