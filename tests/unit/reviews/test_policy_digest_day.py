"""Which day's digest has its time: by the queue's own clock and calendar."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.reviews.business_hours import BusinessHours
from bot.reviews.deadlines import Deadlines
from bot.reviews.policy import Policy

WEEKDAYS = frozenset(range(5))


def _rules(zone: str, at_min: int | None = 9 * 60) -> Policy:
    hours = BusinessHours(ZoneInfo(zone), WEEKDAYS, 9 * 60, 18 * 60, frozenset({date(2026, 4, 3)}))
    return Policy(deadlines=Deadlines(hours=hours), digest_at_min=at_min)


def _at(utc: str) -> int:
    return int(datetime.fromisoformat(f"{utc}Z").timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "utc", "day"),
    [
        # The Friday before summer time and the Monday after it: nine o'clock is another hour of UTC.
        ("Europe/Madrid", "2026-03-27T07:59", None),
        ("Europe/Madrid", "2026-03-27T08:00", date(2026, 3, 27)),
        ("Europe/Madrid", "2026-03-30T06:59", None),
        ("Europe/Madrid", "2026-03-30T07:00", date(2026, 3, 30)),
        # Already Monday in Auckland, still Friday in Honolulu.
        ("Pacific/Auckland", "2026-03-22T20:00", date(2026, 3, 23)),
        ("Pacific/Honolulu", "2026-03-28T05:00", date(2026, 3, 27)),
        # The day's last second there, and the first of a day whose digest has to wait for its morning.
        ("Europe/Madrid", "2026-03-26T22:59:59", date(2026, 3, 26)),
        ("Europe/Madrid", "2026-03-26T23:00", None),
        # Still Sunday in the one, already Saturday in the other.
        ("Pacific/Honolulu", "2026-03-30T05:00", None),
        ("Pacific/Auckland", "2026-03-27T20:00", None),
        # A quarter of an hour beside the hour.
        ("Asia/Kathmandu", "2026-03-27T03:14", None),
        ("Asia/Kathmandu", "2026-03-27T03:15", date(2026, 3, 27)),
        # Weekend, holiday.
        ("Europe/Madrid", "2026-03-28T12:00", None),
        ("Europe/Madrid", "2026-04-03T12:00", None),
    ],
)
def test_a_digest_has_its_local_time_on_business_days(zone: str, utc: str, day: date | None) -> None:
    """From then until midnight it may be posted, however late the bot comes back, and for an hour at least."""
    assert _rules(zone).digest_day(_at(utc)) == day


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2026-03-27T22:29:59", None),
        ("2026-03-27T22:30", date(2026, 3, 27)),
        ("2026-03-27T23:00", date(2026, 3, 27)),
        ("2026-03-27T23:29:59", date(2026, 3, 27)),
        ("2026-03-27T23:30", None),
        # A Sunday has no digest, so there is none to be late.
        ("2026-03-29T22:10", None),
    ],
)
def test_a_digest_shortly_before_midnight_is_due_for_an_hour(utc: str, day: date | None) -> None:
    """At half past eleven on a Friday: a bot that is back after midnight still posts it, on a day off, too."""
    assert _rules("Europe/Madrid", 23 * 60 + 30).digest_day(_at(utc)) == day


def test_a_time_that_the_clock_skips_comes_an_hour_later() -> None:
    """On the night of summer time there is no half past two, and its digest is not lost."""
    rules = Policy(deadlines=Deadlines(hours=BusinessHours(ZoneInfo("Europe/Madrid"))), digest_at_min=150)
    assert rules.digest_day(_at("2026-03-29T01:29:59")) is None
    assert rules.digest_day(_at("2026-03-29T01:30")) == date(2026, 3, 29)


def test_without_a_time_there_is_no_digest() -> None:
    """Nobody asked for one."""
    assert _rules("Europe/Madrid", None).digest_day(_at("2026-03-27T12:00")) is None


def test_without_business_hours_every_day_has_one() -> None:
    """Round the clock, in UTC."""
    assert Policy(digest_at_min=0).digest_day(_at("2026-03-28T00:00")) == date(2026, 3, 28)
