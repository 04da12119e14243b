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
_FELT = (
    ("webhook → card stored at Slack", Figure.CARD),
    ("  the same, Slack takes 50 ms", Figure.CARD_50),
    ("click → answered", Figure.CLICK_ANSWERED),
    ("click → card updated", Figure.CLICK_SHOWN),
    ("  the same, Slack takes 50 ms", Figure.CLICK_SHOWN_50),
    ("home tab opened → shown", Figure.HOME),
    ("  the same, Slack takes 50 ms", Figure.HOME_50),
    ("first card after a start", Figure.FIRST_CARD),
    ("first card after Slack was unreachable", Figure.AFTER_SLACK),
    ("first card after Slack answered 503", Figure.AFTER_503),
    ("first card after an outage of the database", Figure.AFTER_DATABASE),
)
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


def measured(results: Results, entries: Iterable[Entry]) -> Table | None:
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
    return table if table.row_count else None


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


def felt(results: Results, entries: Iterable[Entry]) -> Table | None:
    """What people feel, a column per server; None if it wasn't measured."""
    shown = [entry for entry in entries if results.values(entry.letter, Figure.CARD)]
    table = Table(title="what people feel, ms", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for entry in shown:
        table.add_column(f"({entry.letter})\n{entry.title}", justify="right")
    for what, figure in _FELT:
        table.add_row(what, *(_cell(results, entry.letter, figure, 1e-3, ",.1f") for entry in shown))
    table.add_row(
        "a lone click's update begins after, x its answer",
        *(_cell(results, entry.letter, Figure.CLICK_BEGUN, 1.0, ".2f") for entry in shown),
    )
    return table if shown else None


def cost(results: Results, entries: Iterable[Entry]) -> str:
    """What a review costs over its whole life; empty if it wasn't measured."""
    parts: list[str] = []
    for entry in entries:
        cpu_s, size = (results.median(entry.letter, each) for each in (Figure.LIFE_CPU, Figure.LIFE_BYTES))
        if cpu_s is not None and size is not None:
            parts.append(f"({entry.letter}) {entry.title}: {size:,.0f} bytes, {cpu_s * 1000:.1f} ms of CPU")
    if not parts:
        return ""
    return f"A review's whole life (received, claimed, decided, closed; four cards shown): {'; '.join(parts)}"


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
