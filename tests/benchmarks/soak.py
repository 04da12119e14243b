"""`make soak`: the real process under a steady mixed load for half an hour, and then what grew.

Memory, descriptors, threads and SQLite's log must be as they were after the first quarter; at the end nothing may wait.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tests.benchmarks.steady_load import Pace, SteadyLoad
from tests.crash.machines import Instance, slack_process
from tests.crash.report import WAITING
from tests.support.look import look_into

SEED = 20_26
MIB = 1024 * 1024
MAX_MEMORY_GROWTH_BYTES = 5 * MIB
MAX_WAL_BYTES = 24 * MIB
MAX_THREADS_MORE = 2
SETTLE_LIMIT_S = 60.0
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard.

    `sample_every_s` is how often the process is looked at, `rest_limit_s` how long it may take until idle connections
    are closed at the end; 0 does not look at that.
    """

    seconds: float
    sample_every_s: float
    people: int
    pace: Pace
    rest_limit_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process has at a moment, `at_s` seconds after the load began."""

    at_s: float
    memory_bytes: int
    descriptors: int
    threads: int
    wal_bytes: int
    waiting: int

    def __str__(self) -> str:
        return (
            f"{self.at_s:5.0f} s: {self.memory_bytes / MIB:.1f} MiB, {self.descriptors} descriptors, "
            f"{self.threads} threads, log {self.wal_bytes / MIB:.1f} MiB, {self.waiting} waiting"
        )


@dataclass(slots=True)
class Report:
    """What was done and what was seen; at rest means before the load, and after it once all was delivered."""

    samples: list[Sample] = field(default_factory=list)
    descriptors_at_rest: tuple[int, int] = (0, 0)
    left_waiting: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    errors_logged: int = 0

    def findings(self) -> list[str]:
        """A line for each thing that grew or went wrong."""
        early, late = _quarter(self.samples, 1), _quarter(self.samples, 3)
        memory = [statistics.median(each.memory_bytes for each in samples) for samples in (early, late)]
        threads = [statistics.median(each.threads for each in samples) for samples in (early, late)]
        wal_bytes = max(each.wal_bytes for each in self.samples)
        before, after = self.descriptors_at_rest
        found = {
            f"memory grew from {memory[0] / MIB:.1f} to {memory[1] / MIB:.1f} MiB": memory[1] - memory[0]
            > MAX_MEMORY_GROWTH_BYTES,
            f"threads grew from {threads[0]:g} to {threads[1]:g}": threads[1] > threads[0] + MAX_THREADS_MORE,
            f"descriptors at rest grew from {before} to {after}": after > before,
            f"the write-ahead log grew to {wal_bytes / MIB:.1f} MiB": wal_bytes > MAX_WAL_BYTES,
            f"{self.left_waiting} deliveries wait or are held at the end": self.left_waiting > 0,
            f"{self.errors_logged} errors in the log": self.errors_logged > 0,
        }
        return [what for what, is_so in found.items() if is_so] + [
            f"refused: {what}, {times} times" for what, times in self.refused.items()
        ]

    def __str__(self) -> str:
        done = ", ".join(f"{times} {what}" for what, times in sorted(self.done.items()))
        return f"{self.samples[-1]}\n{done}"


Watch = Callable[[Sample], None]
"""Told about every sample."""


async def run_soak(plan: Plan, folder: Path, watch: Watch) -> Report:
    """Carry out the plan with a new SQLite file in the folder, which also gets the logs."""
    report = Report()
    database = folder / "reviews.db"
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_process(folder / "slack.log"))
        people = await slack.add_people(plan.people)
        bot = Instance(1, f"sqlite:///{database}", slack.api_url, folder)
        stack.callback(bot.ended)
        await bot.up()
        await slack.bot_is_at(bot.port)
        at_rest = _descriptors(bot.pid)
        load = SteadyLoad(bot.address, slack, plan.pace, SEED)
        work = load.tasks(people)
        try:
            await _sample(plan, bot.pid, database, work, report, watch)
        finally:
            load.stopping.set()
            await asyncio.gather(*work)
        report.left_waiting = await _settled(database)
        if plan.rest_limit_s:
            report.descriptors_at_rest = (at_rest, await _rested(bot.pid, at_rest, plan.rest_limit_s))
        report.done, report.refused = load.done, load.refused
        assert await bot.terminate() == 0, bot.log()[-4000:]
        report.errors_logged = sum(bot.log().count(level) for level in ("[error", "[critical"))
    return report


async def _sample(
    plan: Plan, pid: int, database: Path, work: Sequence[asyncio.Task[None]], report: Report, watch: Watch
) -> None:
    began = time.monotonic()
    while (at_s := time.monotonic() - began) < plan.seconds:
        report.samples.append(_look(at_s, pid, database))
        watch(report.samples[-1])
        ended, _ = await asyncio.wait(work, timeout=plan.sample_every_s, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()  # a fault of the load itself ends the run


def _look(at_s: float, pid: int, database: Path) -> Sample:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    )
    wal = database.with_name(database.name + "-wal")
    return Sample(
        at_s=at_s,
        memory_bytes=int(status["VmRSS"].split()[0]) * 1024,
        descriptors=_descriptors(pid),
        threads=int(status["Threads"]),
        wal_bytes=wal.stat().st_size if wal.exists() else 0,
        waiting=_waiting(database),
    )


def _descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _waiting(database: Path) -> int:
    return int(look_into(f"sqlite:///{database}", WAITING)[0]["waiting"])


async def _settled(database: Path) -> int:
    """Wait until nothing waits; what does after a minute."""
    until = time.monotonic() + SETTLE_LIMIT_S
    while (waiting := _waiting(database)) and time.monotonic() < until:
        await asyncio.sleep(LOOK_EVERY_S)
    return waiting


async def _rested(pid: int, at_rest: int, limit_s: float) -> int:
    """Wait until idle connections are closed; how many descriptors are open then."""
    until = time.monotonic() + limit_s
    while (descriptors := _descriptors(pid)) > at_rest and time.monotonic() < until:
        await asyncio.sleep(LOOK_EVERY_S)
    return descriptors


def _quarter(samples: Sequence[Sample], number: int) -> Sequence[Sample]:
    """The samples of a quarter, the first is 0."""
    quarter = max(1, len(samples) // 4)
    return samples[number * quarter : (number + 1) * quarter] or samples[-1:]


@click.command()
@click.option("--minutes", type=click.FloatRange(min=0.05), default=30.0, envvar="MINUTES", show_default=True)
@click.option("--webhooks-per-second", type=float, default=20.0, show_default=True)
def main(minutes: float, webhooks_per_second: float) -> None:
    """Keep the bot busy for so long; exit code 1 if something grew or was left over."""
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    pace = Pace(webhooks_per_second, verdict_after_s=min(60.0, minutes * 15), person_rests_s=2.0)
    plan = Plan(minutes * 60, sample_every_s=min(10.0, minutes), people=10, pace=pace)
    console = Console(highlight=False, soft_wrap=True)
    columns = (TextColumn("soaking"), BarColumn(), TextColumn("{task.fields[sample]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=plan.seconds, sample="")

        def watch(sample: Sample) -> None:
            progress.update(bar, completed=sample.at_s, sample=str(sample))
            if not console.is_terminal:
                console.print(str(sample))

        report = asyncio.run(run_soak(plan, folder, watch))
    console.print(f"{report}\nlogs in {folder}")
    findings = report.findings()
    for finding in findings or ["nothing grew, nothing is left over"]:
        console.print(finding)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
