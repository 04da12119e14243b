"""One server measured once: fresh, on an empty database, under the same requests as every other."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contender import Contender
from tests.benchmarks.lineup import Entry
from tests.benchmarks.load import Answers, closed_loop, open_loop
from tests.benchmarks.requests import webhooks
from tests.benchmarks.results import Figure
from tests.support.look import look_into
from tests.support.process import ROOT, free_port

CONNECTIONS = 64
MANY_CONNECTIONS = 256
CLOSED_LOOP_S = 6.0
"""A closed loop ends after so long, however few events a slow server took by then."""

WARM_UP_S = 2.0
SETTLE_S = 0.5
MILLION = 1_000_000
CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Rate:
    """An open loop: so many requests a second, for so long."""

    per_s: int
    seconds: float
    p50: Figure
    p99: Figure


RATES = (
    Rate(200, 8, Figure.P50_AT_200, Figure.P99_AT_200),
    Rate(1_000, 4, Figure.P50_AT_1000, Figure.P99_AT_1000),
)


class Refused(Exception):
    """A server answered with something else than 200, or did not keep what it had answered for."""


class Load:
    """The requests of every stage, made once: each server begins with an empty database, so all get the same."""

    def __init__(self, events: int) -> None:
        counts = [
            max(1, events // 10),
            events,
            events,
            *(min(events, int(each.per_s * each.seconds)) for each in RATES),
        ]
        made = iter(webhooks(0, sum(counts)))
        self.warm_up, self.closed, self.closed_256, *rest = (
            [next(made) for _ in range(count)] for count in counts
        )
        self.open = dict(zip(RATES, rest, strict=True))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a server keeps its events, which Slack it speaks to, and where its log goes."""

    database_url: str
    slack_api_url: str
    log: Path


def started(entry: Entry, around: Surroundings) -> Contender:
    """The server, to be used as a context."""
    port = free_port()
    env = entry.env(port, around.database_url, around.slack_api_url)
    return Contender(entry.command, port, env, ROOT, around.log)


async def measure(entry: Entry, load: Load, around: Surroundings) -> dict[Figure, float]:
    """Start it, send it everything, look whether it kept everything; Refused, ConnectionError, RuntimeError."""
    with started(entry, around) as server:
        await asyncio.sleep(SETTLE_S)
        figures = {Figure.START: server.listening_after_s, Figure.MEMORY: server.memory_bytes()}
        answered = await _warm_up(server, load.warm_up)
        found, answers = await _throughput(server, load.closed)
        figures |= found
        answered += len(answers.latencies_s)
        many = accepted(await closed_loop(server.port, load.closed_256, MANY_CONNECTIONS, CLOSED_LOOP_S))
        answered += len(many.latencies_s)
        figures |= {Figure.THROUGHPUT_256: many.per_second, Figure.MEMORY_UNDER_LOAD: server.memory_bytes()}
        for rate, requests in load.open.items():
            if answers.per_second <= rate.per_s:
                # The queue would only grow.
                figures |= {rate.p50: math.inf, rate.p99: math.inf}
                continue
            at_rate = accepted(await open_loop(server.port, requests, rate.per_s))
            figures |= {rate.p50: at_rate.percentile_s(50), rate.p99: at_rate.percentile_s(99)}
            answered += len(at_rate.latencies_s)
    if entry.database:
        _require_kept(around.database_url, answered)
    return figures


async def growth(entry: Entry, around: Surroundings, events: int = MILLION) -> dict[Figure, float]:
    """How much more memory it uses after so many events than after its start."""
    with started(entry, around) as server:
        await asyncio.sleep(SETTLE_S)
        before = server.memory_bytes()
        for first in range(0, events, CHUNK):
            accepted(
                await closed_loop(server.port, list(webhooks(first, min(CHUNK, events - first))), CONNECTIONS)
            )
        return {Figure.GROWTH: server.memory_bytes() - before}


def accepted(answers: Answers) -> Answers:
    """The answers, if all of them were 200; else Refused."""
    if answers.refused:
        first = answers.first_refusal[:300].decode(errors="replace")
        raise Refused(
            f"{answers.refused} of {len(answers.latencies_s)} requests were not answered with 200: {first}"
        )
    return answers


async def _warm_up(server: Contender, requests: Sequence[bytes]) -> int:
    return len(accepted(await closed_loop(server.port, requests, CONNECTIONS, WARM_UP_S)).latencies_s)


async def _throughput(server: Contender, requests: Sequence[bytes]) -> tuple[dict[Figure, float], Answers]:
    before = server.cpu_s()
    answers = accepted(await closed_loop(server.port, requests, CONNECTIONS, CLOSED_LOOP_S))
    used_s = server.cpu_s() - before
    figures = {
        Figure.THROUGHPUT: answers.per_second,
        Figure.P99_AT_64: answers.percentile_s(99),
        Figure.CPU: used_s / len(answers.latencies_s),
        Figure.GENERATOR: answers.own_cpu_s / answers.took_s,
    }
    return figures, answers


def _require_kept(database_url: str, answered: int) -> None:
    kept = look_into(database_url, "SELECT count(*) AS events FROM events")[0]["events"]
    if kept != answered:
        raise Refused(f"{answered} events were answered with 200, {kept} are in the database")
