"""A queue got another channel: the cards of its reviews in progress are posted again there.

The channels come from the settings, so they change only between two starts. Shortly after a start an instance with the
old settings can still be running and post into the old channel: the second pass moves those cards.
"""

import asyncio
from collections.abc import Mapping

import structlog

from bot.clock import Clock
from bot.outage_log import OutageLog
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import cards
from bot.store.tables.cards import QueueChannel

PAGE = 50
SECOND_PASS_S = 300.0
AGAIN_S = 1.0

_log = structlog.get_logger(__name__)


class CardMoves:
    """Moves cards to their queue's channel. `channels` names the channel of each queue's cards."""

    def __init__(self, store: Store, channels: Mapping[str, str], clock: Clock) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock

    async def run(self) -> None:
        """Move what is elsewhere now, and again after a while."""
        await self._move_all()
        await asyncio.sleep(SECOND_PASS_S)
        await self._move_all()

    async def _move_all(self) -> None:
        outage = OutageLog(_log, "card_moves_postponed", "card_moves_resumed")
        while True:
            try:
                await self._move_once()
            except StoreUnavailable as error:
                outage.failed(error=str(error))
                await asyncio.sleep(AGAIN_S)
            else:
                outage.recovered()
                return

    async def repost_held(self) -> None:
        """Post held cards again that are stuck in a channel which is no longer their queue's."""
        for to in self._destinations():
            while await self._store.write(cards.repost_held_cards, (to, PAGE)) == PAGE:
                pass

    async def _move_once(self) -> None:
        for to in self._destinations():
            moved = 0
            while count := await self._store.write(cards.move_cards, (to, PAGE)):
                moved += count
            if moved:
                _log.info("cards_moved", queue=to.queue, channel=to.channel, count=moved)

    def _destinations(self) -> list[QueueChannel]:
        return [QueueChannel(queue, channel, self._clock()) for queue, channel in self._channels.items()]
