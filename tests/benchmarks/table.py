"""What a person reads at the end: absolute values side by side, and the targets."""

import math
from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table

from tests.benchmarks.lineup import Entry
from tests.benchmarks.results import Figure, Results, median, spread
from tests.benchmarks.targets import MIB, Verdict

NOT_MEASURED = "-"
GROWS = "grows"
_COLUMNS = (
    ("events/s\n64 conn.", Figure.THROUGHPUT, 1.0, ",.0f"),
    ("events/s\n256 conn.", Figure.THROUGHPUT_256, 1.0, ",.0f"),
    ("CPU\nµs/event", Figure.CPU, 1e-6, ",.0f"),
    ("p99 ms\n200/s", Figure.P99_AT_200, 1e-3, ".2f"),
    ("p99 ms\n1,000/s", Figure.P99_AT_1000, 1e-3, ".2f"),
    ("start\ns", Figure.START, 1.0, ".2f"),
    ("MiB\nat start", Figure.MEMORY, MIB, ".0f"),
    ("MiB\nloaded", Figure.MEMORY_UNDER_LOAD, MIB, ".0f"),
)


def measured(results: Results, entries: Iterable[Entry]) -> Table:
    """Medians of the rounds, a row for each that was measured; ± is the noise, x the multiple of (a)."""
    table = Table(
        title="medians of the rounds", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    table.add_column("", no_wrap=True)
    for heading in (_COLUMNS[0][0], "±", "x (a)", *(heading for heading, *_ in _COLUMNS[1:])):
        table.add_column(heading, justify="right", no_wrap=True)
    for entry in entries:
        cells = [_cell(results, entry.letter, *column[1:]) for column in _COLUMNS]
        if any(cell != NOT_MEASURED for cell in cells):
            table.add_row(
                f"({entry.letter}) {entry.title}", cells[0], *_noise(results, entry.letter), *cells[1:]
            )
    return table


def promises(found: Sequence[Verdict]) -> Table:
    """Each target: what was found, in which span, what it should be, whether it is."""
    table = Table(title="targets", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("")
    for heading in ("found", "rounds", "target"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for verdict in found:
        low, high = min(verdict.values), max(verdict.values)
        table.add_row(
            f"({verdict.target.letter}) {verdict.target.what}",
            _number(verdict.value),
            f"{_number(low)} to {_number(high)}",
            str(verdict.target),
            "[green]met[/]" if verdict.is_met else "[red]missed[/]",
        )
        if verdict.note:
            table.add_row(f"     {verdict.note}", "", "", "", "")
    return table


def clicks(results: Results, entries: Iterable[Entry]) -> Table | None:
    """How many claims per second each recorded; None if nothing was clicked."""
    table = Table(title="clicks, 64 connections", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for heading in ("clicks/s", "±", "CPU\nµs/click"):
        table.add_column(heading, justify="right")
    for entry in entries:
        if values := results.values(entry.letter, Figure.CLICKS):
            table.add_row(
                f"({entry.letter}) {entry.title}",
                _cell(results, entry.letter, Figure.CLICKS, 1.0, ",.0f"),
                f"{spread(values):.0%}" if len(values) > 1 else NOT_MEASURED,
                _cell(results, entry.letter, Figure.CLICK_CPU, 1e-6, ",.0f"),
            )
    return table if table.row_count else None


def _number(value: float) -> str:
    """A ratio to or of a latency without end is no number."""
    return f"{value:,.2f}" if math.isfinite(value) else GROWS


def _cell(results: Results, letter: str, figure: Figure, unit: float, form: str) -> str:
    value = results.median(letter, figure)
    if value is None:
        return NOT_MEASURED
    return GROWS if math.isinf(value) else format(value / unit, form)


def _noise(results: Results, letter: str) -> tuple[str, str]:
    values = results.values(letter, Figure.THROUGHPUT)
    ratio = median(results.ratios(letter, Figure.THROUGHPUT, "a"))
    return (
        f"{spread(values):.0%}" if len(values) > 1 else NOT_MEASURED,
        f"{ratio:.2f}" if ratio is not None else NOT_MEASURED,
    )
