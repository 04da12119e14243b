"""Strangers with as many connections as they can hold: signed webhooks and the health check still get through."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import aiohttp
import pytest

from tests.support import ralio
from tests.support.process import Process, environment, free_port
from tests.support.ralio import Ralio
from tests.support.slack import WEBHOOK_SECRET, LocalSlack

CONNECTIONS = 850
"""More than the server takes, and below 1,024 descriptors."""

RECONNECT_S = 0.2
ATTEMPTS = 5
MEBIBYTE = 1_048_576
TAKEN_WITHIN_S = 5.0
"""Of the minute that Ralio waits: other tests use the same two processors."""
POST = b"POST /webhooks/ralio HTTP/1.1\r\nHost: a\r\nX-Signature: " + b"0" * 64 + b"\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

FLOODS = {
    "a whole head and one byte of its body": (POST + b"Content-Length: 5000\r\n\r\na", False),
    "chunks that never end": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", False),
    "requests whose answers nobody reads": (GET * 50, True),
    "one request, then silence": (GET, False),
}
"""What each connection sends, and whether it leaves the answers unread."""


class _Attacker(asyncio.Protocol):
    """Sends as soon as it is connected, and connects again when it is dropped."""

    def __init__(self, port: int, sent: bytes, *, is_deaf: bool) -> None:
        self._port, self._sent, self._is_deaf = port, sent, is_deaf
        self._transport: asyncio.Transport | None = None
        self._is_over = False
        self._again: asyncio.Task[None] | None = None

    async def connect(self, after_s: float = 0.0) -> None:
        await asyncio.sleep(after_s)
        if not self._is_over:
            await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is not a subclass
        if self._is_deaf:
            self._transport.pause_reading()
        self._transport.write(self._sent)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self._is_over:
            self._again = asyncio.get_running_loop().create_task(self.connect(RECONNECT_S))

    def stop(self) -> None:
        self._is_over = True
        if self._transport is not None:
            self._transport.abort()


@asynccontextmanager
async def _attacked(port: int, sent: bytes, count: int, *, is_deaf: bool = False) -> AsyncIterator[None]:
    attackers = [_Attacker(port, sent, is_deaf=is_deaf) for _ in range(count)]
    try:
        for attacker in attackers:
            await attacker.connect()
        yield
    finally:
        for attacker in attackers:
            attacker.stop()
        await asyncio.sleep(0)


async def _seconds_for_a_webhook(port: int) -> float:
    """Send a signed webhook on a connection of its own; it must be recorded."""
    async with aiohttp.ClientSession() as session:
        began = time.monotonic()
        sender = Ralio(f"http://127.0.0.1:{port}/webhooks/ralio", WEBHOOK_SECRET, session)
        assert (await sender.send(ralio.event()))[0] == 200
        return time.monotonic() - began


async def _seconds_for_health(port: int) -> float:
    async with aiohttp.ClientSession() as session:
        began = time.monotonic()
        async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200
        return time.monotonic() - began


@pytest.fixture
async def server(tmp_path: Path, slack: LocalSlack) -> AsyncIterator[tuple[Process, int]]:
    """A server in a process of its own."""
    env = environment(f"sqlite:///{tmp_path / 'reviews.db'}", free_port(), slack.api_url)
    process = Process(env, tmp_path / "log")
    process.start()
    await process.listening()
    yield process, int(env["PORT"])
    assert await process.terminate() == 0


async def test_no_flood_of_connections_keeps_a_signed_webhook_waiting(server: tuple[Process, int]) -> None:
    """Each is taken in time, and the health check is answered."""
    _, port = server
    for name, (sent, is_deaf) in FLOODS.items():
        async with _attacked(port, sent, CONNECTIONS, is_deaf=is_deaf):
            await _seconds_for_health(port)  # by now all of them are accepted
            for _ in range(ATTEMPTS):
                assert (name, await _seconds_for_a_webhook(port)) <= (name, TAKEN_WITHIN_S)
                assert (name, await _seconds_for_health(port)) <= (name, TAKEN_WITHIN_S)


async def test_bodies_that_are_never_whole_take_a_bounded_part_of_the_memory(
    server: tuple[Process, int],
) -> None:
    """150 bodies of a mebibyte minus one byte would be 150 MiB; they share 32 MiB, and signed webhooks are taken."""
    process, port = server
    before = _resident_bytes(process)
    sent = POST + b"Content-Length: 1048576\r\n\r\n" + b"x" * (MEBIBYTE - 1)
    async with _attacked(port, sent, 150):
        for _ in range(ATTEMPTS):
            assert await _seconds_for_a_webhook(port) <= TAKEN_WITHIN_S
            assert _resident_bytes(process) - before <= 80 * MEBIBYTE


def _resident_bytes(process: Process) -> int:
    """Read the memory of the server's process, and of nothing that it started."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


async def test_a_flood_of_refused_requests_is_a_line_of_the_log_a_second(
    server: tuple[Process, int], tmp_path: Path
) -> None:
    """A wrong signature, a missing one of Slack, and what is not HTTP: each is counted in one line per second."""
    _, port = server
    refused = {
        "webhook_wrong_signature": POST + b"Content-Length: 1\r\n\r\na",
        "slack_wrong_signature": b"POST /slack/commands HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "request_unreadable": b"\x16\x03\x01\r\n\r\n",
    }
    began = time.monotonic()
    for request in refused.values():
        for _ in range(300):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            await reader.read(1)
            writer.transport.abort()
    lasted_s = time.monotonic() - began
    await asyncio.sleep(1.2)
    log = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    for event in refused:
        lines = [line for line in log if event in line]
        assert (event, len(lines)) <= (event, lasted_s + 2)
        assert sum(int(line.split("count=")[1].split()[0]) for line in lines) == 300
