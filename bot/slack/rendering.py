"""What a delivery shows, rendered when it is sent from what the database says then."""

from bot.slack.cards import HISTORY_LENGTH, card, card_key
from bot.slack.gateway import Message
from bot.slack.notes import refusal_note
from bot.slack.notices import operations_notice
from bot.store import audit, reviews
from bot.store.deliveries import Kind
from bot.store.leases import Leased
from bot.store.store import Store
from bot.store.transaction import Reading


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
