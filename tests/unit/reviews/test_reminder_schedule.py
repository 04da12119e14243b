"""When reminders are posted."""

from zoneinfo import ZoneInfo

import pytest

from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours
from bot.reviews.deadlines import Deadlines
from bot.reviews.reminder_schedule import due_together, next_reminder

HOUR = 3_600_000
MINUTE = 60_000
OFFICE = BusinessHours(ZoneInfo("UTC"), frozenset(range(5)), 9 * 60, 17 * 60)
"""1 January 1970 was a Thursday."""


@pytest.mark.parametrize(
    ("last_at", "now", "deadlines", "due_at"),
    [
        (None, 10 * HOUR, Deadlines(), 10 * HOUR),
        (10 * HOUR, 12 * HOUR, Deadlines(remind_every_ms=4 * HOUR), 14 * HOUR),
        (10 * HOUR, 15 * HOUR, Deadlines(remind_every_ms=4 * HOUR), 15 * HOUR),
        (10 * HOUR, 10 * HOUR + 1, Deadlines(), 11 * HOUR),
        (15 * HOUR, 16 * HOUR, Deadlines(remind_every_ms=4 * HOUR, hours=OFFICE), 35 * HOUR),
        (99 * HOUR, 10 * HOUR, Deadlines(remind_every_ms=4 * HOUR), 10 * HOUR),
        (10 * HOUR, 10 * HOUR, Deadlines(remind_every_ms=4 * HOUR), 14 * HOUR),
    ],
    ids=[
        "the first",
        "too soon",
        "after the interval",
        "without an interval",
        "next morning",
        "clock went back",
        "at the same moment",
    ],
)
def test_a_reminder_waits_for_the_interval(
    last_at: int | None, now: int, deadlines: Deadlines, due_at: int
) -> None:
    """The interval counts business hours."""
    assert next_reminder(last_at, now, deadlines) == due_at


@pytest.mark.parametrize(
    ("wanted", "next_timer", "now", "audiences"),
    [
        ({}, None, 10 * HOUR, ()),
        ({"leads": 10 * HOUR + 1}, None, 10 * HOUR, ()),
        ({"leads": 10 * HOUR, "reviewers": 9 * HOUR}, None, 10 * HOUR, ("leads", "reviewers")),
        ({"leads": 10 * HOUR, "reviewers": 10 * HOUR + MINUTE}, None, 10 * HOUR, ()),
        ({"leads": 10 * HOUR, "reviewers": 11 * HOUR}, None, 10 * HOUR, ("leads",)),
        ({"leads": 10 * HOUR, "reviewers": 10 * HOUR + 1}, None, 10 * HOUR + 1, ("leads", "reviewers")),
        ({"reviewers": 10 * HOUR}, 10 * HOUR + 30_000, 10 * HOUR, ()),
        ({"reviewers": 10 * HOUR}, 10 * HOUR + MINUTE, 10 * HOUR, ()),
        ({"reviewers": 10 * HOUR}, 10 * HOUR + 2 * MINUTE, 10 * HOUR + MINUTE, ("reviewers",)),
    ],
)
def test_what_is_due_in_the_same_minute_is_one_message(
    wanted: dict[str, int], next_timer: int | None, now: int, audiences: tuple[str, ...]
) -> None:
    """A reminder waits at most a minute for others."""
    assert due_together(wanted, next_timer, ROUND_THE_CLOCK, now) == audiences


@pytest.mark.parametrize(
    ("now", "is_posted"),
    [
        (17 * HOUR + 15 * MINUTE, True),
        (17 * HOUR + 15 * MINUTE + 1, False),
        (33 * HOUR, True),
        (34 * HOUR, True),
    ],
)
def test_what_was_missed_waits_for_business_hours(now: int, *, is_posted: bool) -> None:
    """One that is at most a quarter of an hour late does not."""
    assert bool(due_together({"leads": 17 * HOUR}, None, OFFICE, now)) is is_posted
