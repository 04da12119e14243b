"""Leases: which process can send a delivery now, and how its attempt ended. Recording requires the lease."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.reviews.decision_update import DecisionHeld
from bot.reviews.delivery_problems import DeliveryHeld, EditWindowClosed
from bot.reviews.notification_topics import ActionTopic
from bot.reviews.notifications import (
    ActionAnnouncement,
    Notification,
    OpsAlert,
)
from bot.reviews.reminders import OverdueClaims, OverdueInQueue
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables import held, reminders
from bot.store.tables.deliveries import UPDATES, URGENCIES, Kind, enqueue_ops_alert
from bot.store.tables.notification_codec import Unreadable, decode

EDIT_WINDOW_CLOSED = "edit_window_closed"
"""Slack's error for an update that comes later than the workspace allows."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that only this process can send until `lease_ends_at`; times are milliseconds.

    `unresolved_since` equals `leased_at` if this lease begins a post. An earlier time means that the outcome of an
    earlier attempt is unknown, so the bot must look in Slack before it posts again. `last_error` is how the attempt
    before this one failed. `replaced_ts` is the card's former message in Slack.
    """

    id: int
    kind: Kind
    review_id: int | None
    unique_key: str | None
    lane: str
    urgency: int
    channel: str | None
    recipient: str | None
    notification: Notification | Unreadable | None
    message_ts: str | None
    wanted_version: int
    wanted_at: int
    attempts: int
    unresolved_since: int | None
    last_error: str | None
    replaced_ts: str | None
    lease_token: str
    leased_at: int
    lease_ends_at: int

    @property
    def is_unresolved(self) -> bool:
        """Whether an earlier attempt may have left a message in Slack that we do not know of."""
        return self.unresolved_since is not None and self.unresolved_since < self.leased_at


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """Ask for at most `limit` deliveries of a lane, until `lease_ends_at`; the token is the proof of the lease.

    `channel` is where the lane's new messages go, None where each delivery knows its own.
    """

    lane: str
    channel: str | None
    limit: int
    lease_token: str
    now: int
    lease_ends_at: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Slack has the delivery: where, and which version it shows."""

    delivery: Leased
    channel: str | None
    message_ts: str | None
    version: int
    now: int


@dataclass(frozen=True, slots=True)
class NotShown:
    """Slack doesn't have it, or that is unknown; `held_at` is set when an operator must act.

    `repost` means that the message is gone from Slack and must be posted again.
    """

    delivery: Leased
    repost: bool
    due_at: int
    attempts: int
    unresolved_since: int | None
    last_error: str
    held_at: int | None
    now: int


@dataclass(frozen=True, slots=True)
class CardGone:
    """A reply found the card's message (`card_ts`) deleted; the reply itself is tried again as `not_shown` says."""

    not_shown: NotShown
    card_ts: str


@dataclass(frozen=True, slots=True)
class Renewal:
    """The holder of a lease begins a new attempt at `now` and needs it until `lease_ends_at` (milliseconds)."""

    delivery: Leased
    now: int
    lease_ends_at: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The delivery will not be sent as it is, found at `now` (milliseconds)."""

    delivery: Leased
    last_error: str
    now: int = 0


def is_escalation(delivery: Leased) -> bool:
    """Whether the delivery notifies the leads of an escalation."""
    notification = delivery.notification
    return isinstance(notification, ActionAnnouncement) and notification.topic is ActionTopic.ESCALATED


def lease(transaction: Transaction, request: LeaseRequest) -> list[Leased]:
    """Take what is due in a lane; what a person is waiting for comes first."""
    leased: list[Leased] = []
    for urgency in URGENCIES:
        rows = transaction.sql.lease_deliveries(
            transaction.connection,
            lane=request.lane,
            channel=request.channel,
            urgency=urgency,
            limit=request.limit - len(leased),
            lease_token=request.lease_token,
            lease_ends_at=request.lease_ends_at,
            now=request.now,
        )
        found = [leased_row(row, request) for row in rows]
        leased += sorted(found, key=lambda delivery: (delivery.wanted_at, delivery.id))
    return leased


def leased_row(row: Any, request: LeaseRequest) -> Leased:  # noqa: ANN401 - a driver's row
    """The delivery in a row that was leased by this request."""
    values = dict(row)
    values["kind"] = Kind(values["kind"])
    values["notification"] = decode(values.pop("arguments"))
    return Leased(
        **values,
        lease_token=request.lease_token,
        leased_at=request.now,
        lease_ends_at=request.lease_ends_at,
    )


def record_shown(transaction: Transaction, result: Shown) -> bool:
    """Record what Slack shows; false if the lease was lost, and then nothing is recorded."""
    delivery, reminder = result.delivery, result.delivery.notification
    recorded = transaction.sql.record_shown(
        transaction.connection,
        id=delivery.id,
        lease_token=delivery.lease_token,
        channel=result.channel,
        message_ts=result.message_ts,
        lane=UPDATES if delivery.kind in (Kind.CARD, Kind.REMINDER) else delivery.lane,
        version=result.version,
        now=result.now,
    )
    if recorded and delivery.last_error is not None and delivery.kind is not Kind.DECISION_WEBHOOK:
        # Its cause is gone, so the others that were held for it can follow.
        cause = held.Cause(delivery.channel, delivery.last_error)
        held.resume_by_cause(transaction, cause, delivery.lane, result.now)
    if recorded and is_escalation(delivery):
        # Only now the card can say that the leads were notified.
        transaction.sql.refresh_card(transaction.connection, review_id=delivery.review_id, now=result.now)
    if recorded and delivery.message_ts is None and isinstance(reminder, OverdueInQueue | OverdueClaims):
        reminders.remove_former(transaction, reminder, result.now)
    return bool(recorded)


def record_removed(transaction: Transaction, delivery: Leased) -> bool:
    """Record that a reminder's message is gone from Slack and stays gone; false if the lease was lost."""
    removed = transaction.sql.remove_reminder(
        transaction.connection, id=delivery.id, lease_token=delivery.lease_token
    )
    return bool(removed)


