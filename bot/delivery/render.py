"""Renders deliveries, at the moment they are sent, from what the database holds then."""

from dataclasses import dataclass, replace
from datetime import date

from structlog.contextvars import bind_contextvars

from bot.clock import Clock
from bot.delivery.reminders import ReminderRenderer
from bot.delivery.removal import Removal
from bot.reviews.decide import without_a_queue
from bot.reviews.delivery_problems import CardMoved
from bot.reviews.notifications import (
    ActionGranted,
    ActionOutcome,
    ActionRefused,
    ConfirmationNeeded,
    DailyDigest,
    OpsAlert,
    ThreadReply,
    is_broadcast,
)
from bot.reviews.policy import policy_of
from bot.reviews.reminders import DirectMessage, OverdueClaims, OverdueReminder, Reminder, ReminderEnded
from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import Message, Place, SlackClient, View
from bot.slack.api.users import UserDirectory
from bot.slack.messages.card import HISTORY_LENGTH, card, card_key
from bot.slack.messages.digest import digest
from bot.slack.messages.direct_message import direct_message, reminder_ended
from bot.slack.messages.ephemeral import action_outcome, card_moved
from bot.slack.messages.former_card import former_card
from bot.slack.messages.home_tab import home_tab
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import cut, permalink
from bot.slack.messages.ops_alert import ops_alert
from bot.slack.messages.portal import portal_url
from bot.slack.messages.review_rows import reader_of
from bot.slack.messages.thread_reply import thread_reply
from bot.store.engine.transaction import Reading
from bot.store.store import Store
from bot.store.tables import audit, cards, deliveries, reviews, subjects
from bot.store.tables.cards import CardPlace
from bot.store.tables.deliveries import Kind
from bot.store.tables.digest import of_queue
from bot.store.tables.leases import Leased
from bot.store.tables.worklist import Expanded, Scope, Worklist, worklist

PLAIN_LENGTH = 2_900
"""Characters of a plain form's text: Slack accepts 3,000 per section."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What to send, which version of the delivery it shows, and where it goes; None where nothing is configured.

    With `is_broadcast`, the channel shows a thread reply too.
    """

    content: Message | Removal | View
    version: int
    place: Place | None
    is_broadcast: bool = False


class NoLongerTrue(Exception):
    """The delivery would say something that is no longer the case: it is not needed."""


class CannotBeReached(Exception):
    """Slack opens no direct messages with this person; `result` says why."""

    def __init__(self, result: CallResult) -> None:
        super().__init__(result.error)
        self.result = result


class UnreadableNotification(Exception):
    """This version cannot read what the delivery says, or a notification of that kind does not belong there."""


