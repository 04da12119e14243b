"""The seal of the entry before in the same session, for the entries of a page of the record.

Nearly always that entry was read a moment ago. This costs a third of looking each one up in the database.
"""

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

from bot.store.engine.transaction import Reading

REMEMBERED = 2_000

Ends: TypeAlias = dict[object, tuple[object, object]]
"""The sequence and the seal of the newest entry that was read, by the review's row id."""


async def add_previous(reading: Reading, page: Sequence[dict[str, Any]], ends: Ends) -> None:
    """Add `previous_of_session` to the entries; `ends` remembers what was read for the next page."""
    missing = []
    for row in page:
        review_id, sequence = row["review_id"], row["sequence"]
        row["previous_of_session"] = None
        if not isinstance(review_id, int):
            continue  # none, or someone changed it: the check of the entry says so
        before = sequence - 1 if isinstance(sequence, int) else None
        known = ends.get(review_id)
        if known is not None and known[0] == before:
            row["previous_of_session"] = known[1]
        elif before is not None and before > 0:
            missing.append(row)
        ends[review_id] = (sequence, row["seal"])
    if missing:
        await _look_up(reading, missing)
    if len(ends) > REMEMBERED:
        ends.clear()


async def _look_up(reading: Reading, rows: Sequence[dict[str, Any]]) -> None:
    places = json.dumps([(row["review_id"], row["sequence"] - 1) for row in rows])
    query = reading.sql.seals_of_places
    found = {
        (row["review_id"], row["sequence"]): row["seal"]
        async for row in query(reading.connection, places=places)
    }
    for row in rows:
        row["previous_of_session"] = found.get((row["review_id"], row["sequence"] - 1))
