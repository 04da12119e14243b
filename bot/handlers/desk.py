"""What every way of asking needs: who asks, what they may do, and where it is recorded."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.handlers.actions import Verdict, Wish
from bot.reviews.decide import Request
from bot.reviews.policy import Decision
from bot.reviews.review import Action
from bot.reviews.waiting_times import WaitKind
from bot.slack.api.client import SlackClient
from bot.slack.api.users import UserDirectory
from bot.slack.requests.actor import Actor
from bot.store.store import Store
from bot.store.tables import worklist
from bot.store.tables.reviews import ListedReview

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Words:
    """What a person gives besides the button: a decision, whom to give the review, why; and which step they saw."""

    decision: Decision | None = None
    to: str | None = None
    words: str | None = None
    seen_revision: int | None = None


NOTHING_ELSE = Words()


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a request of a person is carried out with.

    `waited` is told what a review had waited for, in which queue, and the seconds.
    """

    store: Store
    slack_client: SlackClient
    directory: UserDirectory
    clock: Clock
    waited: Callable[[WaitKind, str, float], None]

    async def wish(
        self,
        actor: Actor,
        action: Action,
        session_id: str | None,
        given: Words = NOTHING_ELSE,
        channel: str | None = None,
        *,
        from_home: bool = False,
    ) -> Wish:
        """A person's wish, with what Slack says about them and their queues now."""
        wished_at = self.clock()
        request = Request(
            action,
            actor.person,
            await self.directory.standing_of(actor),
            decision=given.decision,
            to=given.to,
            words=given.words,
            seen_revision=given.seen_revision,
        )
        return Wish(session_id, request, await self.directory.rules(), wished_at, channel, from_home)

    async def review(self, session_id: str) -> ListedReview | None:
        """A session's review as it is now; StoreUnavailable when it cannot be read."""
        return await self.store.read(lambda reading: worklist.by_session(reading, session_id))

    def note(self, wish: Wish, verdict: Verdict) -> str:
        """One line in the log for what became of a wish; answers with the word that it is counted by."""
        review, waited = verdict.review, verdict.waited
        _log.info(
            "click",
            session_id=review.session_id if review else wish.session_id,
            review=review.id if review else None,
            action=wish.request.action,
            person=wish.request.person,
            refused=verdict.refused,
            version=review.version if review else None,
        )
        if review is not None and waited is not None:
            self.waited(waited.kind, review.queue, (waited.end - waited.start) / 1000)
        return verdict.refused or "granted"
