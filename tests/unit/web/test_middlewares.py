"""The steps around every handler, seen from the wire."""

import asyncio
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.web.middlewares import DRAINING, refuse
from bot.web.request_body import read_body
from tests.support.raw_http import connected
from tests.unit.web.conftest import Observed, Serve

GET = "GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n"


async def _ok(_request: web.Request) -> web.Response:
    return web.Response(text="done")


async def _fail(_request: web.Request) -> web.Response:
    raise RuntimeError("secret")


async def _body(request: web.Request) -> web.Response:
    return web.Response(body=await read_body(request, 100))


async def _ask(port: int, path: str, headers: str = "") -> tuple[int, str]:
    async with connected(port) as wire:
        wire.send(GET.format(path, headers).encode())
        answer = await wire.answer()
    assert answer.headers["server"] == "bot"
    return answer.status, answer.body.decode()


async def test_a_fault_of_the_bot_is_a_generic_500(serve: Serve) -> None:
    """The exception's text stays in the log."""
    status, body = await _ask(await serve(web.get("/fail", _fail)), "/fail")
    assert (status, json.loads(body)) == (500, {"error": "internal error"})


async def test_only_the_bots_own_paths_are_timed(serve: Serve, observed: Observed) -> None:
    """Errors count too; a path that a sender invents would be a series of its own."""
    port = await serve(web.get("/ok", _ok), web.get("/fail", _fail))
    for path in ("/ok", "/ok?a=b", "/fail", "/invented"):
        await _ask(port, path)
    assert [path for path, _ in observed] == ["/ok", "/ok", "/fail"]
    assert all(0 <= took_s < 5 for _, took_s in observed)


@pytest.mark.parametrize("path", ["/%6fk", "/ok%2f", "/o%6B?x", "/", "*"])
async def test_a_path_has_one_spelling_but_for_slashes(serve: Serve, path: str) -> None:
    """A proxy's rule for a path cannot be evaded by escaping it."""
    status, body = await _ask(await serve(web.get("/ok", _ok)), path)
    if path == "*":
        assert status == 400  # only OPTIONS can have this target
    else:
        assert (status, json.loads(body)) == (404, {"error": "not found"})


async def test_100_continue_comes_only_for_a_request_that_is_accepted(serve: Serve) -> None:
    """A client should not send a body in vain."""
    port = await serve(web.post("/body", _body))
    head = "POST {} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n{}\r\n"
    for path, headers, status in (
        ("/body", "", 100),
        ("/body", "Content-Encoding: gzip\r\n", 415),
        ("/elsewhere", "", 404),
    ):
        async with connected(port) as wire:
            wire.send(head.format(path, headers).encode())
            assert (await wire.answer()).status == status
            if status == 100:
                wire.send(b"ab")
                assert (await wire.answer()).body == b"ab"


@pytest.mark.parametrize(("target", "status"), [("/ok", 417), ("/elsewhere", 404), ("/%6fk", 404)])
async def test_an_unknown_expectation_is_not_repeated(serve: Serve, target: str, status: int) -> None:
    """Aiohttp's own answer would repeat the header's value."""
    port = await serve(web.get("/ok", _ok))
    got, body = await _ask(port, target, "Expect: echo-of-the-request\r\n")
    assert got == status
    assert "echo" not in body


async def test_an_unknown_expectation_without_a_path_is_not_repeated(serve: Serve) -> None:
    """Aiohttp answers this one before the middlewares."""
    async with connected(await serve(web.get("/ok", _ok))) as wire:
        wire.send(b"OPTIONS * HTTP/1.1\r\nHost: a\r\nExpect: echo-of-the-request\r\n\r\n")
        answer = await wire.answer()
    assert (answer.status, json.loads(answer.body)) == (417, {"error": "expectation failed"})
    assert answer.headers["server"] == "bot"


async def test_while_draining_new_requests_get_503() -> None:
    """Ralio and Slack send them again, to the process that comes next."""
    application = web.Application()
    application[DRAINING] = asyncio.Event()
    request = make_mocked_request("GET", "/ok", app=application)
    application[DRAINING].set()
    response = await refuse(request, _ok)
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
