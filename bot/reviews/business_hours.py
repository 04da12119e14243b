"""When people work: a queue's business hours, and time counted in them.

Moments are milliseconds since 1970, UTC; durations are milliseconds of *working* time. Hours are those of a wall clock
in a time zone, so that a day on which the clock changes has its usual hours. A time of day that the clock skips counts
as that much later, one that it shows twice as the first of the two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY_MIN = 24 * 60

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """On which days of the week (0 is Monday) from which to which minute of the local day; without days: always.

    `closes_min` is at most 1440, the end of the day. Raises ValueError for hours that are empty or cross midnight.
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
        """How long a business day is; 24 hours where it is always open."""
        return (self.closes_min - self.opens_min if self.days else DAY_MIN) * 60_000

    def next_opening(self, at: int) -> int:
        """The moment itself when it is open then, else when it opens next."""
        return next(self._open_periods(at))[0] if self.days else at

    def add(self, at: int, duration_ms: int) -> int:
        """When so much working time has passed since `at`; at the end of a day rather than at the next one's begin."""
        if not self.days:
            return at + duration_ms
        left_ms, periods = duration_ms, self._open_periods(at)
        opens, closes = next(periods)
        while left_ms > closes - opens:
            left_ms -= closes - opens
            opens, closes = next(periods)
        return opens + left_ms

    def between(self, start: int, end: int) -> int:
        """How much working time lies between two moments; 0 when the second is not later."""
        if not self.days:
            return max(0, end - start)
        total_ms = 0
        for opens, closes in self._open_periods(start):
            if opens >= end:
                break
            total_ms += min(closes, end) - opens
        return total_ms

    def is_business_day(self, day: date) -> bool:
        """Whether people work on that day; every day is one where it is always open."""
        return (not self.days or day.weekday() in self.days) and day not in self.holidays

    def local_day(self, at: int) -> date:
        """Which day it is for the people who work there."""
        return (_EPOCH + at * _MS).astimezone(self.zone).date()

    def _open_periods(self, at: int) -> Iterator[tuple[int, int]]:
        """From when to when it is open, from `at` on; without end, for holidays are listed one by one."""
        # Where a change of the clock makes days overlap, or skips one, no time is counted twice.
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
        """When it is so many minutes after midnight there; 1440 is the end of the day."""
        days, minute = divmod(minute, DAY_MIN)
        local = datetime.combine(
            day + timedelta(days=days), time(minute // 60, minute % 60), tzinfo=self.zone
        )
        return (local - _EPOCH) // _MS


ROUND_THE_CLOCK = BusinessHours()
"""Every hour is a working hour."""
