"""What `stats` counts, read page by page beside a running server."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.review import Status
from bot.reviews.waiting_times import Round, Span, follow
from bot.store.engine.transaction import Reading

PAGE = 2_000


@dataclass(frozen=True, slots=True)
class ReviewCount:
    """How many reviews of a queue are in this state; `person` decided or holds them, None where nobody does."""

    queue: str
    status: Status
    person: str | None
    total: int


async def review_counts(reading: Reading) -> list[ReviewCount]:
    """The reviews by queue, state and person."""
    query = reading.sql.count_reviews
    return [
        ReviewCount(row["queue"], Status(row["status"]), row["person"], row["total"])
        async for row in query(reading.connection)
    ]


async def oldest_unclaimed(reading: Reading) -> dict[str, int]:
    """Since when the oldest open review of each queue waits (milliseconds); queues without one are left out."""
    query = reading.sql.oldest_unclaimed
    return {row["queue"]: row["opened_at"] async for row in query(reading.connection)}


async def spans(reading: Reading, progress: Callable[[int], None]) -> AsyncIterator[tuple[str, Span]]:
    """Every wait that ended in a claim or a decision, with its queue; `progress` is told how many entries were read.

    A page of entries is in the memory at once.
    """
    query = reading.sql.changes_of_all
    review_id, sequence, read = 0, 0, 0
    current: Round | None = None
    while True:
        rows = [
            row
            async for row in query(
                reading.connection, after_review=review_id, after_sequence=sequence, page=PAGE
            )
        ]
        for row in rows:
            if row["review_id"] != review_id:
                current = None
            review_id, sequence = row["review_id"], row["sequence"]
            entry = AuditEntry(
                at=row["at"],
                actor=row["actor"],
                action=row["action"],
                from_status=Status(row["from_status"]) if row["from_status"] else None,
                to_status=Status(row["to_status"]) if row["to_status"] else None,
                version=row["version"],
            )
            current, span = follow(current, entry)
            if span is not None:
                yield row["queue"], span
            read += 1
            progress(read)
        if len(rows) < PAGE:
            return
