"""When reminders are posted: one per queue and audience in each interval; what is due in the same minute, together."""

from collections.abc import Mapping

from bot.reviews.business_hours import BusinessHours
from bot.reviews.deadlines import LATE_MS, Deadlines

INTERVAL_MS = 3_600_000
"""The interval of a queue without `remind_every`: missed deadlines in quick succession still make one message."""

GATHER_MS = 60_000
"""A reminder waits this long for others of its queue that are known to come."""


def next_reminder(last_at: int | None, now: int, deadlines: Deadlines) -> int:
    """Return when a reminder that is wanted at `now` can be posted: now, or when the interval since the last ends."""
    # A clock that went back must not silence reminders.
    if last_at is None or last_at > now:
        return now
    return max(now, deadlines.hours.add(last_at, deadlines.remind_every_ms or INTERVAL_MS))


def due_together(
    wanted: Mapping[str, int], next_timer: int | None, hours: BusinessHours, now: int
) -> tuple[str, ...]:
    """Return the audiences of one message whose reminders are posted at `now`; `wanted` holds when each is due.

    None while another reminder, or a timer of the queue (`next_timer`), is due within the same minute. What was missed
    waits for business hours. All times are milliseconds.
    """
    due = {audience: at for audience, at in wanted.items() if at <= now}
    if not due:
        return ()
    first = min(due.values())
    if hours.next_opening(now) > now and now - first > LATE_MS:
        return ()
    coming = [at for at in (*wanted.values(), next_timer) if at is not None and now < at <= first + GATHER_MS]
    return () if coming else tuple(due)
