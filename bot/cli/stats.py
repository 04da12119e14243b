"""`stats`: count reviews and waiting times per queue and reviewer, as a table or as one JSON object per line."""

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import click
from tabulate import SEPARATING_LINE, tabulate

from bot.cli.errors import report_errors
from bot.cli.output import json_line, progress_bar
from bot.cli.parameters import json_option
from bot.clock import Clock, iso, system_clock
from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours
from bot.reviews.review import Status
from bot.reviews.waiting_times import Span, WaitKind, snoozed_ms, working_ms
from bot.settings.environment import read_file_settings, read_store_settings
from bot.store.store import reading
from bot.store.tables import audit_trail
from bot.store.tables import stats as stats_table
from bot.store.tables.stats import ReviewNow


@click.command()
@json_option
@report_errors
def stats(*, as_json: bool) -> None:
    """Show review counts and times to claim and to decide, per queue and reviewer."""
    hours = {queue: limits.hours for queue, limits in read_file_settings().deadlines().items()}
    url = read_store_settings().database_url.get_secret_value()
    asyncio.run(print_stats(url, hours, system_clock, as_json=as_json))


def _seconds() -> dict[WaitKind, Counter[int]]:
    return {step: Counter() for step in WaitKind}


@dataclass(slots=True)
class Line:
    """The numbers of a queue, or of one of its reviewers.

    For the percentiles it counts how many waits took each number of seconds, which keeps memory constant however many
    waits there were.
    """

    queue: str
    reviewer: str | None
    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    oldest_unclaimed_at: int | None = None
    elapsed_s: dict[WaitKind, Counter[int]] = field(default_factory=_seconds)
    working_s: dict[WaitKind, Counter[int]] = field(default_factory=_seconds)
    snoozed_s: Counter[int] = field(default_factory=Counter)
    has_hours: bool = False

    def add(self, span: Span, hours: BusinessHours) -> None:
        """Count a wait: how long it took, how much of it was working time, and how long it was snoozed."""
        self.has_hours = bool(hours.days)
        self.elapsed_s[span.kind][max(0, span.end - span.start) // 1000] += 1
        self.working_s[span.kind][working_ms(span, hours) // 1000] += 1
        if span.pauses:
            self.snoozed_s[snoozed_ms(span) // 1000] += 1

    def wait_since(self, review: ReviewNow) -> None:
        """Note since when the oldest unclaimed review waits."""
        if review.status is Status.OPEN and review.opened_at is not None:
            oldest = self.oldest_unclaimed_at
            self.oldest_unclaimed_at = review.opened_at if oldest is None else min(oldest, review.opened_at)

    @property
    def tells_working_time(self) -> bool:
        """Whether working time is another than the whole."""
        return self.has_hours or self.snoozed_s.total() > 0


async def print_stats(url: str, hours: Mapping[str, BusinessHours], clock: Clock, *, as_json: bool) -> None:
    """Print a line for each queue that is configured or was used, followed by one for each of its reviewers."""
    lines = await _lines(url, hours)
    now = clock()
    if as_json:
        for line in lines:
            click.echo(json_line(line_object(line, now)))
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
        with progress_bar("counting", (await audit_trail.head(connection)).id) as show_progress:
            async for queue, found in stats_table.history(connection, show_progress):
                if isinstance(found, Span):
                    for person in (None, found.person):
                        of(queue, person).add(found, hours.get(queue, ROUND_THE_CLOCK))
                else:
                    for person in {None, found.person}:
                        of(queue, person).counts[found.status] += 1
                    of(queue, None).wait_since(found)
    return [lines[key] for key in sorted(lines, key=lambda key: (key[0], key[1] or ""))]


def line_object(line: Line, now: int) -> dict[str, Any]:
    """Return a line as `stats --json` prints it: `reviewer` is null for the whole queue; times are seconds or null.

    Names that end in `_working_s` count business hours in which the review was not snoozed; they are null for a queue
    without business hours and snoozes. `snoozed` is how many of the decisions were on a review that had been snoozed,
    and `snoozed_*_s` for how long. `open` and the oldest unclaimed review are counted for the whole queue only.
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
        working_s = line.working_s[step] if line.tells_working_time else Counter[int]()
        for suffix, waits in (("_s", line.elapsed_s[step]), ("_working_s", working_s)):
            shown[f"{step}_median{suffix}"] = percentile(waits, 0.5)
            shown[f"{step}_p90{suffix}"] = percentile(waits, 0.9)
    shown["snoozed"] = line.snoozed_s.total()
    shown["snoozed_median_s"] = percentile(line.snoozed_s, 0.5)
    shown["snoozed_p90_s"] = percentile(line.snoozed_s, 0.9)
    return shown


def percentile(waits: Counter[int], share: float) -> int | None:
    """Return the value below which this share of the waits lies, interpolated; None without waits."""
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
    """Return a duration for people, in its two largest units."""
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
    headings = ["queue", "reviewer", *(status.value for status in Status), "oldest unclaimed"]
    headings += ["claims", "to claim", "working", "decisions", "to decide", "working", "snoozed"]
    rows: list[Any] = []
    for line in lines:
        if line["reviewer"] is None and rows:
            rows.append(SEPARATING_LINE)
        rows.append(_row(line))
    sides = ["left", "left", *["right"] * (len(headings) - 2)]
    click.echo(tabulate(rows, headings, tablefmt="simple", colalign=sides, disable_numparse=True))
    click.echo(
        "Times are median / p90 since the review was opened; working times count business hours only, without snoozes."
    )


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
        _pair(line, "snoozed", "_s"),
    ]


def _pair(line: Mapping[str, Any], step: str, suffix: str) -> str:
    if line[f"{step}_median{suffix}"] is None:
        return "-"
    return f"{duration(line[f'{step}_median{suffix}'])} / {duration(line[f'{step}_p90{suffix}'])}"
