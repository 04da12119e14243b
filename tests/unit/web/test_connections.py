"""What a connection does now, by its own state, and which one is dropped at the limit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.web.connections import Connection, Connections, State, protect
from bot.web.limits import Limits
from bot.web.server import Server
from tests.support.raw_http import Wire, connected

GET = b"GET /state HTTP/1.1\r\nHost: a\r\n\r\n"
LATE = Limits(head_s=0.3, linger_s=1.0, look_every_s=0.05)


@asynccontextmanager
async def _serving(limits: Limits) -> AsyncIterator[tuple[int, list[Connection]]]:
    """The port, and the connections in the order of their first requests."""
    seen: list[Connection] = []

    async def state(request: web.Request) -> web.Response:
        assert isinstance(request.protocol, Connection)
        if request.protocol not in seen:
            seen.append(request.protocol)
        return web.Response(text=request.protocol.state.name)

    server = Server([web.route(method, "/state", state) for method in ("GET", "POST")], limits=limits)
    try:
        yield await server.start("127.0.0.1", 0), seen
    finally:
        await server.drain()


def _state(connection: Connection) -> State:
    """Read the state again: mypy does not expect that an attribute changes between two assertions."""
    return connection.state


async def _served(wire: Wire) -> None:
    wire.send(GET)
    assert (await wire.answer()).body == b"UNVERIFIED"


async def test_a_connection_is_busy_with_a_request_and_idle_after_its_answer() -> None:
    """The first byte of the next request ends the idleness."""
    async with _serving(Limits()) as (port, seen), connected(port) as wire:
        await _served(wire)
        (connection,) = seen
        assert _state(connection) is State.IDLE
        wire.send(GET[:5])
        await asyncio.sleep(0.05)
        assert _state(connection) is State.RECEIVING
        wire.send(GET[5:])
        assert (await wire.answer()).status == 200
        assert _state(connection) is State.IDLE


async def test_a_connection_stays_busy_until_a_body_that_no_handler_reads_has_arrived() -> None:
    """The body is no part of the next request: the connection is idle afterwards, and is not dropped."""
    async with _serving(LATE) as (port, seen), connected(port) as wire:
        wire.send(b"POST /state HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        assert (await wire.answer()).status == 200
        (connection,) = seen
        await asyncio.sleep(0.05)
        assert _state(connection) is State.UNVERIFIED
        wire.send(b"cd")
        await asyncio.sleep(0.6)
        assert _state(connection) is State.IDLE
        await _served(wire)


async def test_answered_requests_leave_no_time_limit_behind() -> None:
    """A request that arrives and is answered at once is not mistaken for half a request."""
    async with _serving(LATE) as (port, _), connected(port) as wire:
        for _ in range(20):
            await _served(wire)
        await asyncio.sleep(0.6)
        await _served(wire)


class _Transport(asyncio.Transport):
    """A connection's other side, which reads everything."""

    def __init__(self) -> None:
        super().__init__()
        self.is_aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Throw it away."""

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True

    def close(self) -> None:
        self.is_aborted = True


async def test_at_the_limit_a_request_that_just_arrived_is_not_dropped() -> None:
    """Its connection has had a verified request and was idle a moment ago; a stranger's makes room."""
    trusted: list[Connection] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        assert isinstance(request.protocol, Connection)
        request.protocol.request_started()
        if not trusted:
            trusted.append(request.protocol)
            protect(request)
        return web.Response(text="done")

    connections = Connections(web.Server(answer), Limits(connections=2))
    wires = [_Transport() for _ in range(3)]
    first, second, newcomer = (connections() for _ in wires)
    for connection, wire in ((first, wires[0]), (second, wires[1])):
        connection.connection_made(wire)
        connection.data_received(GET)
    await asyncio.sleep(0.05)
    assert (first.state, second.state) == (State.IDLE, State.IDLE)

    first.data_received(GET)
    newcomer.connection_made(wires[2])
    assert [wire.is_aborted for wire in wires] == [False, True, False]
    await asyncio.sleep(0.05)
    assert first.state is State.IDLE
    connections.close()
    for connection in (first, second, newcomer):
        connection.connection_lost(None)
    await asyncio.sleep(0)


@pytest.mark.parametrize("last", [b"", b"\r\n"])
async def test_half_a_request_after_others_is_dropped(last: bytes) -> None:
    """However it is cut."""
    async with _serving(LATE) as (port, _), connected(port) as wire:
        await _served(wire)
        wire.send(GET[:-4] + last)
        assert await wire.is_closed(5)


async def test_an_idle_connection_outlives_those_of_proxies() -> None:
    """A proxy that reuses a connection which the bot is closing loses the request: Caddy keeps them for 120 s."""
    assert Limits().keep_alive_s > 120
    async with _serving(Limits(keep_alive_s=1.0)) as (port, seen), connected(port) as wire:
        wire.send(GET)
        await wire.answer()
        assert seen[0].keepalive_timeout == 1.0
        assert await wire.is_closed()
