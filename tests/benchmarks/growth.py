"""`make growth`: what years of closed reviews cost. The same work on databases with none and with up to five million.

The databases lie in memory (tmpfs), so that no disk is measured; the sizes take turns in every round, so that another
program on the machine slows all of them down alike.
"""

import asyncio
import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bot.slack.messages import buttons
from bot.store.engine.sqlite import SqliteDatabase
from bot.store.store import Store, open_store
from bot.store.tables import leases, worklist
from bot.store.tables.deliveries import DIRECT, HOMES, PRIVATE, UPDATES, posts
from bot.store.tables.leases import LeaseRequest
from tests.benchmarks import load, requests
from tests.benchmarks.closed_reviews import cached
from tests.benchmarks.run import slack_server
from tests.crash.machines import Instance
from tests.support.bot import settled
from tests.support.look import look_into
from tests.support.process import ROOT, environment
from tests.support.slack import USER_CHANNEL
from tests.support.store import receive

CONNECTIONS = 64
CLAIMS_SHARE = 4
"""Of so many new reviews one is claimed."""

TURNS = 120
LEASED_A_TURN = 5
LOOK_EVERY_S = 0.02
SETTLE_LIMIT_S = 120.0
MIB = 1024 * 1024
MAX_BYTES_A_REVIEW = 1_200
MAX_COST = 1.1
MAX_WAL_BYTES = 24 * MIB
MAX_REPORT_GROWTH_BYTES = 32 * MIB
REPORTS = {"stats --json": "stats", "audit verify": "verify", "audit export": "export"}
LANES = [PRIVATE, HOMES, DIRECT, UPDATES, posts("user"), posts("related-party")]


@dataclass(slots=True)
class Figures:
    """What was measured with so many closed reviews; lists have an element a round."""

    closed: int
    bytes_a_closed_review: float = 0.0
    bytes_a_new_review: float = 0.0
    ingest_per_s: list[float] = field(default_factory=list)
    claims_per_s: list[float] = field(default_factory=list)
    home_us: list[float] = field(default_factory=list)
    turn_us: list[float] = field(default_factory=list)
    wal_bytes: int = 0
    report_s: dict[str, float] = field(default_factory=dict)
    report_bytes: dict[str, int] = field(default_factory=dict)


