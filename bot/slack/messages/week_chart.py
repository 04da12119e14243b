"""A chart of the week as text, because Slack has no chart block. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from bot.reviews.business_hours import BusinessHours
from bot.store.tables.digest import Step, StepKind

DAYS = 7
LONGEST_BAR = 8
"""Both bars of a day are on one line, which a phone still shows without a break."""

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def week_chart(steps: Sequence[Step], hours: BusinessHours, now: int) -> str:
    """Bars for the reviews opened and decided on each day, in the time zone of the queue, today last.

    Days on which nothing happened are left out; empty if nothing happened at all.
    """
    counts = Counter((step.kind, hours.local_day(step.at)) for step in steps)
    today = hours.local_day(now)
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    rows = [(day, counts[StepKind.OPENED, day], counts[StepKind.DECIDED, day]) for day in days]
    rows = [row for row in rows if row[1] or row[2]]
    if not rows:
        return ""
    most = max(max(opened, decided) for _, opened, decided in rows)
    width = len(str(most))
    left = max(len("opened"), width + 1 + LONGEST_BAR)
    lines = [f"{'':6}  {'opened':{left}}  decided"]
    for day, opened, decided in rows:
        first = f"{opened:{width}} {_bar(opened, most)}".rstrip()
        second = f"{decided:{width}} {_bar(decided, most)}".rstrip()
        lines.append(f"{day:%a %d}  {first:{left}}  {second}")
    return "```\n" + "\n".join(lines) + "\n```"


def _bar(count: int, most: int) -> str:
    """A bar in steps of an eighth of a character, to show small differences."""
    full, rest = divmod(round(count / most * LONGEST_BAR * 8), 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
