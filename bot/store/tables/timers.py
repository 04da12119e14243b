"""The timers of reviews in progress: rows that are due at a time, kept in the transaction that changes a review."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.reviews.deadlines import Deadlines, Timer, TimerKind, timer_basis, wanted
from bot.reviews.review import Review
from bot.store.engine.transaction import Reading, Transaction

NO_DEADLINES = Deadlines()
NOTHING_WAITS: Mapping[tuple[TimerKind, int], int] = MappingProxyType({})


def keep(transaction: Transaction, changed: Sequence[Review]) -> None:
    """Make the timers of changed reviews those that they want now."""
    for review in changed:
        deadlines = transaction.policy(review.queue).deadlines
        # Without deadlines, only snoozes have timers.
        if (deadlines != NO_DEADLINES or review.pauses) and review.id is not None:
            keep_one(transaction, review, review.id, deadlines)


async def next_due(reading: Reading) -> int | None:
    """When the next timer is due (milliseconds); None when none is."""
    row = await reading.sql.next_timer(reading.connection)
    return None if row["due_at"] is None else int(row["due_at"])


def keep_one(
    transaction: Transaction,
    review: Review,
    review_id: int,
    deadlines: Deadlines,
    waiting: Mapping[tuple[TimerKind, int], int] = NOTHING_WAITS,
) -> None:
    """Bring the timers of one review up to date; those in `waiting` are due at that later time (milliseconds)."""
    sql, connection = transaction.sql, transaction.connection
    sql.forget_timers(connection, review_id=review_id)
    sql.rest_timers(connection, review_id=review_id)
    basis = timer_basis(review)
    if basis is None:
        return
    timers = wanted(basis, deadlines, fired(transaction, review_id))
    rows = [
        {
            "review_id": review_id,
            "kind": timer.kind,
            "since": timer.since,
            "due_at": waiting.get((timer.kind, timer.since), timer.due_at),
        }
        for timer in timers
    ]
    if rows:
        sql.want_timer(connection, rows)


def reviews_with_due(transaction: Transaction, now: int, limit: int) -> list[int]:
    """Row ids of reviews with timers that are due at `now` (milliseconds), the longest due first.

    They are the reviews of the `limit` timers that are due longest.
    """
    rows = transaction.sql.reviews_with_due_timers(transaction.connection, now=now, page=limit)
    return [row["review_id"] for row in rows]


def record_fired(transaction: Transaction, review_id: int, timer: Timer, now: int) -> None:
    """Record that a timer fired at `now` (milliseconds)."""
    transaction.sql.timer_fired(
        transaction.connection, review_id=review_id, kind=timer.kind, since=timer.since, now=now
    )


def fired(transaction: Transaction, review_id: int) -> dict[tuple[TimerKind, int], int]:
    """When each timer of a review fired (milliseconds), by kind and `since`."""
    rows = transaction.sql.fired_timers(transaction.connection, review_id=review_id)
    return {(TimerKind(row["kind"]), row["since"]): row["fired_at"] for row in rows}


def due(transaction: Transaction, review_id: int, now: int) -> list[Timer]:
    """The timers of a review that are due at `now` (milliseconds)."""
    rows = transaction.sql.due_timers(transaction.connection, review_id=review_id, now=now)
    return [Timer(TimerKind(row["kind"]), row["since"], row["due_at"]) for row in rows]