class Growth:
    """The databases of all sizes, side by side in one folder, and what was found out about them."""

    def __init__(self, folder: Path, sizes: Sequence[int], console: Console, *, once: bool) -> None:
        self._folder = folder
        self._console = console
        self.figures = [Figures(size) for size in sizes]
        self._copy = shutil.move if once else shutil.copyfile
        self._sent = 0

    def prepare(self) -> None:
        """Copies that may be worked on; the originals are kept for the next run, but for `once`."""
        for figures in self.figures:
            path = self._path(figures)
            if figures.closed:
                self._copy(cached(self._folder, figures.closed, self._console), path)
                figures.bytes_a_closed_review = path.stat().st_size / figures.closed
            else:
                SqliteDatabase(path).migrate(1)

    async def work(self, rounds: int, webhooks: int) -> None:
        """The real process under load, size after size, the other way round in every second round."""
        for number in range(rounds):
            first = self._sent
            for figures in self.figures if number % 2 == 0 else reversed(self.figures):
                self._console.print(f"round {number + 1} of {rounds}: {figures.closed:,} closed reviews")
                # What was verified yesterday is not verified again; the generated record counts as that.
                with slack_server(self._folder, _audit_head(self._path(figures))) as slack:
                    await self._serve(figures, f"http://127.0.0.1:{slack.port}/api/", first, webhooks)
            self._sent += webhooks

    async def _serve(self, figures: Figures, slack_api_url: str, first: int, count: int) -> None:
        path = self._path(figures)
        bot = Instance(figures.closed, _url(path), slack_api_url, self._folder)
        try:
            await bot.up()
            before = _bytes(path)
            answers = await load.closed_loop(bot.port, list(requests.webhooks(first, count)), CONNECTIONS)
            assert not answers.refused, answers.first_refusal
            figures.ingest_per_s.append(answers.per_second)
            figures.wal_bytes = max(figures.wal_bytes, path.with_name(path.name + "-wal").stat().st_size)
            await settled(_url(path), SETTLE_LIMIT_S)
            figures.bytes_a_new_review = (_bytes(path) - before) / count
            answers = await load.closed_loop(bot.port, _claims(first, count // CLAIMS_SHARE), CONNECTIONS)
            assert not answers.refused, answers.first_refusal
            figures.claims_per_s.append(answers.per_second)
            claimed = look_into(
                _url(path), "SELECT count(*) AS claimed FROM reviews WHERE status = 'claimed'"
            )
            assert claimed[0]["claimed"] == (first + count) // CLAIMS_SHARE
            await settled(_url(path), SETTLE_LIMIT_S)
            rates = f"{figures.ingest_per_s[-1]:,.0f} webhooks/s, {figures.claims_per_s[-1]:,.0f} claims/s"
            self._console.print(rates)
            assert await bot.terminate() == 0, bot.log()[-4000:]
        finally:
            bot.ended()

    async def look(self) -> None:
        """What a home tab reads, and what a turn of the delivery worker does, one size after the other."""
        async with AsyncExitStack() as stack:
            stores = [await stack.enter_async_context(_store(self._path(each))) for each in self.figures]
            for store in stores:
                for number in range(TURNS * LEASED_A_TURN):
                    await receive(store, f"turn-{number}", 1_000 + number)
            self._console.print("home tabs and turns")
            for turn in range(TURNS):
                pairs = list(zip(self.figures, stores, strict=True))
                first = turn % len(pairs)
                for figures, store in pairs[first:] + pairs[:first]:
                    figures.home_us.append(await _home(store))
                    figures.turn_us.append(await _turn(store, turn))
        for figures in self.figures:
            home_us, turn_us = _middle(figures, "home_us"), _middle(figures, "turn_us")
            self._console.print(f"{figures.closed:,}: home tab {home_us:,.0f} us, turn {turn_us:,.0f} us")

    def report(self) -> None:
        """The commands that read everything, beside nobody."""
        for figures in self.figures:
            self._console.print(f"reports on {figures.closed:,} closed reviews")
            env = environment(_url(self._path(figures)), 1, "http://127.0.0.1:9/api/")
            for command, name in REPORTS.items():
                began = time.perf_counter()
                arguments = [sys.executable, "-m", "bot", *command.split()]
                process = subprocess.Popen(arguments, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
                figures.report_bytes[name] = _peak_bytes(process)
                figures.report_s[name] = time.perf_counter() - began
                assert process.returncode == 0, command
                self._console.print(f"{command}: {figures.report_s[name]:.1f} s")

    def _path(self, figures: Figures) -> Path:
        return self._folder / f"work-{figures.closed}.db"


def _peak_bytes(process: "subprocess.Popen[bytes]") -> int:
    """Wait for its end; the most memory that it ever had, but for its last moments.

    What the system tells of a child that ended is no use: it counts from our own size on.
    """
    peak = 0
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        if found := re.search(r"VmHWM:\s+(\d+) kB", status):
            peak = int(found[1]) * 1024
        time.sleep(LOOK_EVERY_S)
    return peak


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def _bytes(path: Path) -> int:
    """The database as it will be on the disk, what still stands in the log included."""
    pages, size = (look_into(_url(path), f"PRAGMA {name}")[0][name] for name in ("page_count", "page_size"))
    return int(pages * size)


def _audit_head(path: Path) -> str:
    (head,) = look_into(_url(path), "SELECT id, seal FROM audit_head")
    return f"{head['id']}:{head['seal']}" if head["id"] else ""


def _claims(first: int, count: int) -> list[bytes]:
    now = time.time()
    sessions = [requests.identifier("session", number) for number in range(first, first + count)]
    pressed: list[dict[str, object]] = [
        {"action_id": "review_claim", "value": buttons.value(session)} for session in sessions
    ]
    return [requests.click(action, USER_CHANNEL, "1700000000.000100", now) for action in pressed]


@asynccontextmanager
async def _store(path: Path) -> AsyncIterator[Store]:
    async with open_store(_url(path), 1, lambda: None) as store:
        yield store


async def _home(store: Store) -> float:
    began = time.perf_counter()
    queues = ["user", "related-party"]
    scope = worklist.Scope(requests.PERSON, queues, queues, 2_000)
    await store.read(lambda reading: worklist.worklist(reading, scope))
    return (time.perf_counter() - began) * 1e6


async def _turn(store: Store, number: int) -> float:
    began = time.perf_counter()
    due = await store.read(lambda reading: leases.next_due(reading, LANES))
    assert posts("user") in due
    now = 10_000_000
    leased = await store.write(
        leases.lease, LeaseRequest(posts("user"), "C1", LEASED_A_TURN, f"turn-{number}", now, now + 60_000)
    )
    took_us = (time.perf_counter() - began) * 1e6
    assert len(leased) == LEASED_A_TURN
    return took_us


def _middle(figures: Figures, name: str) -> float:
    return float(statistics.median(getattr(figures, name)))


def judged(all_figures: Sequence[Figures]) -> list[tuple[str, list[str], bool]]:
    """A row for each figure: its name, what it was with each size, and whether every target was met."""
    none = all_figures[0]
    rows: list[tuple[str, list[str], bool]] = []
    for name in ("ingest_per_s", "claims_per_s", "home_us", "turn_us"):
        is_rate = name.endswith("_per_s")
        ratios = [_middle(each, name) / _middle(none, name) for each in all_figures]
        met = [
            ratio >= (0.85 if each.closed <= 1_000_000 else 0.8) if is_rate else ratio <= MAX_COST
            for each, ratio in zip(all_figures, ratios, strict=True)
        ]
        cells = [
            f"{_middle(each, name):,.0f} ({ratio:.2f})"
            for each, ratio in zip(all_figures, ratios, strict=True)
        ]
        rows.append((name, cells, all(met)))
    new, wal = [each.bytes_a_new_review for each in all_figures], [each.wal_bytes for each in all_figures]
    rows.append(("bytes a new review", [f"{each:,.0f}" for each in new], max(new) <= MAX_BYTES_A_REVIEW))
    rows.append(
        ("bytes a closed review", [f"{each.bytes_a_closed_review:,.0f}" for each in all_figures], True)
    )
    rows.append(("log after ingest", [f"{each / MIB:.1f} MiB" for each in wal], max(wal) <= MAX_WAL_BYTES))
    for name in REPORTS.values():
        memory = [each.report_bytes[name] for each in all_figures]
        cells = [
            f"{each.report_s[name]:.1f} s, {each.report_bytes[name] / MIB:.0f} MiB" for each in all_figures
        ]
        rows.append((name, cells, max(memory) - memory[0] <= MAX_REPORT_GROWTH_BYTES))
    return rows


@click.command()
@click.option("--sizes", default="0,100000,1000000", envvar="SIZES", show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option(
    "--webhooks", type=click.IntRange(100), default=4_000, show_default=True, help="A round and size."
)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("/dev/shm/review-bot-growth"))  # noqa: S108
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("growth.json"))
@click.option("--once", is_flag=True, help="Keep no database for the next run: that takes half the space.")
def main(sizes: str, rounds: int, webhooks: int, folder: Path, output: Path, *, once: bool) -> None:
    """Compare sizes with the first of them; exit code 1 if a target was missed."""
    console = Console(highlight=False)
    growth = Growth(folder, [int(size) for size in sizes.split(",")], console, once=once)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        growth.prepare()
        asyncio.run(growth.work(rounds, webhooks))
        asyncio.run(growth.look())
        growth.report()
    finally:
        figures = [asdict(each) for each in growth.figures]
        output.write_text(json.dumps(figures, indent=1), encoding="utf-8")
        for path in folder.glob("work-*"):
            path.unlink()
    rows = judged(growth.figures)
    table = Table("figure", *(f"{each.closed:,} closed" for each in growth.figures), "target")
    for name, cells, is_met in rows:
        table.add_row(name, *cells, "ok" if is_met else "missed")
    console.print(table)
    sys.exit(0 if all(is_met for *_, is_met in rows) else 1)


if __name__ == "__main__":
    main()