def record_not_shown(transaction: Transaction, result: NotShown) -> bool:
    """Record when to try again, or hold the delivery and alert the operations channel; false if the lease was lost.

    A delivery that was resumed and is held again with the same error needs no second alert.
    """
    delivery = result.delivery
    recorded = transaction.sql.record_not_shown(
        transaction.connection,
        id=delivery.id,
        lease_token=delivery.lease_token,
        repost=int(result.repost),
        due_at=result.due_at,
        attempts=result.attempts,
        unresolved_since=result.unresolved_since,
        last_error=result.last_error,
        held_at=result.held_at,
    )
    if recorded and result.last_error == EDIT_WINDOW_CLOSED:
        enqueue_ops_alert(transaction, EditWindowClosed(delivery.channel), result.now)
    is_known = delivery.attempts == 0 and delivery.last_error == result.last_error
    if recorded and result.held_at is not None and delivery.kind is not Kind.OPS_ALERT and not is_known:
        # An alert about an alert that cannot be delivered would only be the next one to be held.
        enqueue_ops_alert(transaction, _held_alert(delivery, result.last_error), result.now)
    return bool(recorded)


def _held_alert(delivery: Leased, error: str) -> OpsAlert:
    if delivery.kind is Kind.DECISION_WEBHOOK:
        return DecisionHeld(error)
    return DeliveryHeld(delivery.channel, error)


def record_card_gone(transaction: Transaction, result: CardGone) -> bool:
    """Post the card again, and let the reply wait for it; false if the lease was lost."""
    recorded = record_not_shown(transaction, result.not_shown)
    if recorded:
        transaction.sql.repost_card(
            transaction.connection,
            review_id=result.not_shown.delivery.review_id,
            message_ts=result.card_ts,
            now=result.not_shown.now,
        )
    return recorded


def send_directly(transaction: Transaction, refused: GivenUp) -> bool:
    """Send a direct message instead of an ephemeral one; false if the lease was lost."""
    transaction.wakes_delivery_worker = True
    recorded = transaction.sql.send_directly(
        transaction.connection,
        id=refused.delivery.id,
        lease_token=refused.delivery.lease_token,
        last_error=refused.last_error,
        now=refused.now,
    )
    return bool(recorded)


def renew(transaction: Transaction, renewal: Renewal) -> bool:
    """Extend the lease for another attempt; false if it was lost, and then nothing can be sent any more."""
    renewed = transaction.sql.renew_lease(
        transaction.connection,
        id=renewal.delivery.id,
        lease_token=renewal.delivery.lease_token,
        now=renewal.now,
        lease_ends_at=renewal.lease_ends_at,
    )
    return bool(renewed)


def give_up(transaction: Transaction, given_up: GivenUp) -> bool:
    """Stop trying for good; false if the lease was lost."""
    recorded = transaction.sql.give_up(
        transaction.connection,
        id=given_up.delivery.id,
        lease_token=given_up.delivery.lease_token,
        last_error=given_up.last_error,
    )
    return bool(recorded)


async def next_due(reading: Reading, lanes: Sequence[str]) -> dict[str, int]:
    """When each lane's next delivery may be tried (milliseconds); lanes with nothing pending are left out."""
    rows = reading.sql.next_due(reading.connection, lanes=json.dumps(list(lanes)))
    return {row["lane"]: row["due_at"] async for row in rows if row["due_at"] is not None}
