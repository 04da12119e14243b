"""A chart of the week as text, because Slack has no chart block. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from bot.reviews.business_hours import BusinessHours
from bot.store.tables.digest import Step, StepKind

DAYS = 7
LONGEST_BAR = 20
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def week_chart(steps: Sequence[Step], hours: BusinessHours, now: int) -> str:
    """Bars for the reviews opened and decided on each day, in the time zone of the queue, today last."""
    counts = Counter((step.kind, hours.local_day(step.at)) for step in steps)
    today = hours.local_day(now)
    most = max(counts.values(), default=0)
    lines = []
    for back in range(DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        opened, decided = counts[StepKind.OPENED, day], counts[StepKind.DECIDED, day]
        lines += [
            f"{day:%a %d}  opened  {_bar(opened, most)} {opened}",
            f"        decided {_bar(decided, most)} {decided}",
        ]
    return "```\n" + "\n".join(lines) + "\n```"


def _bar(count: int, most: int) -> str:
    """A bar in steps of an eighth of a character, to show small differences."""
    eighths = round(count / most * LONGEST_BAR * 8) if most else 0
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
