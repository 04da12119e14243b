"""What a delivery shows, rendered when it is sent from what the database says then."""

from dataclasses import dataclass

from structlog.contextvars import bind_contextvars

from bot.clock import Clock
from bot.reviews.notifications import IN_THE_CHANNEL_TOO, REMINDERS
from bot.slack.api.client import Gateway, Message, Place, View
from bot.slack.api.users import Directory
from bot.slack.messages.card import HISTORY_LENGTH, card, card_key
from bot.slack.messages.digest import digest
from bot.slack.messages.direct_message import direct_message
from bot.slack.messages.ephemeral import private_note
from bot.slack.messages.home_tab import home
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import cut, permalink
from bot.slack.messages.ops_alert import operations_notice
from bot.slack.messages.thread_reply import thread_note
from bot.store.engine.transaction import Reading
from bot.store.store import Store
from bot.store.tables import audit, deliveries, reviews
from bot.store.tables.deliveries import CardPlace, Kind
from bot.store.tables.digest import of_queue
from bot.store.tables.leases import Leased
from bot.store.tables.worklist import worklist

PLAIN_LENGTH = 2_900
"""Characters of a plain form's text: Slack takes 3,000 a section."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What to send, which version of the delivery it shows, and where it goes; None where nothing is configured.

    With `is_broadcast` a note in a thread is shown in the channel, too.
    """

    content: Message | View
    version: int
    place: Place | None
    is_broadcast: bool = False


class NoLongerTrue(Exception):
    """The delivery would tell what is not so any more: nobody needs it."""


class Renderer:
    """Turns deliveries into messages and home tabs; `portal_url_template` may be empty."""

    def __init__(
        self, store: Store, gateway: Gateway, directory: Directory, clock: Clock, portal_url_template: str
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._direct_channels: dict[str, str] = {}
        self._directory = directory
        self._rules = directory.configured
        self._clock = clock
        self._portal_url_template = portal_url_template

    async def render(self, delivery: Leased) -> Rendered | None:
        """What is true now; None for a note under a card that is not there. Raises NoLongerTrue for a late reminder."""
        if delivery.arguments.get("topic") in REMINDERS:
            await self._require_unchanged(delivery)
        place = await self.place(delivery)
        version = delivery.wanted_version
        match delivery.kind:
            case Kind.CARD:
                message, version = await self._card(delivery)
                return Rendered(message, version, place)
            case Kind.EPHEMERAL:
                return Rendered(private_note(delivery.arguments), version, place)
            case Kind.OPS_ALERT:
                notice = operations_notice(await self.key(delivery), delivery.arguments)
                return Rendered(notice, version, place)
            case Kind.THREAD_REPLY:
                note = thread_note(await self.key(delivery), delivery.arguments)
                is_broadcast = delivery.arguments["topic"] in IN_THE_CHANNEL_TOO
                return Rendered(note, version, place, is_broadcast) if place else None
            case Kind.DIRECT_MESSAGE:
                return Rendered(await self._direct_message(delivery), version, place)
            case Kind.DIGEST:
                return Rendered(await self._digest(delivery), version, place)
            case Kind.HOME:
                return Rendered(await self._home(delivery), version, place)

    async def key(self, delivery: Leased) -> str:
        """What the delivery's message is found by again."""
        if delivery.kind is not Kind.CARD:
            return delivery.unique_key or f"delivery:{delivery.id}"

        async def query(reading: Reading) -> str:
            return card_key(await reviews.by_id(reading, delivery.review_id or 0))

        return await self._store.read(query)

    async def place(self, delivery: Leased) -> Place | None:
        """Where the message goes: a note in a thread goes to where the card is now."""
        if delivery.kind is Kind.DIRECT_MESSAGE:
            return Place(await self._direct_channel(delivery.recipient or ""))
        if delivery.kind is not Kind.THREAD_REPLY:
            return Place(delivery.channel) if delivery.channel else None
        card_at = await self._card_place(delivery)
        return Place(card_at.channel, card_at.message_ts) if card_at else None

    async def _card_place(self, delivery: Leased) -> CardPlace | None:
        review_id = delivery.review_id or 0
        return await self._store.read(lambda reading: deliveries.card_place(reading, review_id))

    async def _direct_channel(self, person: str) -> str:
        """Where the bot writes to one person; Slack also takes their own id, which cannot be searched afterwards."""
        if person not in self._direct_channels:
            result = await self._gateway.direct_channel(person)
            found = result.answer.get("channel")
            if not isinstance(found, dict) or not isinstance(found.get("id"), str):
                return person
            self._direct_channels[person] = found["id"]
        return self._direct_channels[person]

    async def _direct_message(self, delivery: Leased) -> Message:
        card_at = await self._card_place(delivery)
        where = (card_at.channel, card_at.message_ts) if card_at else (None, None)
        link = permalink(self._directory.workspace_url, *where)
        return direct_message(await self.key(delivery), delivery.arguments, link)

    async def _require_unchanged(self, delivery: Leased) -> None:
        review = await self._store.read(lambda reading: reviews.by_id(reading, delivery.review_id or 0))
        facts = delivery.arguments
        # Claimed and given back, a review stands as before, and has the time to be claimed anew.
        told = (facts["status"], facts["holder"], facts["due_at"])
        if (review.status, review.claimed_by, review.due_at) != told:
            raise NoLongerTrue

    async def _card(self, delivery: Leased) -> tuple[Message, int]:
        review_id, now = delivery.review_id or 0, self._clock()

        async def query(reading: Reading) -> tuple[Message, int]:
            review = await reviews.by_id(reading, review_id)
            bind_contextvars(session_id=review.session_id)
            history = await audit.recent_changes(reading, review_id, HISTORY_LENGTH)
            return card(
                review, history, self._rules[review.queue], self._portal_url_template, now
            ), review.version

        return await self._store.read(query)

    async def _digest(self, delivery: Leased) -> Message:
        queue, now = delivery.arguments["queue"], self._clock()
        told = await self._store.read(lambda reading: of_queue(reading, queue, now))
        return digest(await self.key(delivery), queue, told, self._rules[queue].deadlines.hours, now)

    async def _home(self, delivery: Leased) -> View:
        person = delivery.recipient or ""
        queues = await self._directory.queues_of(person)
        now = self._clock()
        work = await self._store.read(lambda reading: worklist(reading, person, queues or (), now))
        return home(work, queues, delivery.arguments, self._directory.workspace_url, now)


def plain_form(message: Message, error: str) -> Message:
    """What is sent where Slack refuses a message: its fallback text, and its buttons so that it can be worked on.

    `error` is Slack's code. The key stays even where the metadata was refused: without it the message could not be
    found again after an unclear end.
    """
    text = cut(message.text, PLAIN_LENGTH)
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    buttons = [block for block in message.blocks if block.get("type") == "actions"]
    carried = message.metadata
    if carried and (error == "metadata_too_large" or error.startswith("invalid_metadata_")):
        carried = metadata(carried["event_payload"]["key"])
    return Message(text=text, blocks=[section, *buttons], metadata=carried)
