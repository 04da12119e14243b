"""The section `[retention]` of the configuration file."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator

from bot.settings.section import Section

_PERIOD = re.compile(r"(?:([0-9]{1,3})y)?\s*(?:([0-9]{1,5})d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar years and days, written `5y`, `90d` or `1y 30d`."""

    years: int
    days: int

    def __str__(self) -> str:
        parts = [f"{self.years}y"] if self.years else []
        return " ".join([*parts, f"{self.days}d"] if self.days or not parts else parts)

    def before(self, now: int) -> int:
        """The moment that lies this long before another one (both milliseconds)."""
        moment = datetime.fromtimestamp(now / 1000, UTC)
        try:
            earlier = moment.replace(year=moment.year - self.years)
        except ValueError:  # 29 February
            earlier = moment.replace(year=moment.year - self.years, day=28)
        return round((earlier - timedelta(days=self.days)).timestamp() * 1000)


def _period(value: object) -> object:
    match = _PERIOD.fullmatch(value.strip()) if isinstance(value, str) and value.strip() else None
    if match is None:
        raise ValueError("must be a duration such as 5y, 90d or 1y 30d; 0d keeps nothing")
    return Period(int(match[1] or 0), int(match[2] or 0))


class Retention(Section):
    """`[retention]`: what no purge removes."""

    keep_at_least: Annotated[Period, BeforeValidator(_period)] = Period(5, 0)
    """How long everything is kept after it was last worked on."""
