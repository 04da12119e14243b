"""A record as the bot seals it, row by row, for tests that check its chain."""

import json
from collections.abc import Sequence
from typing import Any

from bot.reviews.audit.chain import ChainCheck, Finding, Head
from bot.reviews.audit.entry import Keys, SealedEntry, canonical

Row = dict[str, Any]


def sealed_rows(keys: Keys, *actions: str, after: Head | None = None) -> list[Row]:
    """Entries of one session as the bot writes them, one per action, behind the entry `after`."""
    previous, of_session = after or Head(0, ""), None
    rows: list[Row] = []
    for action in actions:
        row: Row = {
            "id": previous.id + 1,
            "review_id": None,
            "session_id": "s1",
            "sequence": len(rows) + 1,
            "at": 1_000,
            "actor": "UANA",
            "action": action,
            "from_status": None,
            "to_status": "open",
            "version": 1,
            "refused": None,
            "detail": json.dumps({"older_entries": "1", "key": keys.maker}),
            "previous_of_session": of_session,
        }
        row["seal"] = keys.seal(canonical(row, previous.seal, of_session or ""))
        previous, of_session = Head(row["id"], row["seal"]), row["seal"]
        rows.append(row)
    return rows


def resealed(row: Row, keys: Keys, previous: str, **changes: object) -> Row:
    """The row with these changes, sealed as if it had been written so behind the seal `previous`."""
    row = row | changes
    return row | {"seal": keys.seal(canonical(row, previous, row["previous_of_session"] or ""))}


def head_of(rows: Sequence[Row]) -> Head:
    """The head of a record that ends with these rows."""
    return Head(rows[-1]["id"], rows[-1]["seal"])


def check_row(check: ChainCheck, row: Row) -> Finding | None:
    """What is found in the row, as the next one."""
    return check.entry(sealed_entry(row), row["previous_of_session"])


def sealed_entry(row: Row) -> SealedEntry:
    """The row as the check takes it."""
    return SealedEntry(*[row[name] for name in SealedEntry._fields])


def first_finding(check: ChainCheck, rows: Sequence[Row]) -> Finding | None:
    """What is found first, if anything."""
    return next((finding for row in rows if (finding := check_row(check, row))), None)
