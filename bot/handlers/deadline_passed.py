"""A deadline passes: reviews are shown as overdue, reminders are planned, idle claims are released, digests are queued.

The database holds what is due and when; this loop only asks for it. Any number of instances can do so side by side.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.handlers.daily_digest import DailyDigests
from bot.handlers.overdue_reminders import OverdueReminders
from bot.handlers.periodic import repeat
from bot.handlers.save_change import save_changes, save_rescheduled
from bot.reviews.change import Change, Rescheduled
from bot.reviews.deadlines import timed
from bot.reviews.policy import Policy
from bot.reviews.review import Review
from bot.reviews.timer_release import fire
from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import reminders, reviews, timers

POLL_S = 1.0
SWEEP_EVERY_S = 300.0
PAGE = 20
"""Reviews whose timers fire in one transaction; more would keep other writes waiting."""

SWEPT = 200

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """How far a sweep came: `after` is the last row looked at, None at the end."""

    after: int | None


class Timers:
    """Fires what is due, until cancelled. `queues` are the queues' policies."""

    def __init__(self, store: Store, clock: Clock, queues: Mapping[str, Policy]) -> None:
        self._store = store
        self._clock = clock
        self._reminders = OverdueReminders(store, clock, queues)
        self._digests = DailyDigests(store, clock, queues)
        self._swept_at: int | None = None

    async def run(self) -> None:
        """Look every second."""
        await repeat(self.turn, POLL_S, "timers")

    async def turn(self) -> None:
        """Fire everything that is due now."""
        now = self._clock()
        if self._swept_at is None or abs(now - self._swept_at) > SWEEP_EVERY_S * 1000:
            await self._sweep(now)
            self._swept_at = now
        while await self._is_due(now) and (count := await self._store.write(fire_due, now)):
            _log.info("timers_fired", count=count)
        await self._reminders.turn()
        await self._digests.turn()

    async def _is_due(self, now: int) -> bool:
        due_at = await self._store.read(timers.next_due)
        return due_at is not None and due_at <= now

    async def _sweep(self, now: int) -> None:
        after: int | None = 0
        while after is not None:
            after = (await self._store.write(sweep, (after, now))).after


def fire_due(transaction: Transaction, now: int) -> int:
    """Fire the timers of a page of reviews that are due at `now` (milliseconds); returns how many were due.

    None of them is due afterwards, whether it fired, was postponed or is no longer needed.
    """
    wanted: set[tuple[str, str]] = set()
    review_ids = timers.reviews_with_due(transaction, now, PAGE)
    count = sum(_fire_of_review(transaction, review_id, now, wanted) for review_id in review_ids)
    reminders.want(transaction, wanted, now)
    return count


def _fire_of_review(transaction: Transaction, review_id: int, now: int, wanted: set[tuple[str, str]]) -> int:
    before = reviews.lock(transaction, review_id)
    if before is None:
        return 0
    policy = transaction.policy(before.queue)
    due = timers.due(transaction, review_id, now)
    result = fire(before, due, timers.fired(transaction, review_id), policy, now)
    for timer in result.fired:
        timers.record_fired(transaction, review_id, timer, now)
    _save(transaction, before, result.changes)
    timers.keep_one(transaction, result.review, review_id, policy.deadlines, result.postponed)
    wanted |= {(result.review.queue, audience) for audience in result.audiences}
    return len(due)


def _save(transaction: Transaction, before: Review, changes: list[Change]) -> None:
    reviews_before = [before, *(change.after for change in changes)]
    save_changes(transaction, list(zip(reviews_before, changes, strict=False)))


def sweep(transaction: Transaction, page: tuple[int, int]) -> Swept:
    """Bring the timers and due times of a page of reviews in progress up to date with the settings.

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
        review = review._replace(version=before.version + 1)
        save_rescheduled(transaction, before, Rescheduled(review), now)
    timers.keep_one(transaction, review, review_id, deadlines)
