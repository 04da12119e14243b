"""What is to be done and by whom: the reviews in work, as a person's home tab and the `/reviews` command list them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.reviews.review import Status
from bot.store.engine.transaction import Reading
from bot.store.tables.reviews import ListedReview, listed

PAGE = 10
"""Reviews of a list at most; the counts tell of the others."""

FEW = 5


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many reviews of a queue are in each state; since when its oldest open one waits (milliseconds)."""

    by_status: Mapping[Status, int] = field(default_factory=dict)
    oldest_open_at: int | None = None

    def of(self, status: Status) -> int:
        """How many are in this state."""
        return self.by_status.get(status, 0)


@dataclass(frozen=True, slots=True)
class Worklist:
    """What one person has to see; each list holds at most PAGE reviews, the most urgent first.

    `verdicts_missing` are decisions that Ralio should have confirmed with a verdict by now, at most FEW.
    """

    counts: Mapping[str, QueueCounts]
    overdue: Sequence[ListedReview] = ()
    unclaimed: Sequence[ListedReview] = ()
    mine: Sequence[ListedReview] = ()
    to_confirm: Sequence[ListedReview] = ()
    verdicts_missing: Sequence[ListedReview] = ()


async def worklist(reading: Reading, person: str, queues: Sequence[str], now: int) -> Worklist:
    """What the person has, and what the queues that they may work on hold for them."""
    sql, connection = reading.sql, reading.connection
    overdue: list[ListedReview] = []
    unclaimed: list[ListedReview] = []
    to_confirm: list[ListedReview] = []
    missing: list[ListedReview] = []
    for queue in queues:
        page = {"queue": queue, "page": PAGE}
        overdue += [listed(row) async for row in sql.overdue_in_queue(connection, now=now, **page)]
        unclaimed += [listed(row) async for row in sql.waiting_in_queue(connection, **page)]
        query = sql.verdicts_missing_in_queue(connection, queue=queue, now=now, page=FEW)
        missing += [listed(row) async for row in query]
        to_confirm += [listed(row) async for row in sql.to_be_confirmed(connection, person=person, **page)]
    held = [listed(row) async for row in sql.held_by(connection, person=person, page=PAGE)]
    counts_in_work = await queue_counts(reading, with_tests=True)
    return Worklist(
        counts={queue: counts for queue, counts in counts_in_work.items() if queue in queues},
        overdue=sorted(overdue, key=lambda each: each.review.due_at or 0)[:PAGE],
        unclaimed=sorted(unclaimed, key=lambda each: each.review.opened_at or 0)[:PAGE],
        mine=[each for each in held if each.review.queue in queues],
        to_confirm=sorted(to_confirm, key=lambda each: each.review.decided_at or 0)[:PAGE],
        verdicts_missing=sorted(missing, key=lambda each: each.review.due_at or 0)[:FEW],
    )


async def queue_counts(reading: Reading, *, with_tests: bool = False) -> dict[str, QueueCounts]:
    """Every queue that has something in work; statistics leave tests out."""
    by_status: dict[str, dict[Status, int]] = {}
    oldest: dict[str, int | None] = {}
    async for row in reading.sql.count_in_work(reading.connection, with_tests=int(with_tests)):
        status = Status(row["status"])
        by_status.setdefault(row["queue"], {})[status] = row["total"]
        if status is Status.OPEN:
            oldest[row["queue"]] = row["oldest_at"]
    return {queue: QueueCounts(counts, oldest.get(queue)) for queue, counts in by_status.items()}


async def by_session(reading: Reading, session_id: str) -> ListedReview | None:
    """One session's review; None for a session that the bot does not know."""
    row = await reading.sql.review_of_session(reading.connection, session_id=session_id)
    return listed(row) if row is not None else None
