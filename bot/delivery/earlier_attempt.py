"""What an earlier attempt with an unknown outcome left in Slack: the message itself, or a reply without its card."""

import structlog

from bot.clock import Clock
from bot.delivery.call import Call
from bot.delivery.find_posted import ChannelSearch, Window
from bot.delivery.removal import CANNOT_BE_DELETED
from bot.delivery.render import Renderer
from bot.delivery.retry_policy import LEASE_S
from bot.reviews.reminders import ReminderEnded
from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import Place, SlackClient
from bot.store.tables.deliveries import Kind
from bot.store.tables.leases import Leased

_log = structlog.get_logger(__name__)


class EarlierAttempts:
    """Finds out what earlier attempts left, and deletes stray replies."""

    def __init__(
        self, slack_client: SlackClient, search: ChannelSearch, renderer: Renderer, clock: Clock
    ) -> None:
        self._slack_client = slack_client
        self._search = search
        self._renderer = renderer
        self._clock = clock

    async def find(self, delivery: Leased) -> Call | None:
        """Search Slack for what an earlier attempt posted; None if it certainly left nothing."""
        began_at = self._clock()
        since = delivery.unresolved_since or began_at
        window = Window(since, since + int(LEASE_S * 1000))
        key = await self._renderer.key(delivery)
        place = await self._renderer.place(delivery)
        if delivery.kind is Kind.THREAD_REPLY:
            return await self._look_for_reply(delivery, place, key, window, began_at)
        if place is None:
            return None
        # By the window's end the earlier attempt has settled, so any reading that began later is good enough.
        settled_at = min(delivery.leased_at, window.end)
        found = await self._search.find(place, key, window, settled_at, delivery.replaced_ts)
        if found is None:
            return None
        if isinstance(found, CallResult):
            # Nothing was sent, and the outcome of the earlier attempt is still unknown.
            return Call(found, 0, began_at, looking=True)
        return _found(delivery, place, found, began_at)

    async def _look_for_reply(
        self, delivery: Leased, place: Place | None, key: str, window: Window, began_at: int
    ) -> Call | None:
        """Search the card's thread, and then the channel: Slack posts replies to a deleted card at top level.

        A reply that is found there is deleted, and sent again under its card.
        """
        settled_at = min(delivery.leased_at, window.end)
        in_thread = None if place is None else await self._search.find(place, key, window, settled_at)
        if place is not None and isinstance(in_thread, str):
            return _found(delivery, place, in_thread, began_at)
        is_parent_gone = isinstance(in_thread, CallResult) and in_thread.kind is ResultKind.PARENT_GONE
        if isinstance(in_thread, CallResult) and not is_parent_gone:
            return Call(in_thread, 0, began_at, looking=True)
        channel = place.channel if place else delivery.channel
        if channel is None:
            return None
        stray = await self._search.find(Place(channel), key, window, settled_at)
        if isinstance(stray, CallResult):
            return Call(stray, 0, began_at, looking=True)
        if stray is not None:
            deleted = await self.delete_stray(channel, stray)
            if deleted.kind is not ResultKind.PARENT_GONE:
                return Call(deleted, 0, began_at, looking=True)
        if not is_parent_gone:
            return None
        gone = CallResult(ResultKind.PARENT_GONE, "card_deleted")
        return Call(gone, 0, began_at, looking=True, resolved=True, place=place)

    async def delete_stray(self, channel: str, ts: str) -> CallResult:
        """Delete a reply that Slack posted at top level because its card was deleted."""
        _log.warning("stray_reply_found", ts=ts)
        deleted = await self._slack_client.delete(channel, ts)
        is_settled = deleted.kind in (ResultKind.DONE, ResultKind.MESSAGE_GONE)
        # One that can't be deleted stays; it names its review, as every reply does.
        if is_settled or deleted.error in CANNOT_BE_DELETED:
            return CallResult(ResultKind.PARENT_GONE, "card_deleted")
        # The next attempt finds the stray by its key.
        return CallResult(ResultKind.UNKNOWN, f"stray_not_deleted:{deleted.error}")


def _found(delivery: Leased, place: Place, ts: str, began_at: int) -> Call:
    """An earlier attempt posted this. A card, or a message that has ended meanwhile, shows an unknown version (0).

    The next attempt updates it.
    """
    _log.info("posted_message_found", ts=ts)
    answer = {"ts": ts, "channel": place.channel}
    is_unknown = delivery.kind in (Kind.CARD, Kind.REMINDER) or isinstance(
        delivery.notification, ReminderEnded
    )
    version = 0 if is_unknown else delivery.wanted_version
    return Call(CallResult(ResultKind.DONE, answer=answer), version, began_at, looking=True)
