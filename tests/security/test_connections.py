"""Those who connect and do not come to the point: they are dropped, and keep nobody waiting."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.web.connections import protect
from bot.web.limits import MAX_PIPELINED, Limits
from bot.web.request_body import BodyTooLarge, BodyTooSlow, read_body
from bot.web.server import Server
from tests.support import ralio
from tests.support.bot import until
from tests.support.process import Process, environment, free_port
from tests.support.ralio import Ralio
from tests.support.raw_http import Wire, connected
from tests.support.slack import WEBHOOK_SECRET, LocalSlack

GET = b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"
HALF = b"GET /quick HTTP/1.1\r\nHos"
SOON = Limits(head_s=0.4, unread_s=0.4, linger_s=0.3, look_every_s=0.05)
BODY_LIMIT_S = 0.3


async def _quick(_request: web.Request) -> web.Response:
    return web.Response(text="done")


async def _verified(request: web.Request) -> web.Response:
    protect(request)
    return web.Response(text="done")


async def _large(_request: web.Request) -> web.Response:
    return web.Response(body=b"x" * 30_000_000)


async def _body(request: web.Request) -> web.Response:
    try:
        return web.Response(body=await read_body(request, 1_000, BODY_LIMIT_S))
    except BodyTooLarge:
        raise web.HTTPRequestEntityTooLarge(1_000, 1_001) from None
    except BodyTooSlow:
        raise web.HTTPRequestTimeout from None


@asynccontextmanager
async def _serving(limits: Limits) -> AsyncIterator[int]:
    """The bot's server with other routes and shorter limits."""

    async def held(request: web.Request) -> web.Response:
        protect(request)
        await let_go.wait()
        return web.Response(text="let go")

    let_go = asyncio.Event()
    routes = [
        web.get("/quick", _quick),
        web.get("/verified", _verified),
        web.get("/large", _large),
        web.get("/held", held),
        web.post("/body", _body),
    ]
    server = Server(routes, limits=limits)
    port = await server.start("127.0.0.1", 0)
    try:
        yield port
    finally:
        let_go.set()
        await server.drain()


async def _served(wire: Wire) -> None:
    wire.send(GET)
    assert (await wire.answer()).status == 200


async def _logged(capsys: pytest.CaptureFixture[str], words: str) -> None:
    """Wait for the log to contain this; a client that does not read can't see that it was dropped."""
    printed: list[str] = []

    async def is_printed() -> bool:
        printed.extend(capsys.readouterr())
        return words in "".join(printed)

    await until(is_printed, f"the log does not say: {words}")


async def test_a_stranger_gets_only_a_few_answers_to_requests_that_were_sent_at_once() -> None:
    """The rest would delay everyone else; a client whose requests are verified is not limited."""
    async with _serving(SOON) as port, connected(port) as stranger, connected(port) as trusted:
        stranger.send(GET * 50)
        assert (await stranger.everything()).count(b" 200 OK") == MAX_PIPELINED
        trusted.send(GET.replace(b"quick", b"verified") + GET * 50)
        assert (await trusted.everything()).count(b" 200 OK") == 51


@pytest.mark.parametrize("sent", [b"", HALF, b"\r\n", b"\x16"], ids=["nothing", "half", "a line", "a byte"])
async def test_who_sends_no_whole_head_is_dropped(sent: bytes) -> None:
    """Without an answer; the time counts from connecting."""
    async with _serving(SOON) as port, connected(port) as wire:
        wire.send(sent)
        assert await wire.is_closed()


async def test_a_byte_now_and_then_gains_no_time() -> None:
    """Slowloris: something comes all the time, and never a whole head."""
    async with _serving(SOON) as port, connected(port) as wire:
        closed = asyncio.create_task(wire.is_closed())
        wire.send(b"GET /quick HTTP/1.1\r\n")
        while not closed.done():
            wire.send(b"X-A: b\r\n")
            await asyncio.sleep(0.05)
        assert closed.result()


async def test_a_later_head_has_the_same_time() -> None:
    """Nobody gains anything with one good request; who only waits between two stays."""
    async with _serving(SOON) as port, connected(port) as half, connected(port) as idle:
        await _served(half)
        await _served(idle)
        half.send(HALF)
        assert await half.is_closed()
        await _served(idle)


async def test_a_head_may_come_in_parts() -> None:
    """What is whole in time is served."""
    async with _serving(SOON) as port, connected(port) as wire:
        for part in (GET[:7], GET[7:20], GET[20:]):
            wire.send(part)
            await asyncio.sleep(0.02)
        assert (await wire.answer()).status == 200


