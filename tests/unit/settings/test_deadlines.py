"""The business hours, deadlines and digest of a queue in the configuration file."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.reviews.business_hours import BusinessHours
from bot.reviews.deadlines import Deadlines
from bot.settings.environment import read_file_settings, read_settings
from bot.settings.problems import SettingsProblem
from tests.support.settings import settings_problems

ROOT = Path(__file__).parents[3]
HOUR_MS = 3_600_000

SetUp = Callable[..., None]
Write = Callable[[str], Path]

TIMES = """
[queues.user.hours]
tz = "Europe/Madrid"
days = ["mon", "wed"]
from = "09:30"
to = "17:30"
holidays = [2026-12-25, "2027-01-01"]

[queues.user.deadlines]
claim_within = "4h"
decide_within = "2d"
remind_every = "1h30m"
escalate_after = "1d 2h"

[queues.related-party.deadlines]
release_after = "2d"
"""


def test_deadlines_count_in_business_hours(set_needed: SetUp, write: Write) -> None:
    """A day is a business day if the queue has business hours, otherwise 24 hours."""
    write(TIMES)
    set_needed()
    hours = BusinessHours(
        zone=ZoneInfo("Europe/Madrid"),
        days=frozenset({0, 2}),
        opens_min=9 * 60 + 30,
        closes_min=17 * 60 + 30,
        holidays=frozenset({date(2026, 12, 25), date(2027, 1, 1)}),
    )
    assert read_settings().file.deadlines() == {
        "user": Deadlines(
            claim_within_ms=4 * HOUR_MS,
            decide_within_ms=16 * HOUR_MS,
            remind_every_ms=HOUR_MS * 3 // 2,
            escalate_after_ms=10 * HOUR_MS,
            hours=hours,
        ),
        "related-party": Deadlines(release_after_ms=48 * HOUR_MS),
    }
    assert read_file_settings().deadlines() == read_settings().file.deadlines()


def test_the_examples_of_the_shipped_file_are_valid(set_needed: SetUp, write: Write) -> None:
    """Removing the comment signs gives a queue deadlines."""
    shipped = (ROOT / "config" / "bot.toml").read_text(encoding="utf-8")
    examples = re.sub(r"^# (?=\[|\w+ = )", "", shipped, flags=re.MULTILINE)
    write(examples)
    set_needed()
    deadlines = read_settings().file.deadlines()["user"]
    assert None not in (deadlines.claim_within_ms, deadlines.release_after_ms)
    assert deadlines.hours.day_ms == 17 * HOUR_MS // 2


HOURS = "[queues.user.hours]\ntz = 'Europe/Madrid'\nfrom = '09:00'\nto = '17:00'\n"
LONG = "[queues.user.deadlines]\nclaim_within = '9999h'"
NO_DURATION = "must be a duration such as 30m, 4h, 2d or 1h30m"
NO_TIME = "must be a time of day such as 09:00, at most 24:00"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[queues.user.deadlines]\nclaim_within = 4", f"deadlines.claim_within: {NO_DURATION}"),
        ("[queues.user.deadlines]\nclaim_within = '4'", f"deadlines.claim_within: {NO_DURATION}"),
        ("[queues.user.deadlines]\nclaim_within = '0h'", f"deadlines.claim_within: {NO_DURATION}"),
        ("[queues.user.deadlines]\nclaim_within = '-4h'", f"deadlines.claim_within: {NO_DURATION}"),
        ("[queues.user.deadlines]\nclaim_within = '4 weeks'", f"deadlines.claim_within: {NO_DURATION}"),
        (
            "[queues.user.deadlines]\nremind_every = '367d'",
            " deadlines.remind_every: must not be longer than",
        ),
        (HOURS + "deadlines.claim_within = '9999h'", "hours.deadlines: unknown setting"),
        (HOURS + LONG, " deadlines.claim_within: must not be longer than"),
        ("[queues.user.deadlines]\nclaim_in = '4h'", "deadlines.claim_in: unknown setting"),
        (HOURS.replace("Europe/Madrid", "Europe/Springfield"), "hours.tz: must be a time zone's name"),
        (HOURS.replace("Europe/Madrid", "Europe"), "hours.tz: must be a time zone's name"),
        (HOURS.replace("Europe/Madrid", "../Madrid"), "hours.tz: must be a time zone's name"),
        (HOURS.replace("09:00", "9"), f"hours.from: {NO_TIME}"),
        (HOURS.replace("17:00", "24:01"), f"hours.to: {NO_TIME}"),
        (HOURS.replace("17:00", "16:60"), f"hours.to: {NO_TIME}"),
        (HOURS.replace("17:00", "09:00"), "hours: to: must be later than from"),
        (HOURS + "days = ['monday']", "hours.days.0: bad value: should be 'mon'"),
        (HOURS + "days = []", "hours.days: must name at least one day"),
        (HOURS + "holidays = ['Christmas']", "hours.holidays.0: bad value"),
        ("[queues.user.hours]\ntz = 'UTC'\nfrom = '09:00'", "hours.to: missing"),
    ],
)
def test_a_problem_with_deadlines_or_hours_is_reported(
    set_needed: SetUp, write: Write, content: str, line: str
) -> None:
    """With its place and an example of what would be valid."""
    path = write(content)
    set_needed()
    (problem,) = settings_problems()
    assert problem.startswith(f"{path}: queues.user{':' if line[0] == ' ' else '.'}{line}")
    with pytest.raises(SettingsProblem, match="queues"):
        read_file_settings()


@pytest.mark.parametrize(
    ("written", "minutes"), [("00:00", 0), ("08:45", 525), ("23:59", 1_439), (None, None)]
)
def test_the_digest_has_a_time_of_day(write: Write, written: str | None, minutes: int | None) -> None:
    """In minutes after midnight; without one there is no digest."""
    line = f'digest_at = "{written}"' if written else ""
    write(f"[queues.user]\n{line}\n")
    assert read_file_settings().rules()["user"].digest_at_min == minutes


@pytest.mark.parametrize("written", ['"24:00"', '"25:00"', '"9 o\'clock"', "9", '""'])
def test_a_digest_at_an_impossible_time_is_reported(set_needed: SetUp, write: Write, written: str) -> None:
    """With its place in the file."""
    set_needed()
    write(f"[queues.user]\ndigest_at = {written}\n")
    (problem,) = settings_problems()
    assert "queues.user.digest_at" in problem
