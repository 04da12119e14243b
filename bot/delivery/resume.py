"""Held deliveries resume by themselves: after every health check, one of each cause that could be gone is tried again.

If it succeeds, `leases.record_shown` resumes the others with the same cause. If not, it is held again.
"""

import structlog

from bot.clock import Clock
from bot.delivery.move_cards import CardMoves
from bot.slack.api.call_results import ResultKind, kind_of
from bot.slack.api.health import SlackHealth
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import held
from bot.store.tables.held import Cause

NEED_A_CHANGE = frozenset({"bot_error", "unreadable_notification"})
"""Only another version of the bot, or of the review, helps."""

_log = structlog.get_logger(__name__)


class HeldDeliveries:
    """Tries held deliveries again, until cancelled."""

    def __init__(self, store: Store, health: SlackHealth, moves: CardMoves, clock: Clock) -> None:
        self._store = store
        self._health = health
        self._moves = moves
        self._clock = clock

    async def run(self) -> None:
        """Probe after every check of Slack's health."""
        while True:
            await self._health.next_check()
            try:
                await self.probe()
            except StoreUnavailable as error:
                _log.warning("held_deliveries_not_resumed", error=str(error))

    async def probe(self) -> None:
        """Resume one delivery for each cause that could be gone; cards whose queue has moved are posted there."""
        if self._health.token_refused:
            return
        await self._moves.repost_held()
        found = await self._store.read(held.probes)
        ids = [probe.id for probe in found if self._could_be_gone(probe.cause)]
        if ids and (count := await self._store.write(held.resume, (ids, self._clock()))):
            _log.info("held_deliveries_resumed", count=count)

    def _could_be_gone(self, cause: Cause) -> bool:
        if cause.error in NEED_A_CHANGE:
            return False
        match kind_of(cause.error):
            case ResultKind.PAYLOAD_WRONG:
                return False
            case ResultKind.CHANNEL_WRONG:
                return cause.channel not in self._health.channel_problems
            case ResultKind.PERMISSION_MISSING:
                return not self._health.lacks_permission(cause.error)
            case _:
                return True
