"""What the handlers of people's requests share: who is asking, the review as it is now, and what is logged."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import structlog

from bot.clock import Clock
from bot.handlers.modal_updates import ModalUpdates
from bot.handlers.person_action import ActionResult
from bot.reviews.action_request import ActionRequest, Authority
from bot.reviews.permissions import Membership
from bot.reviews.waiting_times import Span
from bot.slack.api.alert_support import AlertSupport
from bot.slack.api.client import SlackClient
from bot.slack.api.users import UserDirectory
from bot.store.store import Store
from bot.store.tables import worklist
from bot.store.tables.reviews import ListedReview

_ASKED_ABOUT = frozenset({Membership.GUEST, Membership.BOT, Membership.DEACTIVATED})
"""Refusals that follow from Slack's answer about a person. That answer included the name."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Context:
    """The services that handlers of people's requests use.

    `waited` is called with what a review had waited for, and its queue, `changed` after every action that was granted.
    `records_names`: the names of the people go on record.
    """

    store: Store
    slack_client: SlackClient
    directory: UserDirectory
    clock: Clock
    waited: Callable[[Span, str], None]
    records_names: bool = True
    alerts: AlertSupport = field(default_factory=AlertSupport)
    modal_updates: ModalUpdates = field(default_factory=ModalUpdates)
    changed: Callable[[], None] = lambda: None

    async def authority(self, request: ActionRequest) -> Authority:
        """Look up what Slack says now about the people in a request, and who can work on the queues.

        Nothing is asked for a person who can't act anyway, and no target outside the sender's queues is asked about:
        otherwise one person's requests could use up the calls that Slack allows.
        """
        membership = await self.directory.membership_of(request.actor)
        if membership is not Membership.MEMBER:
            names = await self._names([request.person]) if membership in _ASKED_ABOUT else {}
            return Authority(membership, Membership.UNKNOWN, self.directory.configured, names)
        target = request.target
        people = [person for person in (request.person, target) if person]
        names = await self._names([request.person])
        authority = Authority(policies=await self.directory.policies_for(people), names=names)
        if target is None or not authority.shares_queue(request.person, target):
            return replace(authority, target_membership=Membership.UNKNOWN)
        target_membership = await self.directory.membership(target)
        return replace(
            authority, target_membership=target_membership, names=names | await self._names([target])
        )

    async def _names(self, people: Collection[str]) -> dict[str, str]:
        """The names that go on record; Slack was asked about these people just now."""
        return await self.directory.names_of(people) if self.records_names else {}

    async def review(self, session_id: str) -> ListedReview | None:
        """A session's review as it is now; StoreUnavailable when it cannot be read."""
        return await self.store.read(lambda reading: worklist.by_session(reading, session_id))

    def record(self, request: ActionRequest, result: ActionResult) -> str:
        """Log one line for a request, and report what it ended or changed; returns the word that it is counted by."""
        review, wait = result.review, result.wait_ended
        if result.refused is None:
            self.changed()
        _log.info(
            "click",
            session_id=review.session_id if review else request.session_id,
            review=review.id if review else None,
            action=request.action,
            person=request.person,
            refused=result.refused,
            repeated=result.is_repetition,
            version=review.version if review else None,
        )
        if review is not None and wait is not None and not review.is_test:
            self.waited(wait, review.queue)
        if result.is_repetition:
            return "repeated"
        return result.refused or "granted"
