"""`make chaos`: hundreds of kill -9 under load, and then the question what was lost.

Every event that was acknowledged must have exactly one card, every click that was answered must be on record, and
every decision must reach its receiver, in order. Some events are repeated under a new id, some clicks arrive twice.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from tests.crash.machines import RestartablePostgres
from tests.crash.report import Report
from tests.crash.run import Plan, Watch, run_chaos

ACKNOWLEDGED_PER_KILL = 100
LINE_EVERY_S = 10.0
DATABASE_RESTARTS = 5
OUTAGE_S = 150.0


@click.command()
@click.option("--kills", type=click.IntRange(1), default=200, envvar="KILLS", show_default=True)
@click.option("--seconds", type=float, envvar="SECONDS", help="No kills after so many seconds.")
@click.option(
    "--database-url",
    default="",
    envvar="DATABASE_URL",
    help="Empty: a new SQLite file; 'postgres': a PostgreSQL of its own, which also crashes and is away for 150 s; "
    "or the URL of an empty database.",
)
def main(kills: int, seconds: float | None, database_url: str) -> None:
    """Kill the bot under load until KILLS kills are done; exit code 1 if a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    # PostgreSQL runs as another user where we are root.
    folder.chmod(0o755)
    is_postgres = bool(database_url) and not database_url.startswith("sqlite:")
    plan = Plan(
        kills=kills,
        acknowledged=kills * ACKNOWLEDGED_PER_KILL if seconds is None else 0,
        instances=2 if is_postgres else 1,
        pause_s=(0.1, 3.0) if is_postgres else (0.1, 1.8),
        database_restarts=DATABASE_RESTARTS if is_postgres else 0,
        outage_s=OUTAGE_S if is_postgres else 0,
        limit_s=seconds,
    )
    console = Console()
    began_at = time.monotonic()
    with _database(database_url, folder) as (url, postgres), _watched(console, plan) as watch:
        report = asyncio.run(run_chaos(plan, url, folder, postgres, watch))
    console.print(
        f"{report}\n{time.monotonic() - began_at:.0f} s, logs in {folder}", highlight=False, soft_wrap=True
    )
    for finding in report.findings():
        console.print(finding, highlight=False, soft_wrap=True)
    sys.exit(0 if report.is_clean else 1)


@contextmanager
def _database(chosen: str, folder: Path) -> Iterator[tuple[str, RestartablePostgres | None]]:
    if chosen != "postgres":
        yield chosen or f"sqlite:///{folder / 'reviews.db'}", None
        return
    server = RestartablePostgres(folder / "postgres")
    try:
        with server.empty_database() as url:
            yield url, server
    finally:
        server.stop()


@contextmanager
def _watched(console: Console, plan: Plan) -> Iterator[Watch]:
    """A bar on a terminal, a line now and then elsewhere."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[figures]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        bar = progress.add_task("starting", total=plan.kills, figures="")
        yield _Bar(progress, bar)


class _Bar:
    def __init__(self, progress: Progress, bar: TaskID) -> None:
        self._progress = progress
        self._bar = bar

    def __call__(self, report: Report, doing: str) -> None:
        self._progress.update(self._bar, completed=report.kills, description=doing, figures=_figures(report))


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._next_at = 0.0

    def __call__(self, report: Report, doing: str) -> None:
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + LINE_EVERY_S
            self._console.print(f"{doing}: {_figures(report)}", highlight=False)


def _figures(report: Report) -> str:
    return f"{report.kills} kills, {len(report.events)} acknowledged, {len(report.clicks)} clicks"


if __name__ == "__main__":
    main()
