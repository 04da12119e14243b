"""The load generator: what it takes for an end of the measurement, and what it does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

import pytest

from tests.benchmarks.load import open_loop

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def _server(idle_s: float, answers: int) -> AsyncIterator[int]:
    """A server that hangs up on whoever is idle for so long, and on everybody after so many answers; gives its port."""
    left = answers
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        talks.add(cast("asyncio.Task[None]", asyncio.current_task()))
        with suppress(TimeoutError, asyncio.IncompleteReadError):
            while await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), idle_s):
                left -= 1
                if left < 0:
                    break
                writer.write(ANSWER)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.wait(talks, timeout=10)


async def test_an_idle_connection_may_be_closed() -> None:
    """As by servers whose keep-alive ends after some seconds."""
    async with _server(idle_s=0.2, answers=100) as port:
        answers = await open_loop(port, [REQUEST] * 30, 50)
    assert len(answers.latencies_s) == 30
    assert not answers.refused


async def test_a_connection_in_use_may_not() -> None:
    """Its request got no answer."""
    async with _server(idle_s=5, answers=10) as port:
        with pytest.raises(ConnectionError, match="closed a connection"):
            await open_loop(port, [REQUEST] * 30, 50)
