"""The seal of the entry before in the same session, for the entries of a page of the record.

Nearly always that entry was read a moment ago. This costs a third of looking each one up in the database.
"""

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

from bot.reviews.audit.entry import SealedEntry
from bot.store.engine.transaction import Reading

REMEMBERED = 2_000

Ends: TypeAlias = dict[object, tuple[object, object]]
"""The sequence and the seal of the newest entry that was read, by the review's row id."""


async def previous_seals(reading: Reading, page: Sequence[SealedEntry], ends: Ends) -> list[Any]:
    """The seal of the entry before in the same session, for each entry; None for the first one, or if it is missing.

    `ends` remembers what was read for the next page.
    """
    seals: list[Any] = []
    missing = []
    for entry in page:
        review_id, sequence, previous = entry.review_id, entry.sequence, None
        # One without a review, or whose review someone changed, is left to the check of the entry.
        if isinstance(review_id, int):
            before = sequence - 1 if isinstance(sequence, int) else None
            known = ends.get(review_id)
            if known is not None and known[0] == before:
                previous = known[1]
            elif before is not None and before > 0:
                missing.append(len(seals))
            ends[review_id] = (sequence, entry.seal)
        seals.append(previous)
    if missing:
        found = await _look_up(reading, [page[place] for place in missing])
        for place in missing:
            seals[place] = found.get((page[place].review_id, page[place].sequence - 1))
    if len(ends) > REMEMBERED:
        ends.clear()
    return seals


async def _look_up(reading: Reading, entries: Sequence[SealedEntry]) -> dict[tuple[object, object], object]:
    places = json.dumps([(entry.review_id, entry.sequence - 1) for entry in entries])
    query = reading.sql.seals_of_places
    return {
        (row["review_id"], row["sequence"]): row["seal"]
        async for row in query(reading.connection, places=places)
    }
