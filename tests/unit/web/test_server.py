"""The server routes, and finishes what it began."""

import asyncio

import pytest
from aiohttp import web

from bot.web.server import Server
from tests.support.raw_http import connected
from tests.unit.web.conftest import Observed, Serve

HELD = b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n"


async def _ok(_request: web.Request) -> web.Response:
    return web.Response(text="done")


async def test_a_path_can_have_several_methods(serve: Serve) -> None:
    """`Allow` names them all; HEAD comes with GET."""
    port = await serve(web.get("/ok", _ok), web.post("/other", _ok), web.put("/ok", _ok))
    async with connected(port) as wire:
        for method, status in (("GET", 200), ("PUT", 200), ("POST", 405)):
            wire.send(f"{method} /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".encode())
            answer = await wire.answer()
            assert answer.status == status
        assert answer.headers["allow"] == "GET,HEAD,PUT"


async def test_drain_finishes_the_request_in_progress() -> None:
    """Its sender gets the answer, and then the connection closes."""
    go_on, started = asyncio.Event(), asyncio.Event()

    async def held(_request: web.Request) -> web.Response:
        started.set()
        await go_on.wait()
        return web.Response(text="finished")

    server = Server([web.get("/held", held)])
    port = await server.start("127.0.0.1", 0)
    async with connected(port) as busy, connected(port) as idle:
        busy.send(HELD)
        await started.wait()
        draining = asyncio.create_task(server.drain())
        await asyncio.sleep(0.05)
        go_on.set()
        assert (await busy.answer()).body == b"finished"
        await draining
        assert await busy.is_closed()
        assert await idle.is_closed()


async def test_a_server_that_never_started_can_be_drained() -> None:
    """Its port was taken, for example."""
    server = Server([web.get("/ok", _ok)])
    taken = Server([web.get("/ok", _ok)])
    port = await taken.start("127.0.0.1", 0)
    try:
        await server.start("127.0.0.1", port)
    except OSError:
        await server.drain()
    else:
        raise AssertionError("two servers listen on one port")
    await taken.drain()
    await Server([]).drain()


@pytest.mark.parametrize(
    "path", ["/a/b", "/a/b/", "//a/b", "/a//b", "///a///b///", "/a/b?x=//", "http://host//a/b/"]
)
async def test_trailing_and_doubled_slashes_are_ignored(serve: Serve, observed: Observed, path: str) -> None:
    """A portal joins an address and a path in its own way; the answer is timed under the plain path."""
    port = await serve(web.get("/a/b", _ok))
    async with connected(port) as wire:
        wire.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert (await wire.answer()).body == b"done"
        wire.send(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".encode())
        answer = await wire.answer()
    assert (answer.status, answer.headers["allow"]) == (405, "GET,HEAD")
    assert [route for route, _ in observed] == ["/a/b", "/a/b"]


@pytest.mark.parametrize("path", ["/", "//", "/a", "/a/b/c", "/ab", "/a/ /b"])
async def test_other_paths_are_not_found(serve: Serve, path: str) -> None:
    """Slashes join nothing and separate nothing."""
    port = await serve(web.get("/a/b", _ok))
    async with connected(port) as wire:
        wire.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert (await wire.answer()).status in (400, 404)


async def test_two_colons_listen_on_both_families() -> None:
    """As operators expect of `HOST=::`."""
    server = Server([web.get("/ok", _ok)])
    port = await server.start("::", 0)
    try:
        for address in ("127.0.0.1", "::1"):
            reader, writer = await asyncio.open_connection(address, port)
            writer.write(b"GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")
            assert b"200 OK" in await reader.readline()
            writer.close()
            await writer.wait_closed()
    finally:
        await server.drain()
