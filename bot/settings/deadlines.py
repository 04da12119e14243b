"""A queue's time in the file that BOT_CONFIG names: `[queues.*.hours]` and `[queues.*.deadlines]`."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.reviews.business_hours import DAY_MIN, BusinessHours
from bot.reviews.deadlines import Deadlines

LONGEST_DAYS = 366

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = get_args(Day)

_DURATION = re.compile(r"(?:(\d{1,4})d)?\s*(?:(\d{1,5})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,7})s)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class WrittenDuration:
    """A duration as it is written: a day is a business day where the queue has business hours, else 24 hours."""

    days: int
    seconds: int

    def milliseconds(self, hours: BusinessHours) -> int:
        """How much working time that is."""
        return self.days * hours.day_ms + self.seconds * 1000


def _duration(value: object) -> object:
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    written = WrittenDuration(days, hours * 3_600 + minutes * 60 + seconds)
    if written == WrittenDuration(0, 0):
        raise ValueError("must be a time such as 30m, 4h, 2d or 1h30m")
    return written


def _zone(name: object) -> object:
    try:
        return ZoneInfo(name) if isinstance(name, str) else name
    except (
        KeyError,
        ValueError,
        OSError,
    ) as error:  # an unknown name, one that leads out of the folder, a folder
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
Minute = Annotated[int, BeforeValidator(_minute)]
TimeOfDay = Annotated[int | None, BeforeValidator(_time_of_day)]
"""Within the day: what comes on a day at 24:00 would find that it is the next day already, and never come."""


def _some(days: tuple[Day, ...]) -> tuple[Day, ...]:
    if not days:
        raise ValueError("must name a day; without [hours] every hour counts")
    return days


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )


class HoursSection(_Section):
    """When the queue's people work, on their own clock."""

    tz: Annotated[ZoneInfo, BeforeValidator(_zone)]
    days: Annotated[tuple[Day, ...], AfterValidator(_some)] = ("mon", "tue", "wed", "thu", "fri")
    from_: Minute = Field(alias="from")
    to: Minute
    holidays: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.from_ >= self.to:
            raise ValueError("to: must be later than from; hours over midnight are not possible")
        return self

    def business_hours(self) -> BusinessHours:
        """The hours as the domain counts them."""
        return BusinessHours(
            zone=self.tz,
            days=frozenset(_DAYS.index(day) for day in self.days),
            opens_min=self.from_,
            closes_min=self.to,
            holidays=frozenset(self.holidays),
        )


class DeadlinesSection(_Section):
    """How long things may take, in the queue's business hours; what is left out has no deadline."""

    claim_within: Duration = None
    decide_within: Duration = None
    remind_every: Duration = None
    escalate_after: Duration = None
    release_after: Duration = None

    def within(self, hours: BusinessHours) -> Deadlines:
        """The deadlines as the domain counts them; ValueError for one that lies too far away."""
        limits_ms: dict[str, int] = {}
        for name in DeadlinesSection.model_fields:
            written: WrittenDuration | None = getattr(self, name)
            if written is None:
                continue
            limits_ms[f"{name}_ms"] = written.milliseconds(hours)
            if limits_ms[f"{name}_ms"] > LONGEST_DAYS * hours.day_ms:
                raise ValueError(
                    f"deadlines.{name}: must not be longer than {LONGEST_DAYS} of the queue's days"
                )
        return Deadlines(**limits_ms, hours=hours)