class Renderer:
    """Turns deliveries into messages and home tabs; `portal_url_template` may be empty."""

    def __init__(
        self,
        store: Store,
        slack_client: SlackClient,
        directory: UserDirectory,
        clock: Clock,
        portal_url_template: str,
    ) -> None:
        self._store = store
        self._slack_client = slack_client
        self._direct_channels: dict[str, str] = {}
        self._directory = directory
        self._rules = directory.configured
        self._clock = clock
        self._reminders = ReminderRenderer(store, directory, clock)
        self._portal_url_template = portal_url_template

    async def render(  # noqa: C901, PLR0912 - one case for each kind of message
        self, delivery: Leased
    ) -> Rendered | None:
        """What to send now; None for a thread reply whose card is not in Slack.

        Raises NoLongerTrue for a reminder or a request to confirm that came too late, UnreadableNotification for what
        cannot be rendered, CannotBeReached for a direct message to a person who has none.
        """
        notification = delivery.notification
        if isinstance(notification, Reminder | ConfirmationNeeded):
            await self._require_current(notification, delivery)
        place = await self.place(delivery)
        version = delivery.wanted_version
        match delivery.kind, notification:
            case Kind.CARD, None:
                message, version = await self._card(delivery)
                return Rendered(message, version, place)
            case Kind.HOME, None | ActionGranted() | ActionRefused() as outcome:
                return Rendered(await self._home_tab(delivery, outcome), version, place)
            case Kind.EPHEMERAL, ActionGranted() | ActionRefused() | CardMoved() as outcome:
                return Rendered(self._answer(delivery, outcome), version, place)
            case Kind.DIRECT_MESSAGE, ActionGranted() | ActionRefused() | CardMoved() as outcome:
                answer = self._answer(delivery, outcome)
                return Rendered(replace(answer, metadata=metadata(await self.key(delivery))), version, place)
            case Kind.FORMER_CARD, None:
                pointer = await self._former_card(delivery)
                return Rendered(pointer, version, place) if pointer else None
            case Kind.OPS_ALERT, alert if isinstance(alert, OpsAlert):
                return Rendered(ops_alert(await self.key(delivery), alert), version, place)
            case Kind.DIRECT_MESSAGE, message if isinstance(message, DirectMessage):
                return Rendered(await self._direct_message(delivery, message), version, place)
            case Kind.DIRECT_MESSAGE, ReminderEnded() as ended:
                if delivery.message_ts is None:
                    raise NoLongerTrue
                return Rendered(await self._ended(delivery, ended), version, place)
            case Kind.REMINDER, reminder if isinstance(reminder, OverdueReminder):
                content = await self._reminders.render(delivery, reminder, await self.key(delivery))
                if content is None:
                    raise NoLongerTrue
                return Rendered(content, version, place)
            case Kind.DIGEST, DailyDigest(queue):
                return Rendered(await self._digest(delivery, queue), version, place)
            case Kind.THREAD_REPLY, reply if isinstance(reply, ThreadReply):
                message = await self._thread_reply(delivery, reply)
                return Rendered(message, version, place, is_broadcast(reply)) if place else None
            case _:
                raise UnreadableNotification

    async def key(self, delivery: Leased) -> str:
        """The key by which the delivery's message is found again."""
        if delivery.kind is not Kind.CARD:
            return delivery.unique_key or f"delivery:{delivery.id}"

        async def query(reading: Reading) -> str:
            return card_key(await reviews.by_id(reading, delivery.review_id or 0))

        return await self._store.read(query)

    async def place(self, delivery: Leased) -> Place | None:
        """Where the message goes: a thread reply goes where the card is now."""
        is_personal = delivery.kind is Kind.DIRECT_MESSAGE or isinstance(delivery.notification, OverdueClaims)
        if is_personal and delivery.message_ts is None:
            return Place(await self._direct_channel(delivery.recipient or ""))
        if delivery.kind is not Kind.THREAD_REPLY:
            return Place(delivery.channel) if delivery.channel else None
        card_at = await self._card_place(delivery)
        return Place(card_at.channel, card_at.message_ts) if card_at else None

    async def _card_place(self, delivery: Leased) -> CardPlace | None:
        review_id = delivery.review_id or 0
        return await self._store.read(lambda reading: cards.card_place(reading, review_id))

    async def _direct_channel(self, person: str) -> str:
        """The direct channel with a person. Slack also accepts their own id, but that cannot be searched afterwards."""
        if person not in self._direct_channels:
            result = await self._slack_client.open_direct_channel(person)
            if result.kind is ResultKind.PERSON_UNREACHABLE:
                raise CannotBeReached(result)
            found = result.answer.get("channel")
            if not isinstance(found, dict) or not isinstance(found.get("id"), str):
                return person
            self._direct_channels[person] = found["id"]
        return self._direct_channels[person]

    async def _thread_reply(self, delivery: Leased, reply: ThreadReply) -> Message:
        review = await self._store.read(lambda reading: reviews.by_id(reading, delivery.review_id or 0))
        rules = policy_of(review.queue, self._rules)
        return thread_reply(await self.key(delivery), reply, review.session_id, rules)

    async def _direct_message(self, delivery: Leased, message: DirectMessage) -> Message:
        card_at = await self._card_place(delivery)
        where = (card_at.channel, card_at.message_ts) if card_at else (None, None)
        link = permalink(self._directory.workspace_url, *where)
        review = await self._store.read(lambda reading: reviews.by_id(reading, delivery.review_id or 0))
        portal = portal_url(review, self._portal_url_template)
        return direct_message(await self.key(delivery), message, link, review, portal)

    async def _ended(self, delivery: Leased, ended: ReminderEnded) -> Message:
        card_at = await self._card_place(delivery)
        where = (card_at.channel, card_at.message_ts) if card_at else (None, None)
        link = permalink(self._directory.workspace_url, *where)
        return reminder_ended(await self.key(delivery), ended, link, delivery.review_id)

    def _answer(self, delivery: Leased, outcome: ActionOutcome | CardMoved) -> Message:
        if not isinstance(outcome, CardMoved):
            return action_outcome(outcome, delivery.review_id)
        link = permalink(self._directory.workspace_url, outcome.channel, outcome.message_ts)
        return card_moved(outcome, link, delivery.review_id)

    async def _former_card(self, delivery: Leased) -> Message | None:
        """Where the review's card is now; None as long as Slack does not have it."""
        card_at = await self._card_place(delivery)
        if card_at is None:
            return None
        link = permalink(self._directory.workspace_url, card_at.channel, card_at.message_ts)
        review = await self._store.read(lambda reading: reviews.by_id(reading, delivery.review_id or 0))
        return former_card(await self.key(delivery), review.session_id, card_at.channel, link)

    async def _require_current(self, request: Reminder | ConfirmationNeeded, delivery: Leased) -> None:
        review = await self._store.read(lambda reading: reviews.by_id(reading, delivery.review_id or 0))
        # The due time counts too: a review that was claimed and released is open as before, with more time.
        if not request.is_current(review):
            raise NoLongerTrue

    async def _card(self, delivery: Leased) -> tuple[Message, int]:
        review_id, now = delivery.review_id or 0, self._clock()

        async def query(reading: Reading) -> tuple[Message, int]:
            review, earlier = await subjects.on_card(reading, review_id)
            bind_contextvars(session_id=review.session_id)
            history = await audit.recent_changes(reading, review_id, HISTORY_LENGTH)
            leads_notified = not await cards.is_escalation_pending(reading, review)
            rules, url = self._rules[review.queue], self._directory.workspace_url
            portal = self._portal_url_template
            shown = card(review, history, rules, portal, now, earlier, url, leads_notified=leads_notified)
            return shown, review.version

        return await self._store.read(query)

    async def _digest(self, delivery: Leased, queue: str) -> Message:
        now = self._clock()
        key, hours = await self.key(delivery), self._rules[queue].deadlines.hours
        day = date.fromisoformat(key.rpartition(":")[2])
        figures = await self._store.read(lambda reading: of_queue(reading, queue, day, now))
        return digest(key, queue, figures, hours, now, self._directory.workspace_url)

    async def _home_tab(self, delivery: Leased, outcome: ActionOutcome | None) -> View:
        person, now = delivery.recipient or "", self._clock()
        authority = await self._directory.authority_of(person)
        reader = reader_of(person, authority, self._directory.workspace_url, now)
        if (reason := without_a_queue(person, authority)) is not None:
            refusal = ActionRefused(reason, action=None, reviewers=authority.who_can_review())
            return home_tab(Worklist({}), reader, outcome, refusal)
        scope = Scope(person, reader.queues, reader.led, now)

        async def query(reading: Reading) -> Worklist:
            expanded = Expanded.read(await deliveries.expanded_list(reading, person) or "")
            return await worklist(reading, scope, expanded)

        return home_tab(await self._store.read(query), reader, outcome)


def plain_form(message: Message, error: str) -> Message:
    """What is sent if Slack refuses a message: its fallback text, and its buttons so people can still work on it.

    `error` is Slack's code. The key stays even if the metadata was refused: without it the message could not be found
    again after an unknown outcome.
    """
    text = cut(message.text, PLAIN_LENGTH)
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    buttons = [block for block in message.blocks if block.get("type") == "actions"]
    carried = message.metadata
    if carried and (error == "metadata_too_large" or error.startswith("invalid_metadata_")):
        carried = metadata(carried["event_payload"]["key"])
    return Message(text=text, blocks=[section, *buttons], metadata=carried)
