"""A stored entry, and what its detail says as far as it is of a form that the bot writes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from bot.reviews.checks_text import checks_from_text
from bot.reviews.ids import canonical_id


class StoredEntry(NamedTuple):
    """What is stored of an entry and matters to its session; in a database that was changed, anything.

    `review_id` is the row id of its review.
    """

    review_id: Any
    at: Any
    actor: Any
    action: Any
    from_status: Any
    to_status: Any
    version: Any
    refused: Any
    detail: Any

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "StoredEntry":
        """The entry in a row of `audit`."""
        return cls(*[row[name] for name in cls._fields])


class ReceivedEvent(NamedTuple):
    """The event that caused an entry: its id in one spelling, and Ralio's time (milliseconds); None if unknown."""

    id: str | None
    occurred_at: int | None


def received_event(detail: Mapping[str, Any]) -> ReceivedEvent:
    """Read the event of an entry."""
    event_id = detail.get("event_id")
    known_id = canonical_id(event_id) if isinstance(event_id, str) else None
    return ReceivedEvent(known_id, _number(detail.get("occurred_at")))


def evidence_of(text: str) -> object:
    """What checks say whatever their order; a text that holds none is itself."""
    try:
        return checks_from_text(text).evidence
    except ValueError:
        return text


def milliseconds(text: object) -> int | None:
    """A time in ISO 8601; None for anything else."""
    try:
        return round(datetime.fromisoformat(str(text)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:  # noqa: PLR2004 - 64 bits
        return int(value)
    return None
