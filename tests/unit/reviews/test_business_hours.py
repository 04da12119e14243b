"""Time counted in a queue's business hours, whatever the clocks of its time zone do."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours

MADRID = ZoneInfo("Europe/Madrid")
WEEK = frozenset(range(5))
HOUR_MS = 3_600_000
OFFICE = BusinessHours(MADRID, WEEK, 9 * 60, 17 * 60, frozenset({date(2026, 4, 3), date(2026, 4, 6)}))


def at(text: str, zone: ZoneInfo = MADRID) -> int:
    """A local time as the wall clock in Madrid shows it."""
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-17T10:00", 4, "2026-03-17T14:00"),
        ("2026-03-17T15:00", 4, "2026-03-18T11:00"),
        ("2026-03-17T03:00", 1, "2026-03-17T10:00"),
        ("2026-03-17T09:00", 8, "2026-03-17T17:00"),
        ("2026-03-20T16:00", 2, "2026-03-23T10:00"),
        ("2026-03-21T12:00", 1, "2026-03-23T10:00"),
        ("2026-03-21T12:00", 0, "2026-03-23T09:00"),
        ("2026-03-27T16:00", 2, "2026-03-30T10:00"),  # the clock goes forward on the weekend between
        ("2026-10-23T16:00", 2, "2026-10-26T10:00"),  # and back
        ("2026-04-02T16:00", 2, "2026-04-07T10:00"),  # Good Friday and Easter Monday
        ("2026-03-16T09:00", 40, "2026-03-20T17:00"),
    ],
)
def test_working_time_passes_in_the_hours_only(start: str, hours: int, end: str) -> None:
    """Nights, weekends and holidays do not count, and the clock's changes do not show."""
    assert OFFICE.add(at(start), hours * HOUR_MS) == at(end)
    assert OFFICE.between(at(start), at(end)) == hours * HOUR_MS


def test_a_shift_through_the_change_of_the_clock_is_as_long_as_it_is() -> None:
    """From midnight to six are five hours in March and seven in October."""
    nights = BusinessHours(MADRID, frozenset({6}), 0, 6 * 60)
    assert nights.between(at("2026-03-29T00:00"), at("2026-03-30T00:00")) == 5 * HOUR_MS
    assert nights.between(at("2026-10-25T00:00"), at("2026-10-26T00:00")) == 7 * HOUR_MS


def test_hours_within_the_time_that_the_clock_skips_do_not_run_backwards() -> None:
    """From 2:15 to 3:00 there is nothing on that night; the next one is as usual."""
    early = BusinessHours(MADRID, frozenset(range(7)), 2 * 60 + 15, 3 * 60)
    assert early.next_opening(at("2026-03-29T00:00")) == at("2026-03-30T02:15")


