"""What a delivery shows, rendered when it is sent from what the database says then."""

import re

from bot.slack.cards import HISTORY_LENGTH, card, card_key
from bot.slack.gateway import Message
from bot.slack.metadata import metadata
from bot.slack.notes import refusal_note
from bot.slack.notices import operations_notice
from bot.store import audit, reviews
from bot.store.deliveries import Kind
from bot.store.leases import Leased
from bot.store.store import Store
from bot.store.transaction import Reading

PLAIN_LENGTH = 2_900
"""Characters of a plain form's text: Slack takes 3,000 a section."""


class Renderer:
    """Turns deliveries into messages; `portal_url_template` may be empty."""

    def __init__(self, store: Store, portal_url_template: str) -> None:
        self._store = store
        self._portal_url_template = portal_url_template

    async def render(self, delivery: Leased) -> tuple[Message, int]:
        """The message, and which version of the delivery it shows."""
        match delivery.kind:
            case Kind.CARD:
                return await self._card(delivery)
            case Kind.PRIVATE_NOTE:
                return refusal_note(delivery.arguments), delivery.wanted_version
            case Kind.OPERATIONS_NOTICE:
                key = await self.key(delivery)
                return operations_notice(key, delivery.arguments), delivery.wanted_version

    async def key(self, delivery: Leased) -> str:
        """What the delivery's message is found by again."""
        if delivery.kind is not Kind.CARD:
            return delivery.unique_key or f"delivery:{delivery.id}"

        async def query(reading: Reading) -> str:
            return card_key(await reviews.by_id(reading, delivery.review_id or 0))

        return await self._store.read(query)

    async def _card(self, delivery: Leased) -> tuple[Message, int]:
        review_id = delivery.review_id or 0

        async def query(reading: Reading) -> tuple[Message, int]:
            review = await reviews.by_id(reading, review_id)
            history = await audit.recent_changes(reading, review_id, HISTORY_LENGTH)
            return card(review, history, self._portal_url_template), review.version

        return await self._store.read(query)


def plain_form(message: Message, error: str) -> Message:
    """What is sent where Slack refuses a message: its fallback text, and its buttons so that it can be worked on.

    `error` is Slack's code. The key stays even where the metadata was refused: without it the message could not be
    found again after an unclear end.
    """
    text = _cut(message.text, PLAIN_LENGTH)
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    buttons = [block for block in message.blocks if block.get("type") == "actions"]
    carried = message.metadata
    if carried and (error == "metadata_too_large" or error.startswith("invalid_metadata_")):
        carried = metadata(carried["event_payload"]["key"])
    return Message(text=text, blocks=[section, *buttons], metadata=carried)


def _cut(text: str, limit: int) -> str:
    """Shorten escaped text, never inside an entity or a mention."""
    if len(text) <= limit:
        return text
    return re.sub(r"(&[a-z]*|<[^>]*)$", "", text[: limit - 1]) + "…"
