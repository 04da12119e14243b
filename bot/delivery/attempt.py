"""One attempt at one delivery: search for what an earlier attempt left, render, send, record the result."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from structlog.contextvars import bound_contextvars

from bot.clock import Clock
from bot.delivery.call import Call
from bot.delivery.earlier_attempt import EarlierAttempts
from bot.delivery.failure import record_of, wait_for_repost
from bot.delivery.find_posted import ChannelSearch
from bot.delivery.removal import Removal, remove
from bot.delivery.render import (
    CannotBeReached,
    NoLongerTrue,
    Rendered,
    Renderer,
    UnreadableNotification,
    plain_form,
)
from bot.delivery.retry_policy import (
    CARD_WAIT_S,
    LEASE_S,
    SETTLE_S,
    START_LIMIT_S,
    RetryPolicy,
)
from bot.outage_log import OutageLog
from bot.reviews.notifications import session_of
from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import Message, Place, SlackClient
from bot.slack.api.health import SlackHealth
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import leases
from bot.store.tables.deliveries import Kind
from bot.store.tables.leases import GivenUp, Leased, Renewal, Shown
from bot.store.tables.notification_codec import Unreadable

OUTAGES = frozenset({ResultKind.UNKNOWN, ResultKind.AWAY, ResultKind.OUTAGE})
"""What a call ends with while Slack is down; one that was cut off can be the first of many."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What an attempt shows about its lane: how it ended (None: no call was made), and how many calls it took.

    `wait_until` is the time before which Slack asked the lane not to call (milliseconds, 0: it did not ask).
    """

    kind: ResultKind | None
    wait_until: int = 0
    calls: int = 1


class Attempts:
    """Sends leased deliveries. Only the holder of the lease can send and record; everyone else stops silently.

    `told` is given each attempt's kind, how it ended, and the seconds since Slack was to show it.
    """

    def __init__(
        self,
        store: Store,
        slack_client: SlackClient,
        search: ChannelSearch,
        health: SlackHealth,
        renderer: Renderer,
        clock: Clock,
        told: Callable[[str, str, float], None] = lambda _kind, _result, _since_s: None,
    ) -> None:
        self._store = store
        self._slack_client = slack_client
        self._earlier = EarlierAttempts(slack_client, search, renderer, clock)
        self._health = health
        self._renderer = renderer
        self._clock = clock
        self._retry_policy = RetryPolicy()
        self._told = told
        self._outages: dict[str, OutageLog] = {}
        """By lane: one can fail while the others work."""

    async def attempt(self, delivery: Leased, random: float) -> AttemptResult:
        """Try once, and note how it ended; every line in the log meanwhile has the delivery and its review."""
        with bound_contextvars(
            delivery=delivery.id,
            kind=delivery.kind,
            review=delivery.review_id,
            session_id=_session_of(delivery),
        ):
            return await self._attempt(delivery, random)

    async def _attempt(self, delivery: Leased, random: float) -> AttemptResult:
        try:
            call = await self._call(delivery)
        except StoreUnavailable:
            raise
        except NoLongerTrue:
            _log.info("delivery_dropped")
            await self._store.write(leases.give_up, GivenUp(delivery, "no_longer_true"))
            return AttemptResult(None)
        except CannotBeReached as unreachable:
            refused = Call(unreachable.result, 0, self._clock(), looking=True, resolved=True)
            await self._note_not_shown(delivery, refused, random)
            return AttemptResult(None)
        except UnreadableNotification:
            # An operator can requeue it once a version runs that can read it.
            unreadable = CallResult(ResultKind.PAYLOAD_WRONG, "unreadable_notification")
            await self._note_not_shown(delivery, Call(unreadable, 0, self._clock(), looking=True), random)
            return AttemptResult(None)
        except Exception:  # noqa: BLE001 - whatever it is, the delivery ends
            # A fault of ours before anything was sent: it counts as an attempt, so that it ends and is seen.
            _log.exception("delivery_crashed")
            fault = Call(CallResult(ResultKind.NOT_DONE, "bot_error"), 0, self._clock(), looking=True)
            await self._note_not_shown(delivery, fault, random)
            return AttemptResult(None)
        if call is None:
            _log.warning("lease_lost")
            return AttemptResult(None)
        wait_until = 0
        if call.result.kind is ResultKind.DONE:
            self._outage(delivery.lane).recovered(lane=delivery.lane)
            await self._note_shown(delivery, call)
            _log.info("delivery_succeeded", version=call.version)
        else:
            wait_until = await self._note_not_shown(delivery, call, random)
        return AttemptResult(call.result.kind, wait_until, call.sent)

    async def _call(self, delivery: Leased) -> Call | None:
        """Search if an earlier attempt is unresolved, then send; None if the lease was lost meanwhile."""
        if delivery.is_unresolved:
            found = await self._earlier.find(delivery)
            if found is not None:
                return found
            renewed = await self._renewed(delivery)
            if renewed is None:
                return None
            delivery = renewed
        rendered = await self._renderer.render(delivery)
        if rendered is None:
            # A reply in the thread of a card that Slack does not have now: it waits for the card.
            waits = CallResult(ResultKind.WAIT, "card_not_posted", retry_after_s=CARD_WAIT_S)
            return Call(waits, 0, self._clock(), looking=True, resolved=True)
        call = await self._send_in_time(delivery, rendered)
        if call is not None and call.result.kind is ResultKind.THREAD_CLOSED and rendered.place is not None:
            return await self._send_to_channel(delivery, rendered, rendered.place.channel, call)
        is_refused = call is not None and call.result.kind is ResultKind.PAYLOAD_WRONG
        if call is None or not is_refused or not isinstance(rendered.content, Message):
            return call
        return await self._send_plain(delivery, rendered, rendered.content, call)

    async def _send_in_time(self, delivery: Leased, rendered: Rendered) -> Call | None:
        began_at = self._clock()
        if began_at > delivery.lease_ends_at - int((LEASE_S - START_LIMIT_S) * 1000):
            return None
        result = await self._send(delivery, rendered)
        removed = isinstance(rendered.content, Removal)
        return Call(result, rendered.version, began_at, place=rendered.place, removed=removed)

    async def _send_plain(
        self, delivery: Leased, rendered: Rendered, message: Message, refused: Call
    ) -> Call | None:
        """Slack refuses the message as it is: the same facts once more, as plain as can be.

        The refusal is certain, so there is nothing to search for; the second call gets a full lease of its own.
        """
        _log.warning("payload_refused", error=refused.result.error, details=refused.result.details)
        renewed = await self._renewed(delivery)
        if renewed is None:
            return None
        plain = dataclasses.replace(rendered, content=plain_form(message, refused.result.error))
        call = await self._send_in_time(renewed, plain)
        return call and dataclasses.replace(call, sent=2)

    async def _send_to_channel(
        self, delivery: Leased, rendered: Rendered, channel: str, refused: Call
    ) -> Call | None:
        """The card's thread accepts no replies: send this one to the channel. It names its review."""
        _log.warning("thread_reply_refused", error=refused.result.error)
        renewed = await self._renewed(delivery)
        if renewed is None:
            return None
        in_channel = dataclasses.replace(rendered, place=Place(channel), is_broadcast=False)
        call = await self._send_in_time(renewed, in_channel)
        return call and dataclasses.replace(call, sent=2)

    async def _renewed(self, delivery: Leased) -> Leased | None:
        """The question about the earlier attempt is answered: begin a new one, or None when the lease was lost."""
        now = self._clock()
        lease_ends_at = now + int(LEASE_S * 1000)
        if not await self._store.write(leases.renew, Renewal(delivery, now, lease_ends_at)):
            return None
        return dataclasses.replace(delivery, unresolved_since=now, lease_ends_at=lease_ends_at)

    async def _send(self, delivery: Leased, rendered: Rendered) -> CallResult:
        content, place = rendered.content, rendered.place
        if not isinstance(content, Message | Removal):
            return await self._slack_client.publish_home(delivery.recipient or "", content)
        if place is None:
            return CallResult(ResultKind.CHANNEL_WRONG, "no_channel_configured")
        if isinstance(content, Removal):
            return await remove(self._slack_client, place, delivery.message_ts or "", content)
        if delivery.kind is Kind.EPHEMERAL:
            return await self._slack_client.post_ephemeral(place.channel, delivery.recipient or "", content)
        if delivery.message_ts is not None:
            return await self._slack_client.update(place.channel, delivery.message_ts, content)
        result = await self._slack_client.post(place, content, is_broadcast=rendered.is_broadcast)
        if result.kind is ResultKind.DONE and not isinstance(result.answer.get("ts"), str):
            return CallResult(ResultKind.UNKNOWN, "answer_without_ts")
        if result.kind is ResultKind.DONE and place.thread_ts is not None and _is_stray(result):
            return await self._earlier.delete_stray(place.channel, result.answer["ts"])
        return result

    async def _note_shown(self, delivery: Leased, call: Call) -> None:
        answer = call.result.answer
        shown = Shown(
            delivery,
            channel=answer.get("channel") or delivery.channel,
            message_ts=delivery.message_ts or answer.get("ts"),
            version=call.version,
            now=self._clock(),
        )
        if call.removed:
            recorded = await self._store.write(leases.record_removed, delivery)
        else:
            recorded = await self._store.write(leases.record_shown, shown)
        if not recorded:
            _log.warning("lease_lost")
        if delivery.last_error is not None:
            self._health.has_permission(delivery.last_error)
        self._tell(delivery, call.result.kind)

    async def _note_not_shown(self, delivery: Leased, call: Call, random: float) -> int:
        """Record the next step; returns the time until which Slack asked the lane to wait, or 0."""
        now = self._clock()
        call = wait_for_repost(delivery, call, now)
        result = call.result
        match result.kind:
            case ResultKind.TOKEN_WRONG:
                self._health.refuse_token(result.error)
            case ResultKind.PERMISSION_MISSING:
                self._health.miss_permission(result.cause)
            case ResultKind.CHANNEL_WRONG:
                self._health.doubt_channel()
            case _:
                pass
        # A look sends nothing, so nothing needs to settle.
        began_s_ago = SETTLE_S if call.looking else (now - call.began_at) / 1000
        step = self._retry_policy.decide(result, delivery.attempts, began_s_ago, random)
        self._log_failure(
            delivery,
            call,
            "delivery_held" if step.held else "delivery_failed",
            error=result.cause,
            details=result.details or None,
            result=result.kind,
            attempts=step.attempts,
            retry_in_s=round(step.retry_in_s, 1),
        )
        command, argument = record_of(delivery, call, step, now)
        noted = await self._store.write(command, argument)
        if not noted:
            _log.warning("lease_lost")
        self._tell(delivery, "held" if step.held else result.kind)
        is_asked_to_wait = result.kind is ResultKind.WAIT and not call.looking
        return now + int(step.retry_in_s * 1000) if is_asked_to_wait else 0

    def _log_failure(self, delivery: Leased, call: Call, event: str, **fields: object) -> None:
        """Log a failure that says something new: an outage is two lines, and waiting for the card is none."""
        outage = self._outage(delivery.lane)
        if call.result.kind in OUTAGES:
            outage.failed(lane=delivery.lane, error=call.result.cause)
        elif not call.looking:
            outage.recovered(lane=delivery.lane)
        is_held = event == "delivery_held"
        is_quiet = call.result.kind in OUTAGES or (call.looking and call.result.kind is ResultKind.WAIT)
        log = _log.debug if is_quiet and not is_held else _log.warning
        log(event, **fields)

    def _outage(self, lane: str) -> OutageLog:
        return self._outages.setdefault(lane, OutageLog(_log, "slack_away", "slack_back"))

    def _tell(self, delivery: Leased, result: str) -> None:
        self._told(delivery.kind, result, (self._clock() - delivery.wanted_at) / 1000)


def _is_stray(result: CallResult) -> bool:
    """Whether Slack posted a reply at top level: then its answer shows a message without `thread_ts`."""
    message = result.answer.get("message")
    return isinstance(message, Mapping) and not message.get("thread_ts")


def _session_of(delivery: Leased) -> str | None:
    notification = delivery.notification
    return None if isinstance(notification, Unreadable) else session_of(notification)
