"""When people work: a queue's business hours, and time counted in them.

Times are milliseconds since 1970, UTC; durations are milliseconds of *working* time. Hours are wall-clock hours in a
time zone, so a day on which the clock changes has its usual hours. A time of day that the clock skips counts as that
much later; one that it shows twice counts as the first of the two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY_MIN = 24 * 60

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Opening and closing minute of the local day, and the days of the week (0 is Monday); without days: always open.

    `closes_min` is at most 1440, the end of the day. ValueError: the hours are empty or cross midnight.
    """

    zone: tzinfo = UTC
    days: frozenset[int] = frozenset()
    opens_min: int = 0
    closes_min: int = DAY_MIN
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.opens_min < self.closes_min <= DAY_MIN:
            raise ValueError("business hours must begin before they end, within one day")
        if not self.days <= frozenset(range(7)):
            raise ValueError("the days of the week are 0 (Monday) to 6 (Sunday)")

    @property
    def day_ms(self) -> int:
        """The length of a business day (milliseconds); 24 hours if always open."""
        return (self.closes_min - self.opens_min if self.days else DAY_MIN) * 60_000

    def next_opening(self, at: int) -> int:
        """Return `at` if that is a working time, otherwise the next opening."""
        return next(self._open_periods(at))[0] if self.days else at

    def add(self, at: int, duration_ms: int) -> int:
        """Return when this much working time has passed since `at`: the end of a day, not the start of the next one."""
        if not self.days:
            return at + duration_ms
        left_ms, periods = duration_ms, self._open_periods(at)
        opens, closes = next(periods)
        while left_ms > closes - opens:
            left_ms -= closes - opens
            opens, closes = next(periods)
        return opens + left_ms

    def between(self, start: int, end: int) -> int:
        """Return the working time between two times (milliseconds); 0 if the second is not later."""
        if not self.days:
            return max(0, end - start)
        total_ms = 0
        for opens, closes in self._open_periods(start):
            if opens >= end:
                break
            total_ms += min(closes, end) - opens
        return total_ms

    def is_business_day(self, day: date) -> bool:
        """Whether people work on that day; every day counts if always open."""
        return (not self.days or day.weekday() in self.days) and day not in self.holidays

    def local_day(self, at: int) -> date:
        """Return the local date at this time."""
        return (_EPOCH + at * _MS).astimezone(self.zone).date()

    def _open_periods(self, at: int) -> Iterator[tuple[int, int]]:
        """Yield the periods of working time from `at` on, endlessly, because holidays are listed one by one."""
        # A clock change can make days overlap or skip one: count no time twice.
        counted_until = at
        day = self.local_day(at) - timedelta(days=1)
        while True:
            if self.is_business_day(day):
                opens, closes = self.moment(day, self.opens_min), self.moment(day, self.closes_min)
                if closes > max(opens, counted_until):
                    yield max(opens, counted_until), closes
                    counted_until = closes
            day += timedelta(days=1)

    def moment(self, day: date, minute: int) -> int:
        """Return the time (milliseconds) at this minute of the local day; 1440 is the end of the day."""
        days, minute = divmod(minute, DAY_MIN)
        local = datetime.combine(
            day + timedelta(days=days), time(minute // 60, minute % 60), tzinfo=self.zone
        )
        return (local - _EPOCH) // _MS


ROUND_THE_CLOCK = BusinessHours()
"""Every hour is a working hour."""
