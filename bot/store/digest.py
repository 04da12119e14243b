"""What a queue's daily digest tells, read when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.reviews.review import Action
from bot.store import audit_trail, deliveries
from bot.store.transaction import Reading, Transaction
from bot.store.worklist import QueueCounts, queue_counts

DAY_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Wait:
    """A review that was opened at `opened_at` was claimed, or decided (`is_decision`), at `at` (milliseconds)."""

    is_decision: bool
    opened_at: int
    at: int


@dataclass(frozen=True, slots=True)
class Digest:
    """A queue as it stands: `people` are who has how many reviews, `disagreements` those of the last 24 hours.

    `waits` are the claims and decisions of the last week, `head` is the end of the audit.
    """

    counts: QueueCounts
    overdue: int
    people: Sequence[tuple[str, int]]
    disagreements: int
    held: int
    waits: Sequence[Wait]
    head: str


@dataclass(frozen=True, slots=True)
class Due:
    """A queue's digest of a day (ISO 8601) is due at `now` (milliseconds)."""

    queue: str
    day: str
    now: int


def post(transaction: Transaction, due: Sequence[Due]) -> Sequence[None]:
    """Post the digests that were not posted yet."""
    for each in due:
        deliveries.post_digest(transaction, each.queue, each.day, {"queue": each.queue}, each.now)
    return [None] * len(due)


async def of_queue(reading: Reading, queue: str, now: int) -> Digest:
    """What the digest tells now (milliseconds)."""
    sql, connection = reading.sql, reading.connection
    counts = (await queue_counts(reading)).get(queue, QueueCounts())
    people = [(row["person"], row["total"]) async for row in sql.digest_people(connection, queue=queue)]
    overdue = await sql.digest_overdue(connection, queue=queue, now=now)
    disagreements = await sql.digest_disagreements(connection, queue=queue, since=now - DAY_MS)
    backlog = await deliveries.backlog(reading)
    waits = [
        Wait(row["action"] != Action.CLAIM, row["opened_at"], row["at"])
        async for row in sql.waits_since(connection, queue=queue, since=now - 7 * DAY_MS)
    ]
    head = str(await audit_trail.head(reading))
    return Digest(counts, overdue["total"], people, disagreements["total"], backlog.held, waits, head)
