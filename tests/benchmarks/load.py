"""The load generator: raw bytes over raw connections, so that it costs a fraction of what it measures.

Closed loop: every connection sends its next request once the last one is answered; that finds the throughput. Open
loop: requests are due at fixed times whatever the server does, and a latency counts from the moment at which the
request was due, so that a server that stands still is charged for every request that would have come meanwhile.
"""

import asyncio
import gc
import itertools
import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import cast

CONNECT_LIMIT_S = 10.0
CLOSED_LOOP_LIMIT_S = 600.0
DRAIN_LIMIT_S = 30.0
MAX_OPEN_LOOP_CONNECTIONS = 256


@dataclass(slots=True)
class Answers:
    """What came back: latencies in seconds, how many were not 200, how long it all took, our own CPU time."""

    latencies_s: list[float] = field(default_factory=list)
    refused: int = 0
    first_refusal: bytes = b""
    took_s: float = 0.0
    own_cpu_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies_s) / self.took_s if self.took_s else 0.0

    def percentile_s(self, percent: float) -> float:
        """The smallest latency within which so many percent were answered; ValueError without answers."""
        if not self.latencies_s:
            raise ValueError("no request was answered: there is no latency")
        ordered = sorted(self.latencies_s)
        return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


class _Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way at most."""

    def __init__(self, answers: Answers, on_idle: "_OnIdle") -> None:
        self._answers = answers
        self._on_idle = on_idle
        self._transport: asyncio.Transport | None = None
        self._due_at = 0.0
        self._received = b""
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is not a subclass

    def send(self, request: bytes, due_at: float) -> None:
        """Send a request that was due at this time (of the monotonic clock)."""
        assert self._transport is not None
        self._due_at = due_at
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        if not _is_whole(received):
            self._received = received
            return
        self._received = b""
        self._answers.latencies_s.append(time.perf_counter() - self._due_at)
        if not received.startswith(b"HTTP/1.1 200"):
            self._answers.refused += 1
            self._answers.first_refusal = self._answers.first_refusal or received
        self._on_idle(self)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._on_idle.can_spare(self) and not self.closed.done():
            self.closed.set_result(error)

    def close(self) -> None:
        """Hang up."""
        assert self._transport is not None
        self._transport.close()


class _OnIdle:
    """What a connection does when it is free: replaced by the two kinds of loop."""

    def __call__(self, connection: _Connection) -> None:
        raise NotImplementedError

    def can_spare(self, connection: _Connection) -> bool:
        """Whether nothing is lost with a connection that the server closed."""
        del connection
        return False


def _is_whole(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return False
    lowered = head.lower()
    start = lowered.find(b"content-length:")
    if start >= 0:
        length = int(lowered[start + 15 :].split(b"\r\n", 1)[0])
        return len(body) >= length
    return b"transfer-encoding: chunked" not in lowered or body.endswith(b"0\r\n\r\n")


class _ClosedLoop(_OnIdle):
    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self.waiting = 0
        self.done = asyncio.get_running_loop().create_future()

    def begin(self, connections: Sequence[_Connection]) -> None:
        self.waiting = len(connections)
        for connection in connections:
            self(connection)

    def __call__(self, connection: _Connection) -> None:
        request = next(self._requests, None)
        if request is not None:
            connection.send(request, time.perf_counter())
            return
        self.waiting -= 1
        if not self.waiting and not self.done.done():
            self.done.set_result(None)


class _OpenLoop(_OnIdle):
    def __init__(self, requests: Sequence[bytes]) -> None:
        self._left = len(requests)
        self._idle: list[_Connection] = []
        self._due: deque[tuple[bytes, float]] = deque()
        self.done = asyncio.get_running_loop().create_future()

    def begin(self, connections: Sequence[_Connection]) -> None:
        self._idle = list(connections)

    def request_is_due(self, request: bytes, due_at: float) -> None:
        if self._idle:
            self._idle.pop().send(request, due_at)
        else:
            self._due.append((request, due_at))

    def __call__(self, connection: _Connection) -> None:
        self._left -= 1
        if not self._left and not self.done.done():
            self.done.set_result(None)
        if self._due:
            connection.send(*self._due.popleft())
        else:
            self._idle.append(connection)

    def can_spare(self, connection: _Connection) -> bool:
        """Any that is idle: many a server hangs up on it after some seconds."""
        if connection not in self._idle:
            return False
        self._idle.remove(connection)
        return True


async def closed_loop(
    port: int, requests: Sequence[bytes], connections: int, limit_s: float = CLOSED_LOOP_LIMIT_S
) -> Answers:
    """Send them over so many connections as fast as they are answered, but begin none after `limit_s`.

    ConnectionError when a connection breaks.
    """
    answers = Answers()
    ends_at = math.inf
    loop = _ClosedLoop(itertools.takewhile(lambda _: time.perf_counter() < ends_at, requests))
    async with _opened(port, connections, answers, loop) as opened:
        with _without_collector():
            own_cpu_s = time.process_time()
            began = time.perf_counter()
            ends_at = began + limit_s
            loop.begin(opened)
            await _ended(loop.done, opened, limit_s + DRAIN_LIMIT_S)
            answers.took_s = time.perf_counter() - began
            answers.own_cpu_s = time.process_time() - own_cpu_s
    return answers


async def open_loop(port: int, requests: Sequence[bytes], rate_per_s: float) -> Answers:
    """Send them at a fixed rate over as many connections as that takes; ConnectionError when one breaks in use."""
    answers = Answers()
    loop = _OpenLoop(requests)
    async with _opened(port, MAX_OPEN_LOOP_CONNECTIONS, answers, loop) as opened:
        loop.begin(opened)
        with _without_collector():
            began = time.perf_counter()
            with _Pacemaker(began, rate_per_s, requests, loop.request_is_due):
                await _ended(loop.done, opened, len(requests) / rate_per_s + DRAIN_LIMIT_S)
            answers.took_s = time.perf_counter() - began
    return answers


class _Pacemaker:
    """Tells the event loop when each request is due: a thread sleeps to 0.1 ms, the loop's timers to 1 ms."""

    def __init__(
        self,
        began: float,
        rate_per_s: float,
        requests: Sequence[bytes],
        is_due: Callable[[bytes, float], None],
    ) -> None:
        self._began = began
        self._rate_per_s = rate_per_s
        self._requests = requests
        self._is_due = is_due
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        self._thread.join()

    def _run(self) -> None:
        for number, request in enumerate(self._requests):
            due_at = self._began + number / self._rate_per_s
            while (wait_s := due_at - time.perf_counter()) > 0:
                time.sleep(min(wait_s, 0.1))
            if self._stopping:
                return
            self._loop.call_soon_threadsafe(self._is_due, request, due_at)


@asynccontextmanager
async def _opened(port: int, count: int, answers: Answers, loop: _OnIdle) -> AsyncIterator[list[_Connection]]:
    """So many connections; they are closed however the measurement ends."""
    running = asyncio.get_running_loop()
    async with asyncio.timeout(CONNECT_LIMIT_S):
        pairs = [
            await running.create_connection(lambda: _Connection(answers, loop), "127.0.0.1", port)
            for _ in range(count)
        ]
    connections = [connection for _, connection in pairs]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


async def _ended(done: "asyncio.Future[None]", connections: Sequence[_Connection], limit_s: float) -> None:
    closed = [connection.closed for connection in connections]
    await asyncio.wait({done, *closed}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    if not done.done():
        broken = next((future for future in closed if future.done()), None)
        raise ConnectionError(
            f"not every request was answered within {limit_s:g} s"
            if broken is None
            else f"the server closed a connection: {broken.result()}"
        )


@contextmanager
def _without_collector() -> Iterator[None]:
    """A pause of our own garbage collector would be counted as the server's."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
