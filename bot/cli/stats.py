"""`stats`: per queue and reviewer what is there and how long it took, as a table or one JSON object a line."""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import click

from bot.cli.progress import progress_bar
from bot.clock import Clock, iso
from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours
from bot.reviews.review import Status
from bot.reviews.waiting_times import Span, WaitKind
from bot.store.store import reading
from bot.store.tables import audit_trail, stats


def _seconds() -> dict[WaitKind, Counter[int]]:
    return {step: Counter() for step in WaitKind}


@dataclass(slots=True)
class Line:
    """A queue's numbers, or those of one of its reviewers.

    For the percentiles it is counted how many waits took each number of seconds: as much as there are different ones,
    however many waits there were.
    """

    queue: str
    reviewer: str | None
    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    oldest_unclaimed_at: int | None = None
    elapsed_s: dict[WaitKind, Counter[int]] = field(default_factory=_seconds)
    working_s: dict[WaitKind, Counter[int]] = field(default_factory=_seconds)

    def add(self, step: WaitKind, elapsed_s: int, working_s: int | None) -> None:
        """Count a wait; `working_s` is None where the queue has no business hours."""
        self.elapsed_s[step][elapsed_s] += 1
        if working_s is not None:
            self.working_s[step][working_s] += 1


async def print_stats(url: str, hours: Mapping[str, BusinessHours], clock: Clock, *, as_json: bool) -> None:
    """Print a line for each queue that is set up or was used, and below it one for each of its reviewers."""
    lines = await _lines(url, hours)
    now = clock()
    if as_json:
        for line in lines:
            click.echo(json.dumps(line_object(line, now), ensure_ascii=False))
        return
    _print_table([line_object(line, now) for line in lines])


async def _lines(url: str, hours: Mapping[str, BusinessHours]) -> list[Line]:
    lines: dict[tuple[str, str | None], Line] = {}

    def of(queue: str, reviewer: str | None) -> Line:
        key = (queue, reviewer)
        if key not in lines:
            lines[key] = Line(queue, reviewer)
        return lines[key]

    for queue in hours:
        of(queue, None)
    async with reading(url) as connection:
        for count in await stats.review_counts(connection):
            for person in {None, count.person}:
                of(count.queue, person).counts[count.status] += count.total
        for queue, opened_at in (await stats.oldest_unclaimed(connection)).items():
            of(queue, None).oldest_unclaimed_at = opened_at
        with progress_bar("counting", (await audit_trail.head(connection)).id) as progress:
            async for queue, span in stats.spans(connection, progress):
                elapsed_s, working_s = _lengths(span, hours.get(queue, ROUND_THE_CLOCK))
                for person in (None, span.person):
                    of(queue, person).add(span.kind, elapsed_s, working_s)
    return [lines[key] for key in sorted(lines, key=lambda key: (key[0], key[1] or ""))]


def _lengths(span: Span, hours: BusinessHours) -> tuple[int, int | None]:
    """How long a wait was in seconds, and how much of it lay within business hours, where there are any."""
    working_s = hours.between(span.start, span.end) // 1000 if hours.days else None
    return max(0, span.end - span.start) // 1000, working_s


def line_object(line: Line, now: int) -> dict[str, Any]:
    """A line as `stats --json` prints it; `reviewer` is null for the whole queue, times are seconds or null.

    What ends in `_working_s` counts the queue's business hours only, and is null where it has none. `open` and the
    oldest unclaimed are the queue's.
    """
    oldest = line.oldest_unclaimed_at
    shown: dict[str, Any] = {"queue": line.queue, "reviewer": line.reviewer}
    shown |= {status.value: line.counts[status] for status in Status}
    shown |= {
        "oldest_unclaimed_at": iso(oldest),
        "oldest_unclaimed_s": None if oldest is None else max(0, now - oldest) // 1000,
    }
    for step, name in ((WaitKind.CLAIM, "claims"), (WaitKind.DECIDE, "decisions")):
        shown[name] = line.elapsed_s[step].total()
        for suffix, waits in (("_s", line.elapsed_s[step]), ("_working_s", line.working_s[step])):
            shown[f"{step}_median{suffix}"] = percentile(waits, 0.5)
            shown[f"{step}_p90{suffix}"] = percentile(waits, 0.9)
    return shown


def percentile(waits: Counter[int], share: float) -> int | None:
    """The value below which this share lies, between two neighbours in proportion; None where there is none."""
    lengths = sorted(waits)
    if not lengths:
        return None
    ends = list(accumulate(waits[length] for length in lengths))
    position = share * (ends[-1] - 1)
    below = int(position)
    low = lengths[bisect_right(ends, below)]
    high = lengths[bisect_right(ends, min(below + 1, ends[-1] - 1))]
    return int(low + (high - low) * (position - below) + 0.5)


def duration(seconds: int | None) -> str:
    """As people read it: the two largest units."""
    if seconds is None:
        return "-"
    for unit_s, unit, smaller_s, smaller in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "m"),
        (60, "m", 1, "s"),
    ):
        if seconds >= unit_s:
            return f"{seconds // unit_s}{unit} {seconds % unit_s // smaller_s}{smaller}"
    return f"{seconds}s"


def _print_table(lines: Sequence[Mapping[str, Any]]) -> None:
    from tabulate import SEPARATING_LINE, tabulate  # noqa: PLC0415 - only where a table is wanted

    headings = ["queue", "reviewer", *(status.value for status in Status), "oldest unclaimed"]
    headings += ["claims", "to claim", "working", "decisions", "to decide", "working"]
    rows: list[Any] = []
    for line in lines:
        if line["reviewer"] is None and rows:
            rows.append(SEPARATING_LINE)
        rows.append(_row(line))
    sides = ["left", "left", *["right"] * (len(headings) - 2)]
    click.echo(tabulate(rows, headings, tablefmt="simple", colalign=sides, disable_numparse=True))
    click.echo("Times are median / p90, since a review was opened; working: in business hours only.")


def _row(line: Mapping[str, Any]) -> list[str]:
    return [
        line["queue"] if line["reviewer"] is None else "",
        line["reviewer"] or "all",
        *(str(line[status.value] or "-") for status in Status),
        duration(line["oldest_unclaimed_s"]),
        str(line["claims"]),
        _pair(line, "claim", "_s"),
        _pair(line, "claim", "_working_s"),
        str(line["decisions"]),
        _pair(line, "decide", "_s"),
        _pair(line, "decide", "_working_s"),
    ]


def _pair(line: Mapping[str, Any], step: str, suffix: str) -> str:
    if line[f"{step}_median{suffix}"] is None:
        return "-"
    return f"{duration(line[f'{step}_median{suffix}'])} / {duration(line[f'{step}_p90{suffix}'])}"
