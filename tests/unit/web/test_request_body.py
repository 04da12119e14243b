"""A request body is read whole, or not at all."""

import asyncio

import pytest
from aiohttp import web

from bot.web.limits import Limits
from bot.web.request_body import BodyTooLarge, BodyTooSlow, read_body
from bot.web.server import Server
from tests.support.raw_http import Wire, connected
from tests.unit.web.conftest import Serve

HEAD = b"POST /body HTTP/1.1\r\nHost: a\r\n"


async def _waited(request: web.Request) -> web.Response:
    try:
        return web.Response(text=str(len(await read_body(request, 200_000, 2.0, 0.2))))
    except BodyTooSlow:
        return web.Response(text="too slow")


async def _body(request: web.Request) -> web.Response:
    try:
        return web.Response(body=await read_body(request, 10, 0.2))
    except BodyTooLarge:
        return web.Response(text="too large")
    except BodyTooSlow:
        return web.Response(text="too slow")


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (b"Content-Length: 5\r\n\r\nab\0\xff\n", b"ab\0\xff\n"),
        (b"Content-Length: 0\r\n\r\n", b""),
        (b"Content-Length: 10\r\n\r\n0123456789", b"0123456789"),
        (b"Content-Length: 11\r\n\r\n0123456789A", b"too large"),
        (b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", b"abcde"),
        (b"Transfer-Encoding: chunked\r\n\r\nb\r\n0123456789A\r\n0\r\n\r\n", b"too large"),
    ],
)
async def test_a_body_within_the_limit_is_returned_as_it_was_sent(
    serve: Serve, sent: bytes, body: bytes
) -> None:
    """Byte for byte, because the signature is over these bytes; one byte above the limit is too much."""
    async with connected(await serve(web.post("/body", _body))) as wire:
        wire.send(HEAD + sent)
        assert (await wire.answer()).body == body


async def test_a_body_can_arrive_after_its_headers(serve: Serve) -> None:
    """It arrives in pieces and is returned whole."""
    async with connected(await serve(web.post("/body", _body))) as wire:
        wire.send(HEAD + b"Content-Length: 4\r\n\r\n")
        for piece in (b"ab", b"cd"):
            await asyncio.sleep(0.02)
            wire.send(piece)
        assert (await wire.answer()).body == b"abcd"


async def test_a_body_that_stops_closes_the_connection(serve: Serve) -> None:
    """The rest cannot be told apart from the next request."""
    async with connected(await serve(web.post("/body", _body))) as wire:
        wire.send(HEAD + b"Content-Length: 4\r\n\r\nab")
        assert (await wire.answer()).body == b"too slow"
        assert await wire.is_closed()


@pytest.mark.parametrize(
    ("rest", "answer"),
    [
        (b"Content-Length: 65536\r\n\r\na", b"too slow"),
        (b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", b"too slow"),
        (b"Content-Length: 65537\r\n\r\n" + b"a" * 65_536, b"65537"),
        (b"Transfer-Encoding: chunked\r\n\r\n10002\r\n" + b"a" * 65_537, b"65538"),
    ],
    ids=["small", "small so far", "large", "large so far"],
)
async def test_a_small_body_has_less_time(serve: Serve, rest: bytes, answer: bytes) -> None:
    """Ralio's and Slack's are small; what is larger than 64 KiB, said or seen, has longer."""
    async with connected(await serve(web.post("/body", _waited))) as wire:
        wire.send(HEAD + rest)
        await asyncio.sleep(0.4)
        wire.send(b"a\r\n0\r\n\r\n")
        assert (await wire.answer()).body == answer


async def test_the_slowest_bodies_make_room_for_others() -> None:
    """Three bodies of 60 kB share 150 kB: the one that has brought least since it began is refused."""
    server = Server([web.post("/body", _waited)], limits=Limits(body_bytes=150_000))
    port = await server.start("127.0.0.1", 0)
    head = HEAD + b"Content-Length: 70000\r\n\r\n"

    async def part(wire: Wire, size: int) -> None:
        wire.send(b"a" * size)
        await asyncio.sleep(0.05)

    try:
        async with connected(port) as slow, connected(port) as fast, connected(port) as last:
            for wire, size in ((slow, 30_000), (fast, 60_000), (last, 60_000)):
                wire.send(head)
                await part(wire, size)
            await part(last, 10_000)
            assert (await slow.answer()).body == b"too slow"
            assert (await last.answer()).body == b"70000"
            await part(fast, 10_000)
            assert (await fast.answer()).body == b"70000"
    finally:
        await server.drain()