async def test_who_does_not_read_the_answer_is_dropped(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server does not keep for ever what nobody fetches."""
    async with _serving(SOON) as port, connected(port) as greedy:
        greedy.writer.transport.pause_reading()  # type: ignore[attr-defined]
        greedy.send(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        async with connected(port) as other:
            await _served(other)
        await _logged(capsys, "answer_not_read=1")
        greedy.writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert await greedy.is_closed()
    assert caplog.records == []


async def test_a_flood_of_requests_whose_answers_nobody_reads_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A connection takes in only as much as it can answer: the sender is held up, then dropped; others are served."""
    async with _serving(SOON) as port, connected(port) as flood:
        flood.writer.transport.pause_reading()  # type: ignore[attr-defined]
        flood.send(GET.replace(b"quick", b"large") * 1_000)
        await asyncio.sleep(0.1)
        async with connected(port) as other:
            await _served(other)
        await _logged(capsys, "answer_not_read=1")


async def test_a_body_that_comes_slowly_or_breaks_off_ends_the_connection() -> None:
    """One answer and no more, whatever comes behind it."""
    head = b"POST /body HTTP/1.1\r\nHost: a\r\n"
    bodies = {b"Content-Length: 5\r\n\r\n": b"a", b"Transfer-Encoding: chunked\r\n\r\n": b"zz\r\n" + GET}
    async with _serving(SOON) as port:
        for rest, body in bodies.items():
            async with connected(port) as wire:
                wire.send(head + rest)
                await asyncio.sleep(0.05)
                wire.send(body)
                assert (await wire.answer()).status == 408
                assert await wire.everything() == b""
                assert await wire.is_closed()


async def test_a_body_that_nobody_wants_is_not_read_for_long() -> None:
    """A gigabyte for a route that takes none, or less: the answer comes at once, the connection ends soon."""
    async with _serving(SOON) as port:
        for path, status in (("/quick", 405), ("/nowhere", 404), ("/body", 413)):
            async with connected(port) as wire:
                wire.send(
                    f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nxxx".encode()
                )
                assert (await wire.answer()).status == status
                assert await wire.is_closed()


async def test_at_the_limit_those_who_send_nothing_go_first() -> None:
    """The one that has been silent for longest makes room; who is served stays."""
    async with _serving(Limits(connections=3)) as port, AsyncExitStack() as stack:
        good = await stack.enter_async_context(connected(port))
        await _served(good)
        oldest, silent, newcomer = [await stack.enter_async_context(connected(port)) for _ in range(3)]
        assert await oldest.is_closed(5)
        for wire in (newcomer, silent, good):
            await _served(wire)


async def test_at_the_limit_idle_ones_go_next_and_verified_ones_never() -> None:
    """If all work is verified, the newcomer is refused."""
    async with _serving(Limits(connections=2)) as port, AsyncExitStack() as stack:
        busy = await stack.enter_async_context(connected(port))
        busy.send(b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        idle = await stack.enter_async_context(connected(port))
        await _served(idle)
        second = await stack.enter_async_context(connected(port))
        assert await idle.is_closed()
        second.send(b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.sleep(0.1)
        newcomer = await stack.enter_async_context(connected(port))
        assert await newcomer.is_closed()
        assert not await busy.is_closed(0.1)
        assert not await second.is_closed(0.1)


async def test_what_is_dropped_is_one_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """There is one line per look, however many connections were dropped: a flood of them is no flood of lines.

    Looks are a second apart, so three lines are enough even where it takes a second to open the connections.
    """
    async with _serving(Limits(connections=5)) as port, AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(connected(port)) for _ in range(50)]
        assert all(await asyncio.gather(*(wire.is_closed() for wire in wires[:45])))
        await asyncio.sleep(1.2)
    output = "".join(capsys.readouterr())
    assert 1 <= output.count("connections_dropped") <= 3
    assert "too_many=" in output


async def test_slowloris_keeps_no_signed_webhook_waiting(tmp_path: Path, slack: LocalSlack) -> None:
    """500 connections send a byte now and then, then 1,000 do: Ralio waits for at most a second.

    The clients close the connections that the server dropped, so 1,024 descriptors are enough here too.
    """
    env = environment(f"sqlite:///{tmp_path / 'reviews.db'}", free_port(), slack.api_url)
    server = Process(env, tmp_path / "log")
    server.start()
    await server.listening()
    port = int(env["PORT"])
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        for more in (500, 500):
            slow = []
            for _ in range(more):
                # asyncio.Protocol closes the connection when the other side did; streams keep it half open.
                transport, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
                stack.callback(transport.abort)
                slow.append(transport)
            for byte in (b"P", b"O", b"S"):
                for transport in slow:
                    transport.write(byte)
                async with aiohttp.ClientSession() as session:
                    began = time.monotonic()
                    newly = Ralio(f"http://127.0.0.1:{port}/webhooks/ralio", WEBHOOK_SECRET, session)
                    assert (await newly.send(ralio.event()))[0] == 200
                    assert time.monotonic() - began <= 1.0
    assert await server.terminate() == 0