def test_a_day_that_a_time_zone_left_out_counts_once() -> None:
    """Samoa went from the 29th to the 31st of December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    hours = BusinessHours(apia, frozenset(range(7)), 9 * 60, 17 * 60)
    assert hours.between(at("2011-12-29T00:00", apia), at("2012-01-01T00:00", apia)) == 2 * 8 * HOUR_MS


def test_a_day_to_its_end_and_the_next_from_its_begin_are_one() -> None:
    """24:00 is a time of day."""
    always = BusinessHours(ZoneInfo("Africa/Cairo"), frozenset(range(7)))
    assert always.between(at("2026-04-01T00:00"), at("2026-05-01T00:00")) == 30 * 24 * HOUR_MS
    assert always.day_ms == 24 * HOUR_MS


def test_the_next_opening() -> None:
    """Now, while it is open; the moment of closing is no longer open."""
    assert OFFICE.next_opening(at("2026-03-17T12:00")) == at("2026-03-17T12:00")
    assert OFFICE.next_opening(at("2026-03-17T08:59")) == at("2026-03-17T09:00")
    assert OFFICE.next_opening(at("2026-03-20T17:00")) == at("2026-03-23T09:00")
    assert OFFICE.day_ms == 8 * HOUR_MS


def test_moments_are_whole_milliseconds() -> None:
    """They are stored and compared as such."""
    assert isinstance(OFFICE.next_opening(at("2026-03-17T08:59")), int)


@pytest.mark.parametrize(("opens", "closes"), [(17 * 60, 9 * 60), (540, 540), (-1, 540), (540, 1441)])
def test_hours_over_midnight_are_refused(opens: int, closes: int) -> None:
    """As are those that do not lie within a day."""
    with pytest.raises(ValueError, match=r"^business hours must begin before they end, within one day$"):
        BusinessHours(MADRID, WEEK, opens, closes)


def test_days_that_no_week_has_are_refused() -> None:
    """There are seven."""
    with pytest.raises(ValueError, match=r"^the days of the week are 0 \(Monday\) to 6 \(Sunday\)$"):
        BusinessHours(MADRID, frozenset({7}))


_MOMENTS = st.integers(
    round(datetime(2005, 1, 1, tzinfo=UTC).timestamp() * 1000),
    round(datetime(2035, 1, 1, tzinfo=UTC).timestamp() * 1000),
)
_DURATIONS = st.integers(1, 40 * 24 * HOUR_MS)
_ZONES = st.sampled_from(
    [
        *(
            "UTC",
            "Europe/Madrid",
            "America/Santiago",
            "Africa/Cairo",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
        ),
        *("Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Beirut", "Atlantic/Azores"),
    ]
)


@st.composite
def _hours(draw: st.DrawFn) -> BusinessHours:
    opens, closes = sorted(draw(st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True)))
    days = draw(st.frozensets(st.integers(0, 6)))
    holidays = draw(st.frozensets(st.dates(date(2005, 1, 1), date(2034, 12, 31)), max_size=5))
    return BusinessHours(ZoneInfo(draw(_ZONES)), days, opens, closes, holidays)


@given(_hours(), _MOMENTS, _DURATIONS)
def test_what_is_added_is_what_is_measured(hours: BusinessHours, start: int, duration: int) -> None:
    """In every time zone, in every year."""
    duration = min(duration, 60 * hours.day_ms)
    assert hours.between(start, hours.add(start, duration)) == duration


@given(_hours(), _MOMENTS, st.tuples(_DURATIONS, _DURATIONS).map(sorted), st.integers(0, 10 * 24 * HOUR_MS))
def test_later_and_longer_never_end_earlier(
    hours: BusinessHours, start: int, durations: list[int], later: int
) -> None:
    """Neither a later begin nor a longer time can make the end come sooner."""
    shorter, longer = (min(duration, 30 * hours.day_ms) for duration in durations)
    assert hours.add(start, shorter) <= hours.add(start, longer)
    assert hours.add(start, shorter) <= hours.add(start + later, shorter)
    assert hours.add(start, shorter) >= start + shorter


@given(_hours(), _MOMENTS, st.integers(1, 10 * 24 * HOUR_MS))
def test_parts_make_the_whole(hours: BusinessHours, start: int, span: int) -> None:
    """Wherever a time is cut in two, nothing is lost and nothing is counted twice."""
    middle, end = start + span // 3, start + span
    assert hours.between(start, end) == hours.between(start, middle) + hours.between(middle, end)
    assert hours.between(end, start) == 0


def test_without_days_neither_hours_nor_holidays_close() -> None:
    """A queue without business days is open at night and at Christmas."""
    always = BusinessHours(MADRID, frozenset(), 9 * 60, 17 * 60, frozenset({date(2026, 12, 25)}))
    night, christmas = at("2026-12-24T23:00"), at("2026-12-25T12:00")
    assert (always.next_opening(night), always.next_opening(christmas)) == (night, christmas)
    assert always.add(night, 13 * HOUR_MS) == christmas
    assert always.between(night, christmas) == 13 * HOUR_MS
    assert always.between(night, night) == always.between(christmas, night) == 0
    assert always.day_ms == 24 * HOUR_MS


@given(_MOMENTS, _DURATIONS)
def test_without_days_it_is_always_open(start: int, duration: int) -> None:
    """Working time is time."""
    assert ROUND_THE_CLOCK.add(start, duration) == start + duration
    assert ROUND_THE_CLOCK.between(start, start + duration) == duration
    assert ROUND_THE_CLOCK.next_opening(start) == start
    assert ROUND_THE_CLOCK.day_ms == 24 * HOUR_MS
