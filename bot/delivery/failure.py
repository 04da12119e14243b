"""Decide what to record after a failed attempt: try again, hold, give up, or reach the person another way. Pure."""

import dataclasses
from collections.abc import Callable
from typing import Any

from bot.delivery.call import Call
from bot.delivery.retry_policy import RetryDecision
from bot.reviews.reminders import DirectMessage, OverdueClaims, ReminderEnded
from bot.slack.api.call_results import CallResult, ResultKind
from bot.store.engine.transaction import Transaction
from bot.store.tables import leases, unreachable
from bot.store.tables.deliveries import Kind
from bot.store.tables.leases import EDIT_WINDOW_CLOSED, CardGone, GivenUp, Leased, NotShown

NOTE_TTL_S = 600.0
"""After ten minutes no one still wonders why a click did nothing."""

REPOST_EVERY_S = 3_600.0
"""A card whose edit window has closed is posted again at most this often."""

UNREACHABLE = frozenset({ResultKind.PERSON_UNREACHABLE, ResultKind.CHANNEL_WRONG})
"""What a message to one person fails with if that person cannot see it there."""

Record = tuple[Callable[[Transaction, Any], bool], GivenUp | CardGone | NotShown | Leased]
"""A command of the store, and its argument; it returns false if the lease was lost."""


def record_of(delivery: Leased, call: Call, step: RetryDecision, now: int) -> Record:
    """Choose how to record a failed attempt at `now` (milliseconds)."""
    result = call.result
    not_shown, given_up = _not_shown(delivery, call, step, now), GivenUp(delivery, result.cause, now)
    if delivery.kind is Kind.EPHEMERAL and result.kind in UNREACHABLE:
        return leases.send_directly, given_up
    if delivery.kind is Kind.REMINDER and delivery.message_ts is not None and step.repost:
        return leases.record_removed, delivery
    if _is_pointless(delivery, step, now):
        return leases.give_up, given_up
    if _is_personal(delivery) and result.kind in UNREACHABLE:
        return unreachable.give_reminder_to_leads, given_up
    card_ts = call.place.thread_ts if call.place else None
    if result.kind is ResultKind.PARENT_GONE and card_ts is not None:
        return leases.record_card_gone, CardGone(not_shown, card_ts)
    return leases.record_not_shown, not_shown


def wait_for_repost(delivery: Leased, call: Call, now: int) -> Call:
    """Let a card that can no longer be edited wait until it can be posted again; every other call stays as it is.

    The ids of Slack's messages are the seconds at which they were posted.
    """
    is_closed = call.result.error == EDIT_WINDOW_CLOSED
    if not is_closed or delivery.kind is not Kind.CARD or delivery.message_ts is None:
        return call
    wait_s = float(delivery.message_ts) + REPOST_EVERY_S - now / 1000
    if wait_s <= 0:
        return call
    waits = CallResult(ResultKind.WAIT, EDIT_WINDOW_CLOSED, retry_after_s=wait_s)
    return dataclasses.replace(call, result=waits, looking=True, resolved=True)


def _is_personal(delivery: Leased) -> bool:
    return delivery.kind is Kind.DIRECT_MESSAGE or isinstance(delivery.notification, OverdueClaims)


def _is_pointless(delivery: Leased, step: RetryDecision, now: int) -> bool:
    """Whether a message would arrive too late or never, or no channel is set: then only the log has its text.

    Opening a home tab requests it again. A former card points to the new one only as far as it can be edited, and the
    next reminder lists what an older one can't show.
    """
    match delivery.kind:
        case Kind.DIRECT_MESSAGE if isinstance(delivery.notification, DirectMessage):
            return False
        case Kind.DIRECT_MESSAGE if isinstance(delivery.notification, ReminderEnded):
            return step.held or step.repost
        case Kind.EPHEMERAL | Kind.HOME | Kind.DIRECT_MESSAGE:
            return step.held or now + step.retry_in_s * 1000 > delivery.wanted_at + NOTE_TTL_S * 1000
        case Kind.FORMER_CARD:
            return step.held or step.repost
        case Kind.REMINDER:
            return step.held and delivery.message_ts is not None
        case Kind.OPS_ALERT:
            return delivery.channel is None
        case _:
            return False


def _not_shown(delivery: Leased, call: Call, step: RetryDecision, now: int) -> NotShown:
    unresolved_since = delivery.unresolved_since if call.looking and not call.resolved else None
    if step.unresolved and not call.looking:
        unresolved_since = call.began_at
    return NotShown(
        delivery,
        repost=step.repost,
        due_at=now + int(step.retry_in_s * 1000),
        attempts=step.attempts,
        unresolved_since=unresolved_since,
        last_error=call.result.cause,
        held_at=now if step.held else None,
        now=now,
    )
