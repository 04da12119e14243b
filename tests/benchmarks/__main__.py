"""`make bench`: this bot beside what else one might have built, in one run, against its targets."""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.benchmarks import javascript, table
from tests.benchmarks.lineup import BOLT, BOT, BOTS, EVERYBODY, FELT, Entry
from tests.benchmarks.machine import machine
from tests.benchmarks.picture import picture
from tests.benchmarks.results import Figure, Results, finite
from tests.benchmarks.run import Plan, Run, Watch
from tests.benchmarks.targets import Verdict, verdicts

RESULTS = Path(__file__).parent / "results.json"
WIDE = 140
PARTS = frozenset({"events", "clicks", "feel", "life"})


def _letters(_context: click.Context, _parameter: click.Parameter, text: str) -> frozenset[str]:
    """Letters of entries; `d` means d1 and d4."""
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    known = [entry.letter for entry in EVERYBODY]
    if wrong := [part for part in sorted(wanted) if not any(letter.startswith(part) for letter in known)]:
        raise click.BadParameter(f"{', '.join(wrong)}: must be among {', '.join(known)}")
    return frozenset(letter for letter in known if not wanted or letter in wanted or letter[0] in wanted)


def _parts(_context: click.Context, _parameter: click.Parameter, text: str) -> frozenset[str]:
    wanted = frozenset(part.strip() for part in text.split(",") if part.strip())
    if wrong := sorted(wanted - PARTS):
        raise click.BadParameter(f"{', '.join(wrong)}: must be among {', '.join(sorted(PARTS))}")
    return wanted or PARTS


@click.command()
@click.option(
    "--rounds", type=click.IntRange(1), default=3, show_default=True, help="Medians are of so many."
)
@click.option(
    "--events",
    type=click.IntRange(10),
    default=20_000,
    show_default=True,
    help="Most events in one measurement.",
)
@click.option("--only", callback=_letters, default="", help="Such as a,b,d4; d is d1 and d4, h the clicks.")
@click.option(
    "--parts", callback=_parts, default="", help="Among events, clicks, feel, life; all by default."
)
@click.option("--million", is_flag=True, help="Also the memory after a million events; takes minutes.")
@click.option("--picture", "picture_path", type=click.Path(path_type=Path), help="Also draw an SVG there.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), default=RESULTS, help="All values.")
def main(
    *,
    rounds: int,
    events: int,
    only: frozenset[str],
    parts: frozenset[str],
    million: bool,
    picture_path: Path | None,
    json_path: Path,
) -> None:
    """Measure, print a table; exit code 1 if a target was missed or this bot failed."""
    if not Path("/proc/self/stat").exists():
        raise click.ClickException("CPU and memory are read from /proc, which only Linux has.")
    console = _console()
    tell = _plain(console)
    available = _available(only, tell)
    plan = Plan(
        rounds,
        events,
        webhooks=[each for each in available if each not in BOLT] if "events" in parts else [],
        clicks=[each for each in available if each in (BOT, *BOLT)] if "clicks" in parts else [],
        feel=[each for each in available if each in FELT] if "feel" in parts else [],
        life=[each for each in available if each in BOTS] if "life" in parts else [],
        with_million=million,
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        # PostgreSQL runs as another user where we are root.
        folder.chmod(0o755)
        facts = machine(folder)
        tell(
            f"{facts['processor']}, {facts['cores']} cores, Python {facts['python']}, node {facts['node']}; "
            f"a durable write takes {facts['durable_write_s'] * 1000:.2f} ms in {folder.parent}"
        )
        with _watched(console, plan.stages) as watch:
            run = Run(plan, folder, watch, tell)
            results = run.go()
    found = list(verdicts(results))
    tables = (table.measured(results, EVERYBODY), table.clicks(results, EVERYBODY), table.felt(results, FELT))
    console.print(*(each for each in (*tables, table.promises(found)) if each is not None))
    if lives := table.cost(results, BOTS):
        tell(lives)
    generator = max(results.most(Figure.GENERATOR), results.most(Figure.CLICK_GENERATOR))
    tell(f"The load generator used up to {generator:.0%} of a core. {run.noise}")
    _write(json_path, facts | asdict(run.noise), results, found)
    if picture_path is not None:
        picture_path.write_text(picture(results, EVERYBODY), encoding="utf-8")
    missed = [verdict.target for verdict in found if not verdict.is_met]
    for target in missed:
        tell(f"missed: ({target.letter}) {target.what}, {target}")
    sys.exit(1 if missed or run.has_own_failure else 0)


def _console() -> Console:
    console = Console()
    # A pipe has no width; a table that is cut is of no use.
    return console if console.is_terminal else Console(width=WIDE)


def _plain(console: Console) -> Watch:
    return lambda text: console.print(text, highlight=False, markup=False, soft_wrap=True)


def _available(only: frozenset[str], tell: Watch) -> list[Entry]:
    """Those wanted that can run here; the others are skipped with a line."""
    wanted = [entry for entry in EVERYBODY if entry.letter in only]
    if any(entry.is_javascript for entry in wanted) and not javascript.is_installed():
        tell(
            "Installing the peers in JavaScript; better-sqlite3 may have to be compiled, which takes minutes."
        )
    reasons = {entry: entry.missing() for entry in wanted}
    for entry, reason in reasons.items():
        if reason:
            tell(f"({entry.letter}) {entry.title} is skipped: {reason}")
    return [entry for entry in wanted if not reasons[entry]]


@contextmanager
def _watched(console: Console, stages: int) -> Iterator[Watch]:
    """A bar on a terminal, a line a stage elsewhere."""
    if not console.is_terminal:
        yield _plain(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    # Drawn between the stages only: a thread that draws would compete with the load generator.
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
        bar = progress.add_task("starting", total=stages)
        done = -1

        def watch(doing: str) -> None:
            nonlocal done
            done += 1
            progress.update(bar, completed=done, description=doing, refresh=True)

        yield watch


def _write(path: Path, facts: dict[str, Any], results: Results, found: Sequence[Verdict]) -> None:
    targets = [
        {
            "what": verdict.target.what,
            "of": verdict.target.letter,
            "target": str(verdict.target),
            "found": finite(verdict.value),
            "rounds": [finite(value) for value in verdict.values],
            "is_met": verdict.is_met,
            "note": verdict.note,
        }
        for verdict in found
    ]
    content = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": facts,
        "line_up": {entry.letter: entry.title for entry in EVERYBODY},
        "values": results.by_letter(),
        "targets": targets,
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
