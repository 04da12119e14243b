"""The picture: bars for the throughput and for the p99, as an SVG that reads well on light and on dark pages."""

import math
from collections.abc import Sequence
from html import escape

from tests.benchmarks.lineup import Entry
from tests.benchmarks.results import Figure, Results

ROW = 24
LABEL = 230
BAR = 200
NUMBER = 70
GAP = 16
TITLE = 34
FONT = 'font-family="system-ui, sans-serif" font-size="13" fill="#57606a"'
OURS, OTHERS = "#1f883d", "#8c959f"

_PANELS = (
    ("events a second, 64 connections", Figure.THROUGHPUT, 1.0, ",.0f"),
    ("p99 at 200 events/s, ms", Figure.P99_AT_200, 1e-3, ".1f"),
    ("p99 at 1,000 events/s, ms", Figure.P99_AT_1000, 1e-3, ".1f"),
)


def picture(results: Results, entries: Sequence[Entry]) -> str:
    """One panel beside the other, a row for each that was measured."""
    rows = [entry for entry in entries if results.median(entry.letter, Figure.THROUGHPUT) is not None]
    width, height = LABEL + len(_PANELS) * (BAR + NUMBER + GAP), TITLE + len(rows) * ROW + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" {FONT}>',
        "<title>Throughput and latency, side by side</title>",
    ]
    for number, entry in enumerate(rows):
        parts.append(_text(LABEL - 10, _middle(number), entry.title, "end"))
    for place, (title, figure, unit, form) in enumerate(_PANELS):
        left = LABEL + place * (BAR + NUMBER + GAP)
        parts.append(_text(left, TITLE - 14, title, weight="600"))
        parts += _bars(left, [results.median(entry.letter, figure) for entry in rows], rows, unit, form)
    return "\n".join([*parts, "</svg>", ""])


def _bars(
    left: int, values: Sequence[float | None], rows: Sequence[Entry], unit: float, form: str
) -> list[str]:
    longest = max((value for value in values if value and math.isfinite(value)), default=1.0)
    parts: list[str] = []
    for number, (entry, value) in enumerate(zip(rows, values, strict=True)):
        if value is None or math.isinf(value):
            parts.append(_text(left, _middle(number), "cannot take that many" if value else "not measured"))
            continue
        length = max(1.0, value / longest * BAR)
        colour = OURS if entry.is_bot else OTHERS
        top = TITLE + number * ROW + 4
        parts.append(
            f'<rect x="{left}" y="{top}" width="{length:.1f}" height="{ROW - 8}" rx="2" fill="{colour}"/>'
        )
        parts.append(_text(left + length + 6, _middle(number), format(value / unit, form)))
    return parts


def _middle(number: int) -> int:
    return TITLE + number * ROW + ROW // 2 + 4


def _text(x: float, y: int, content: str, anchor: str = "start", weight: str = "400") -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-weight="{weight}">{escape(content)}</text>'
