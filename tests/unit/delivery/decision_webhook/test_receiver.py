"""One call to the receiver: every end of it is an Answer, and nothing of the answer's body is read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.delivery.decision_webhook.receiver import Answer, open_receiver
from tests.support.receiver import SECRET

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def _serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _send(url: str, limit_s: float = 5.0) -> Answer:
    async with open_receiver(SecretStr(url), [SecretStr(SECRET)], limit_s) as receiver:
        return await receiver.send("msg_1", b"{}", 1_000)


@pytest.mark.parametrize(
    ("status", "headers", "retry_after_s"),
    [
        (200, {}, 0),
        (204, {"Retry-After": "60"}, 0),
        (302, {"Location": "/elsewhere"}, 0),
        (400, {}, 0),
        (429, {"Retry-After": "60"}, 60),
        (503, {"Retry-After": "99999999"}, 3_600),
        (503, {"Retry-After": "nan"}, 0),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0),
    ],
)
async def test_a_status_is_the_answer(status: int, headers: dict[str, str], retry_after_s: float) -> None:
    """Redirects too: they are not followed."""
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=status, headers=headers)

    async with _serving(handler) as place:
        answer = await _send(f"http://{place}/decisions")
    assert answer == Answer(status, f"http_{status}", retry_after_s)
    assert answer.is_received == (status in (200, 204))
    assert answer.is_away == (status in (429, 503))
    assert paths == ["/decisions"]


async def test_credentials_in_the_address_are_sent_as_such() -> None:
    """As basic authentication."""
    seen: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response()

    async with _serving(handler) as place:
        assert (await _send(f"http://ana:hunter2@{place}/")).is_received
    assert seen == ["Basic YW5hOmh1bnRlcjI="]


async def test_an_endless_body_is_not_read() -> None:
    """The status is enough, and the connection is dropped."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    async with _serving(handler) as place:
        assert (await _send(f"http://{place}/")).is_received


async def test_no_answer_in_time() -> None:
    """The limit is for the whole call."""

    async def handler(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with _serving(handler) as place:
        assert await _send(f"http://{place}/", 0.1) == Answer(None, "timeout")


async def test_no_receiver_and_no_tls() -> None:
    """A word for the log, without the address."""

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with _serving(handler) as place:
        assert await _send(f"http://{place}/") == Answer(None, "disconnected")
        assert await _send(f"https://{place}/") == Answer(None, "tls")
    assert await _send(f"http://{place}/") == Answer(None, "cannot_connect")
