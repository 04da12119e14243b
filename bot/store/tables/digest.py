"""What a queue's daily digest tells, read when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.reviews.notifications import DailyDigest
from bot.reviews.review import Action
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables import audit_trail, deliveries
from bot.store.tables.worklist import QueueCounts, queue_counts

DAY_MS = 24 * 3_600_000
WEEK_MS = 7 * DAY_MS


class StepKind(StrEnum):
    """What the digest counts."""

    OPENED = "opened"
    CLAIMED = "claimed"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Step:
    """What happened at `at` (milliseconds) to a review that was opened at `opened_at`."""

    kind: StepKind
    opened_at: int
    at: int


_KINDS = {Action.CLAIM: StepKind.CLAIMED, Action.RESOLVE: StepKind.DECIDED, Action.CONFIRM: StepKind.DECIDED}


@dataclass(frozen=True, slots=True)
class Digest:
    """A queue as it stands: `people` are who has how many reviews, `disagreements` those of the last 24 hours.

    `verdicts_missing` counts decisions that Ralio should have confirmed with a verdict by now.

    `steps` are those of the last week, `head` is the end of the audit.
    """

    counts: QueueCounts
    overdue: int
    people: Sequence[tuple[str, int]]
    disagreements: int
    held: int
    steps: Sequence[Step]
    head: str
    verdicts_missing: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A queue's digest of a day (ISO 8601) is due at `now` (milliseconds)."""

    queue: str
    day: str
    now: int


def post(transaction: Transaction, due: Due) -> None:
    """Post the digest unless it was posted already."""
    deliveries.enqueue_digest(transaction, DailyDigest(due.queue), due.day, due.now)


async def of_queue(reading: Reading, queue: str, now: int) -> Digest:
    """What the digest tells now (milliseconds)."""
    sql, connection = reading.sql, reading.connection
    counts = (await queue_counts(reading)).get(queue, QueueCounts())
    people = [(row["person"], row["total"]) async for row in sql.digest_people(connection, queue=queue)]
    overdue = await sql.digest_overdue(connection, queue=queue, now=now)
    disagreements = await sql.digest_disagreements(connection, queue=queue, since=now - DAY_MS)
    missing = await sql.digest_verdicts_missing(connection, queue=queue, now=now)
    backlog = await deliveries.backlog(reading)
    steps = [
        Step(_KINDS.get(row["action"], StepKind.OPENED), row["opened_at"], row["at"])
        async for row in sql.steps_since(connection, queue=queue, since=now - WEEK_MS)
    ]
    head = str(await audit_trail.head(reading))
    return Digest(
        counts,
        overdue["total"],
        people,
        disagreements["total"],
        backlog.held,
        steps,
        head,
        missing["total"],
    )
