"""What happens because a time has come: deadlines, reminders, released claims, daily digests.

The database holds what is due and when; this loop only asks it to let that happen. Any number of instances may do so.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from bot.clock import Clock
from bot.handlers import reminders
from bot.reviews.deadlines import Deadlines, Fired, Fires, Moot, NotYet, Timer, TimerKind, meaning
from bot.reviews.policy import Policy
from bot.reviews.review import Review
from bot.reviews.timing import timed, timer_basis
from bot.store.engine.transaction import Transaction
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import deliveries, digest, reviews, timers

POLL_S = 1.0
SWEEP_EVERY_S = 300.0
PAGE = 20
"""Reviews whose timers fire in one transaction, which keeps other writes waiting for a short time only."""

SWEPT = 200

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """How far a sweep came: `after` is the last row looked at, None at the end."""

    after: int | None


class Timers:
    """Lets what is due happen, until cancelled. `queues` are the rules of each queue."""

    def __init__(self, store: Store, clock: Clock, queues: Mapping[str, Policy]) -> None:
        self._store = store
        self._clock = clock
        self._queues = queues
        self._swept_at: int | None = None
        self._posted: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Look every second."""
        while True:
            try:
                await self.turn()
            except StoreUnavailable as error:
                _log.warning("timers_wait_for_database", error=str(error))
            await asyncio.sleep(POLL_S)

    async def turn(self) -> None:
        """Let everything happen that is due now."""
        now = self._clock()
        if self._swept_at is None or abs(now - self._swept_at) > SWEEP_EVERY_S * 1000:
            await self._sweep(now)
            self._swept_at = now
        while await self._is_due(now) and (count := await self._store.write(fire_due, now)):
            _log.info("timers_were_due", count=count)
        await self._post_digests(now)

    async def _is_due(self, now: int) -> bool:
        due_at = await self._store.read(timers.next_due)
        return due_at is not None and due_at <= now

    async def _sweep(self, now: int) -> None:
        after: int | None = 0
        while after is not None:
            after = (await self._store.write(sweep, (after, now))).after

    async def _post_digests(self, now: int) -> None:
        for queue, rules in self._queues.items():
            day = rules.digest_day(now)
            if day is not None and (queue, day.isoformat()) not in self._posted:
                await self._store.write(digest.post, digest.Due(queue, day.isoformat(), now))
                self._posted.add((queue, day.isoformat()))


def fire_due(transaction: Transaction, now: int) -> int:
    """Fire the timers of a page of reviews that are due at `now` (milliseconds); returns how many were due.

    None of them is due afterwards, whether it fired, was postponed or is no longer needed.
    """
    review_ids = timers.reviews_with_due(transaction, now, PAGE)
    return sum(_fire_of_review(transaction, review_id, now) for review_id in review_ids)


def _fire_of_review(transaction: Transaction, review_id: int, now: int) -> int:
    before = reviews.lock(transaction, review_id)
    if before is None:
        return 0
    review = before
    deadlines, fired = transaction.policy(review.queue).deadlines, timers.fired(transaction, review_id)
    due, waiting = timers.due(transaction, review_id, now), dict[tuple[TimerKind, int], int]()
    for timer in due:
        result = _result(timer, review, deadlines, fired, now)
        if isinstance(result, Fires):
            after = reminders.carry_out(transaction, review, result.effects, now)
            # What one timer changed counts for the next: a released claim is nobody's to be reminded of.
            review = timed(review, after, deadlines, now) if after is not review else review
            fired[timer.kind, timer.since] = now
            timers.record_fired(transaction, review_id, timer, now)
        elif isinstance(result, NotYet):
            # What only waits would else stand, due all the time, before the timers of queues that are at work.
            waiting[timer.kind, timer.since] = result.due_at
    if review is not before:
        reviews.update(transaction, [(before, review)])
        deliveries.enqueue_cards(transaction, [review], now, deliveries.BACKGROUND)
    timers.keep_one(transaction, review, review_id, deadlines, waiting)
    return len(due)


def _result(
    timer: Timer, review: Review, deadlines: Deadlines, fired: Fired, now: int
) -> Fires | NotYet | Moot:
    basis = timer_basis(review)
    return meaning(timer, basis, deadlines, fired, now) if basis else Moot()


def sweep(transaction: Transaction, page: tuple[int, int]) -> Swept:
    """Bring the timers and due times of a page of reviews in work up to date with the settings.

    A page is (the row to continue after, now in milliseconds). Reviews that a command recorded beside the server get
    their timers here, too.
    """
    after, now = page
    ids = reviews.ids_in_work(transaction, after, SWEPT)
    for review_id in ids:
        review = reviews.lock(transaction, review_id)
        # The instance that is changing it keeps its timers; the next sweep looks at it again.
        if review is not None:
            _swept(transaction, review, review_id, now)
    return Swept(ids[-1] if len(ids) == SWEPT else None)


def _swept(transaction: Transaction, before: Review, review_id: int, now: int) -> None:
    deadlines = transaction.policy(before.queue).deadlines
    review = timed(before, before, deadlines, now)
    if review.due_at != before.due_at:
        review = replace(review, version=before.version + 1)
        reviews.update(transaction, [(before, review)])
        deliveries.enqueue_cards(transaction, [review], now, deliveries.BACKGROUND)
    timers.keep_one(transaction, review, review_id, deadlines)
