"""A holder's account is deactivated in Slack: their claims are released, and the leads are notified."""

import structlog

from bot.clock import Clock
from bot.handlers.periodic import repeat
from bot.handlers.save_change import save_changes
from bot.reviews.permissions import Membership
from bot.reviews.review import Status
from bot.reviews.timer_release import release_of_deactivated
from bot.slack.api.users import UserDirectory
from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import reviews

CHECK_EVERY_S = 300.0

_log = structlog.get_logger(__name__)


class HolderCheck:
    """Looks every few minutes, until cancelled, whether the people who have claimed reviews can still work on them."""

    def __init__(self, store: Store, directory: UserDirectory, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock

    async def run(self) -> None:
        """Check now and then."""
        await repeat(self.check, CHECK_EVERY_S, "holder_check")

    async def check(self) -> None:
        """Release the claims of everyone whose account is deactivated."""
        for person in await self._store.read(reviews.holders):
            if await self._directory.membership(person) is Membership.DEACTIVATED:
                count = await self._store.write(release_claims_of, (person, self._clock()))
                _log.info("claims_released", person=person, reason="deactivated", count=count)


def release_claims_of(transaction: Transaction, person_at: tuple[str, int]) -> int:
    """Release every claim of a person at a time (milliseconds); returns how many there were."""
    person, now = person_at
    released = 0
    for review_id in reviews.claimed_by(transaction, person):
        # Another instance that is changing it leaves it to the next check.
        review = reviews.lock(transaction, review_id)
        if review is None or review.status is not Status.CLAIMED or review.claimed_by != person:
            continue
        first, second = release_of_deactivated(review, transaction.policy(review.queue), now)
        save_changes(transaction, [(review, first), (first.after, second)])
        released += 1
    return released
