"""One session's case: its review, where its card stands, and every entry of the record about it with its proof."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.reviews.audit.entry import Keys, canonical, read_detail
from bot.reviews.review import Review
from bot.store.engine.transaction import Reading
from bot.store.tables.reviews import review_of
from bot.store.tables.subjects import SubjectReviews, earlier_reviews


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """An entry as it is stored, with the seals before it; `sound` tells whether its own seal fits all of that."""

    row: Mapping[str, Any]
    sound: bool


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of a session; `shown_version` is the review's version that the card in Slack shows.

    `earlier` are the reviews of the same subject that were opened before.
    """

    review: Review
    channel: str | None
    message_ts: str | None
    shown_version: int
    entries: tuple[CaseEntry, ...]
    earlier: SubjectReviews

    @property
    def unbroken(self) -> bool:
        """Whether every entry is sound and none of the session's own is missing between them."""
        own = [entry.row["sequence"] for entry in self.entries if entry.row["session_id"] is not None]
        return own == list(range(1, len(own) + 1)) and all(entry.sound for entry in self.entries)


async def case(reading: Reading, keys: Keys, session_id: str) -> Case | None:
    """The case of a session; None when there is no review of it."""
    row = await reading.sql.review_of_session(reading.connection, session_id=session_id)
    if row is None:
        return None
    spellings = (session_id, row["sealed_as"] or session_id)
    mention, older_mention = (f'%"session_id": {json.dumps(id_, ensure_ascii=False)}%' for id_ in spellings)
    found = reading.sql.case_entries(
        reading.connection, review_id=row["id"], mention=mention, older_mention=older_mention
    )
    entries = [dict(entry) async for entry in found]
    review = review_of(row)
    return Case(
        review,
        row["channel"],
        row["message_ts"],
        row["shown_version"] or 0,
        tuple(CaseEntry(entry, _sound(keys, entry)) for entry in entries if _is_about(entry, spellings)),
        await earlier_reviews(reading, review),
    )


def _is_about(row: Mapping[str, Any], spellings: Collection[str]) -> bool:
    """LIKE takes `_` and `%` for any characters: the text itself decides."""
    if row["session_id"] is not None:
        return row["session_id"] in spellings
    return read_detail(row["detail"]).get("session_id") in spellings


def _sound(keys: Keys, row: Mapping[str, Any]) -> bool:
    try:
        content = canonical(row, row["previous"], row["previous_of_session"] or "")
    except TypeError:
        return False
    return keys.fits(content, row["seal"])
