"""Why a purge does not remove a review: for its rehearsal."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.store.engine.transaction import Reading

PAGE = 500
IN_WORK, ON_HOLD, NEWER, PENDING = "in progress", "on hold", "worked on since", "still being sent to Slack"


@dataclass(frozen=True, slots=True)
class OldReview:
    """A review that was opened before the date of a purge; `reasons` are why it stays, none if it would go."""

    number: int
    session_id: str
    last_entry_at: int | None
    reasons: tuple[str, ...]


async def old_reviews(reading: Reading, before: int) -> AsyncIterator[OldReview]:
    """Every review from before a time (milliseconds), oldest first, read page by page."""
    after = 0
    query = reading.sql.old_reviews
    while rows := [row async for row in query(reading.connection, before=before, after=after, page=PAGE)]:
        for row in rows:
            last = row["last_entry_at"]
            found = {
                IN_WORK: row["status"] not in ("decided", "closed"),
                ON_HOLD: bool(row["is_held"]),
                NEWER: last is not None and last >= before,
                PENDING: bool(row["is_pending"]),
            }
            reasons = tuple(reason for reason, applies in found.items() if applies)
            yield OldReview(row["id"], row["session_id"], last, reasons)
        after = rows[-1]["id"]
