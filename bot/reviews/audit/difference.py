"""How a value in the database is compared with the one on record."""

import json
from dataclasses import dataclass

from bot.reviews.ids import canonical_id

_FLAGS = frozenset({"unconfirmed", "recorded_afterwards"})
"""SQLite stores these as numbers."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a session whose value in the database is not the one on record."""

    session_id: str
    field: str
    recorded: object
    found: object

    def __str__(self) -> str:
        return f"session {self.session_id}: {self.field}: recorded {_shown(self.recorded)}, found {_shown(self.found)}"


def is_same(name: str, recorded: object, found: object) -> bool:
    """Whether a column's value in the database is the one on record."""
    if name in _FLAGS:
        return found in (0, 1) and bool(found) == recorded
    if name == "session_event_id" and isinstance(found, str):
        return bool(recorded == canonical_id(found))
    if name == "earlier_decision" and isinstance(found, str) and isinstance(recorded, dict):
        try:
            stored = json.loads(found)
        except (ValueError, RecursionError):
            return False
        # Older versions did not store whether two people had decided before.
        return isinstance(stored, dict) and {"was_confirmed": recorded["was_confirmed"]} | stored == recorded
    return type(recorded) is type(found) and recorded == found


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)
