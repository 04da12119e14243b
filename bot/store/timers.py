"""The timers of reviews in work: rows that are due at a time, kept in the transaction that changes a review."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bot.reviews.deadlines import Deadlines, Fired, Fires, Moot, NotYet, Timer, TimerKind, meaning, wanted
from bot.reviews.review import Review
from bot.reviews.timing import standing_of, timed
from bot.reviews.value import replace
from bot.store import deliveries, reminders, reviews
from bot.store.transaction import Reading, Transaction

PAGE = 20
"""Reviews whose timers fire in one transaction, so that nothing waits for long."""

SWEPT = 200
NO_DEADLINES = Deadlines()
NOTHING_WAITS: Mapping[tuple[TimerKind, int], int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Swept:
    """How far a sweep came: `after` is the last row looked at, None at the end."""

    after: int | None


def keep(transaction: Transaction, changed: Sequence[Review]) -> None:
    """Make the timers of changed reviews those that they want now."""
    for review in changed:
        deadlines = transaction.rules(review.queue).deadlines
        if deadlines != NO_DEADLINES and review.id is not None:
            _keep(transaction, review, review.id, deadlines)


def fire_due(transaction: Transaction, moments: Sequence[int]) -> Sequence[int]:
    """Let what is due at these moments (milliseconds) happen, once; answers with how many timers were due.

    Whether they fired, have to wait or are needed no more: none of them is due any longer.
    """
    return [_fire_due(transaction, now) for now in moments]


def sweep(transaction: Transaction, pages: Sequence[tuple[int, int]]) -> Sequence[Swept]:
    """Bring timers and due times of reviews in work, after a row, up to what the file says by now.

    A page is (after, now in milliseconds). What a command recorded beside the server gets its timers here, too.
    """
    return [_sweep(transaction, after, now) for after, now in pages]


async def next_due(reading: Reading) -> int | None:
    """When the next timer is due (milliseconds); None when none is."""
    row = await reading.sql.next_timer(reading.connection)
    return None if row["due_at"] is None else int(row["due_at"])


def _keep(
    transaction: Transaction,
    review: Review,
    review_id: int,
    deadlines: Deadlines,
    waiting: Mapping[tuple[TimerKind, int], int] = NOTHING_WAITS,
) -> None:
    """Timers that are `waiting`, by kind and `since`, are due at that later time (milliseconds)."""
    sql, connection = transaction.sql, transaction.connection
    sql.forget_timers(connection, review_id=review_id)
    sql.rest_timers(connection, review_id=review_id)
    standing = standing_of(review)
    if standing is None:
        return
    timers = wanted(standing, deadlines, _fired(transaction, review_id))
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


def _fired(transaction: Transaction, review_id: int) -> dict[tuple[TimerKind, int], int]:
    rows = transaction.sql.fired_timers(transaction.connection, review_id=review_id)
    return {(TimerKind(row["kind"]), row["since"]): row["fired_at"] for row in rows}


def _fire_due(transaction: Transaction, now: int) -> int:
    rows = list(transaction.sql.reviews_with_due_timers(transaction.connection, now=now, page=PAGE))
    return sum(_fire_of_review(transaction, row["review_id"], now) for row in rows)


def _fire_of_review(transaction: Transaction, review_id: int, now: int) -> int:
    row = transaction.sql.review_to_change(transaction.connection, id=review_id)
    if row is None:
        return 0
    before = review = reviews.review_of(row)
    deadlines, fired = transaction.rules(review.queue).deadlines, _fired(transaction, review_id)
    due, waiting = _due(transaction, review_id, now), dict[tuple[TimerKind, int], int]()
    for timer in due:
        result = _result(timer, review, deadlines, fired, now)
        if isinstance(result, Fires):
            after = reminders.carry_out(transaction, review, result.effects, now)
            # What one timer changed counts for the next: a released claim is nobody's to be reminded of.
            review = timed(review, after, deadlines, now) if after is not review else review
            fired[timer.kind, timer.since] = now
            transaction.sql.timer_fired(
                transaction.connection, review_id=review_id, kind=timer.kind, since=timer.since, now=now
            )
        elif isinstance(result, NotYet):
            # What only waits would else stand, due all the time, before the timers of queues that are at work.
            waiting[timer.kind, timer.since] = result.due_at
    if review is not before:
        reviews.update(transaction, [(before, review)])
        deliveries.want_cards(transaction, [review], now, deliveries.BACKGROUND)
    _keep(transaction, review, review_id, deadlines, waiting)
    return len(due)


def _result(
    timer: Timer, review: Review, deadlines: Deadlines, fired: Fired, now: int
) -> Fires | NotYet | Moot:
    standing = standing_of(review)
    return meaning(timer, standing, deadlines, fired, now) if standing else Moot()


def _due(transaction: Transaction, review_id: int, now: int) -> list[Timer]:
    rows = transaction.sql.due_timers(transaction.connection, review_id=review_id, now=now)
    return [Timer(TimerKind(row["kind"]), row["since"], row["due_at"]) for row in rows]


def _sweep(transaction: Transaction, after: int, now: int) -> Swept:
    sql, connection = transaction.sql, transaction.connection
    ids = [row["id"] for row in sql.in_work_after(connection, after=after, page=SWEPT)]
    for review_id in ids:
        row = sql.review_to_change(connection, id=review_id)
        # Whoever is changing it just now keeps its timers; the next sweep looks at it again.
        if row is not None:
            _swept(transaction, reviews.review_of(row), review_id, now)
    return Swept(ids[-1] if len(ids) == SWEPT else None)


def _swept(transaction: Transaction, before: Review, review_id: int, now: int) -> None:
    deadlines = transaction.rules(before.queue).deadlines
    review = timed(before, before, deadlines, now)
    if review.due_at != before.due_at:
        review = replace(review, version=before.version + 1)
        reviews.update(transaction, [(before, review)])
        deliveries.want_cards(transaction, [review], now, deliveries.BACKGROUND)
    _keep(transaction, review, review_id, deadlines)
