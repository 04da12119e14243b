"""The sections `[queues.*.hours]` and `[queues.*.deadlines]` of the configuration file."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.reviews.business_hours import DAY_MIN, BusinessHours
from bot.reviews.deadlines import Deadlines
from bot.settings.section import Section

MAX_DAYS = 366
"""The longest deadline, in days of the queue."""

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = get_args(Day)

_DURATION = re.compile(r"(?:(\d{1,4})d)?\s*(?:(\d{1,5})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,7})s)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class WrittenDuration:
    """A duration as the file has it; a day is a business day if the queue has business hours, otherwise 24 hours."""

    days: int
    seconds: int

    def milliseconds(self, hours: BusinessHours) -> int:
        """Return the duration in milliseconds of working time."""
        return self.days * hours.day_ms + self.seconds * 1000


def _duration(value: object) -> object:
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    written = WrittenDuration(days, hours * 3_600 + minutes * 60 + seconds)
    if written == WrittenDuration(0, 0):
        raise ValueError("must be a duration such as 30m, 4h, 2d or 1h30m")
    return written


def _zone(name: object) -> object:
    try:
        return ZoneInfo(name) if isinstance(name, str) else name
    except (
        KeyError,
        ValueError,
        OSError,
    ) as error:  # unknown, outside the time zone folder, or a folder itself
        raise ValueError("must be a time zone's name such as Europe/Madrid") from error


def _minute(value: object) -> object:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", value, re.ASCII) if isinstance(value, str) else None
    minute = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else -1  # noqa: PLR2004 - minutes
    if not 0 <= minute <= DAY_MIN:
        raise ValueError("must be a time of day such as 09:00, at most 24:00")
    return minute


def _time_of_day(value: object) -> object:
    minute = _minute(value)
    if minute == DAY_MIN:
        raise ValueError("must be a time of day such as 09:00, at most 23:59")
    return minute


Duration = Annotated[WrittenDuration | None, BeforeValidator(_duration)]
"""A duration such as `30m`, `4h`, `2d` or `1h30m`."""

Minute = Annotated[int, BeforeValidator(_minute)]
"""A time from `00:00` to `24:00`, in minutes after midnight."""

TimeOfDay = Annotated[int | None, BeforeValidator(_time_of_day)]
"""The same up to `23:59`: something due at 24:00 would find that the next day has begun, and never happen."""


def _require_day(days: tuple[Day, ...]) -> tuple[Day, ...]:
    if not days:
        raise ValueError("must name at least one day; without [hours], every hour counts")
    return days


class HoursSection(Section):
    """The queue's business hours, in the time zone of its people."""

    tz: Annotated[ZoneInfo, BeforeValidator(_zone)]
    """The time zone, by its IANA name."""

    days: Annotated[tuple[Day, ...], AfterValidator(_require_day)] = ("mon", "tue", "wed", "thu", "fri")
    """The days of the week that are worked."""

    from_: Minute = Field(alias="from")
    """When a day's work begins."""

    to: Minute
    """When it ends, on the same day."""

    holidays: tuple[date, ...] = ()
    """Dates that are not worked."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.from_ >= self.to:
            raise ValueError("to: must be later than from; hours can't run past midnight")
        return self

    def business_hours(self) -> BusinessHours:
        """Return the hours as the domain counts them."""
        return BusinessHours(
            zone=self.tz,
            days=frozenset(_DAYS.index(day) for day in self.days),
            opens_min=self.from_,
            closes_min=self.to,
            holidays=frozenset(self.holidays),
        )


class DeadlinesSection(Section):
    """How long each step can take, in the queue's business hours; a step that is left out has no deadline."""

    claim_within: Duration = None
    """From when a review became open to its claim."""

    decide_within: Duration = None
    """From when a review was opened to its decision; a late claim does not postpone it."""

    remind_every: Duration = None
    """Between reminders once a deadline was missed, or from the beginning if there is no deadline."""

    escalate_after: Duration = None
    """From a missed deadline, or the beginning without one, to the escalation to the leads."""

    release_after: Duration = None
    """From the last activity of the person who claimed a review to its release; they are asked first."""

    verdict_within: Duration = None
    """From a decision that expects a verdict of Ralio's to that verdict; the decider is notified, then the leads."""

    def within(self, hours: BusinessHours) -> Deadlines:
        """Return the deadlines as the domain counts them; raise ValueError if one is too long."""
        limits_ms: dict[str, int] = {}
        for name in DeadlinesSection.model_fields:
            written: WrittenDuration | None = getattr(self, name)
            if written is None:
                continue
            limits_ms[f"{name}_ms"] = written.milliseconds(hours)
            if limits_ms[f"{name}_ms"] > MAX_DAYS * hours.day_ms:
                raise ValueError(f"deadlines.{name}: must not be longer than {MAX_DAYS} of the queue's days")
        return Deadlines(**limits_ms, awaited=frozenset(), hours=hours)
