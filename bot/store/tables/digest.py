"""What a queue's daily digest shows, read when it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.reviews.notifications import DailyDigest
from bot.reviews.queue_figures import PersonFigures, QueueFigures
from bot.reviews.review import Action, Status
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables import deliveries
from bot.store.tables.notification_codec import decode
from bot.store.tables.reviews import ListedReview, listed
from bot.store.tables.worklist import QueueCounts, queue_counts

DAY_MS = 24 * 3_600_000
WEEK_MS = 7 * DAY_MS
OLDEST = 3
"""Reviews that a digest names."""


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
    """A queue as it stands; `earlier` are the figures of the digest before, None if there was none within a week.

    `workloads` are who has how many reviews, `oldest` the open reviews that were opened first, and `disagreements`
    those of the last 24 hours. `verdicts_missing` counts decisions that Ralio should have confirmed with a verdict by
    now, `held` the messages that Slack does not accept. `steps` are those of the last two weeks.
    """

    figures: QueueFigures
    earlier: QueueFigures | None = None
    workloads: Sequence[PersonFigures] = ()
    oldest: Sequence[ListedReview] = ()
    disagreements: int = 0
    verdicts_missing: int = 0
    held: int = 0
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A queue's digest of a day is due at `now` (milliseconds)."""

    queue: str
    day: date
    now: int


def post(transaction: Transaction, due: Due) -> None:
    """Post the digest unless it was posted already."""
    sql, connection = transaction.sql, transaction.connection
    counts = {
        row["status"]: row["total"]
        for row in sql.count_in_work(connection, with_tests=0)
        if row["queue"] == due.queue
    }
    overdue = sql.digest_overdue(connection, queue=due.queue, now=due.now)["total"]
    digest = DailyDigest(due.queue, _figures(counts, overdue))
    deliveries.enqueue_digest(transaction, digest, due.day.isoformat(), due.now)


async def of_queue(reading: Reading, queue: str, day: date, now: int) -> Digest:
    """What the digest of a day shows now (milliseconds)."""
    sql, connection = reading.sql, reading.connection
    counts = (await queue_counts(reading)).get(queue, QueueCounts())
    overdue = await sql.digest_overdue(connection, queue=queue, now=now)
    disagreements = await sql.digest_disagreements(connection, queue=queue, since=now - DAY_MS)
    missing = await sql.digest_verdicts_missing(connection, queue=queue, now=now)
    return Digest(
        figures=_figures(counts.by_status, overdue["total"]),
        earlier=await _earlier(reading, queue, day),
        workloads=[
            PersonFigures(row["person"], row["total"], row["overdue"])
            async for row in sql.digest_people(connection, queue=queue, now=now)
        ],
        oldest=[listed(row) async for row in sql.digest_oldest(connection, queue=queue, page=OLDEST)],
        disagreements=disagreements["total"],
        verdicts_missing=missing["total"],
        held=(await deliveries.backlog(reading)).held,
        steps=[
            Step(_KINDS.get(row["action"], StepKind.OPENED), row["opened_at"], row["at"])
            async for row in sql.steps_since(connection, queue=queue, since=now - 2 * WEEK_MS)
        ],
    )


def _figures(counts: Mapping[Status, int], overdue: int) -> QueueFigures:
    return QueueFigures(
        unclaimed=counts.get(Status.OPEN, 0),
        claimed=counts.get(Status.CLAIMED, 0),
        proposed=counts.get(Status.PROPOSED, 0),
        overdue=overdue,
    )


async def _earlier(reading: Reading, queue: str, day: date) -> QueueFigures | None:
    """The figures of the newest digest within a week before this day."""
    for back in range(1, 8):
        key = deliveries.digest_key(queue, (day - timedelta(days=back)).isoformat())
        row = await reading.sql.digest_of_day(reading.connection, unique_key=key)
        if row is not None and isinstance(found := decode(row["arguments"]), DailyDigest):
            return found.figures
    return None
