"""What Ralio's events and its API have in common: ids and times, as tolerantly as is safe. `checks` has the checks."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.reviews.ids import canonical_id

MAX_WORD = 80

_LEAP_SECOND = re.compile(r"(?<=[T ][0-9]{2}:[0-9]{2}:)60(?![0-9])", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_YEAR_2000_MS = 946_684_800_000
_SECOND_MS = 1_000
_DAY_MS = 86_400_000


def milliseconds(moment: object) -> int:
    """ISO 8601, also with seven fractional digits and an offset; a time without an offset is taken as UTC.

    RFC 3339 allows lower-case letters and a leap second, which counts as the first second of the next day.
    """
    if not isinstance(moment, str):
        raise ValueError("must be an ISO 8601 text")  # noqa: TRY004 - pydantic wants a ValueError
    text = moment.strip().upper()
    text, leap_seconds = _LEAP_SECOND.subn("59", text, count=1)
    try:
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        at = (parsed - _EPOCH) // _MILLISECOND + leap_seconds * _SECOND_MS
    except (ValueError, OverflowError) as error:
        raise ValueError("must be an ISO 8601 time") from error
    if leap_seconds and at % _DAY_MS >= _SECOND_MS:
        raise ValueError("must be an ISO 8601 time")
    return at


def _event_time(moment: object) -> int:
    """A time before 2000 is a clock that was never set; it counts as missing."""
    at = milliseconds(moment)
    if at < _YEAR_2000_MS:
        raise ValueError("must be a time since the year 2000")
    return at


def present(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """Drop nulls and blanks, so `{"eventId": null, "id": "..."}` is read like the older envelope."""
    if isinstance(document, dict):
        return {
            key: value
            for key, value in document.items()
            if value is not None and not (isinstance(value, str) and not value.strip())
        }
    return document


def word(value: object) -> object:
    """A short machine-readable word; a number is its digits. Longer texts are cut, control characters dropped."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)[:MAX_WORD]
    if isinstance(value, str):
        return "".join(character for character in value[:1_000] if character.isprintable())[:MAX_WORD]
    return value


def canonical(value: object) -> object:
    """A text as `canonical_id` spells it; anything else as it is."""
    return canonical_id(value) if isinstance(value, str) else value


# Documented as UUIDs. Any opaque id is taken rather than lose a review, but nothing that could carry markup or a name.
Id = Annotated[
    str,
    Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$"),
    BeforeValidator(canonical),
]
Word = Annotated[str, BeforeValidator(word)]
Moment = Annotated[int, BeforeValidator(milliseconds)]
"""Milliseconds since 1970, UTC."""

EventTime = Annotated[int, BeforeValidator(_event_time)]
"""When an event happened, in milliseconds UTC; not before 2000."""


class Tolerant(BaseModel):
    """Reads what it knows and lets the rest pass; errors never repeat a value."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)
