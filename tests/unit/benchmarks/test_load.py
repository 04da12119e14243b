"""The load generator's arithmetic, and that no server can hide a stall from it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.benchmarks.load import Answers, closed_loop, open_loop

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
STALL_S = 0.5
RATE = 200

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def tiny_server(answer: Answer) -> AsyncIterator[int]:
    """A server that reads a request and lets `answer` write; gives its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def answers_in(*parts: bytes) -> Answer:
    """An answer that arrives in these parts."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.002)

    return answer


@pytest.mark.parametrize(
    ("latencies", "percent", "expected"),
    [
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([float(number) for number in range(1, 101)], 99, 99.0),
        ([float(number) for number in range(1, 101)], 100, 100.0),
        ([float(number) for number in range(1, 1001)], 99, 990.0),
        ([7.0], 1, 7.0),
    ],
)
def test_a_percentile_is_the_smallest_latency_that_covers_so_many(
    latencies: list[float], percent: float, expected: float
) -> None:
    """The nearest rank, as everybody counts it."""
    assert Answers(latencies).percentile_s(percent) == expected


def test_without_answers_there_is_no_percentile() -> None:
    """And no throughput."""
    with pytest.raises(ValueError, match="no request was answered"):
        Answers().percentile_s(99)
    assert Answers().per_second == 0


async def test_an_open_loop_charges_a_stalled_server_for_all_that_would_have_come() -> None:
    """Half a second without answers at 200 requests a second are a hundred late answers, not one."""
    stalled_until = 0.0
    answered = 0

    async def stall_once(writer: asyncio.StreamWriter) -> None:
        nonlocal stalled_until, answered
        answered += 1
        now = asyncio.get_running_loop().time()
        if answered == 20:
            stalled_until = now + STALL_S
        await asyncio.sleep(max(0.0, stalled_until - now))
        writer.write(OK)

    async with tiny_server(stall_once) as port:
        answers = await open_loop(port, [REQUEST] * 200, RATE)
    late = [latency for latency in answers.latencies_s if latency > STALL_S / 10]
    assert len(answers.latencies_s) == 200
    assert len(late) >= 0.8 * STALL_S * RATE
    assert answers.percentile_s(100) >= STALL_S * 0.9


@pytest.mark.parametrize(
    "parts",
    [
        (OK,),
        (OK[:20], OK[20:]),
        (OK[:-2], OK[-2:]),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", b"0\r\n\r\n"),
    ],
    ids=["whole", "torn head", "body later", "chunked"],
)
async def test_an_answer_counts_once_however_it_arrives(parts: Sequence[bytes]) -> None:
    """TCP may tear it anywhere."""
    async with tiny_server(answers_in(*parts)) as port:
        answers = await closed_loop(port, [REQUEST] * 30, connections=3)
    assert (len(answers.latencies_s), answers.refused) == (30, 0)


async def test_a_closed_loop_begins_nothing_after_its_limit() -> None:
    """A slow server is not waited for until it has taken everything."""
    async with tiny_server(answers_in(OK)) as port:
        answers = await closed_loop(port, [REQUEST] * 100_000, connections=2, limit_s=0.1)
    assert 0 < len(answers.latencies_s) < 100_000


async def test_refusals_are_counted_and_the_first_is_kept() -> None:
    """They are no throughput that anybody may boast of."""
    refusal = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    async with tiny_server(answers_in(refusal)) as port:
        answers = await closed_loop(port, [REQUEST] * 5, connections=1)
    assert (answers.refused, answers.first_refusal) == (5, refusal)


async def test_a_connection_that_breaks_is_no_answer() -> None:
    """Neither kind of loop waits for ever."""

    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with tiny_server(hang_up) as port:
        with pytest.raises(ConnectionError, match="closed a connection"):
            await closed_loop(port, [REQUEST], connections=1)
        with pytest.raises(ConnectionError, match="closed a connection"):
            await open_loop(port, [REQUEST], RATE)
