"""A request body is read whole, or not at all."""

import asyncio

import pytest
from aiohttp import web

from bot.web.request_body import BodyTooLarge, BodyTooSlow, read_body
from tests.support.raw_http import connected
from tests.unit.web.conftest import Serve

HEAD = b"POST /body HTTP/1.1\r\nHost: a\r\n"


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
