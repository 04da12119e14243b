"""The outbox: cards and one-off messages on their way to Slack. `leases` has the rest of their life.

`decision_webhook` queues and leases what goes to the decision webhook instead.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from bot.reviews.audit_reports import AuditBroken, HeadNoted
from bot.reviews.delivery_problems import CardMoved, EditWindowClosed, PersonUnreachable
from bot.reviews.notifications import (
    ActionAnnouncement,
    ActionOutcome,
    DailyDigest,
    Notification,
    OpsAlert,
    ThreadReply,
    is_hand_over,
)
from bot.reviews.reminders import DirectMessage
from bot.reviews.review import Review
from bot.store.engine.bulk import write_rows
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables.notification_codec import decode, encode

PERSON_WAITS = 0
BACKGROUND = 1
AFTER_CARDS = 2
URGENCIES = (PERSON_WAITS, BACKGROUND, AFTER_CARDS)
"""What a person waits for is sent before the backlog, and a new card before replies about the older ones."""

UPDATES = "update"
PRIVATE = "private"
HOMES = "home"
DIRECT = "direct"
OPERATIONS = "post:operations"
DECISIONS = "decisions"


def posts(queue: str) -> str:
    """The lane of the queue's new cards. Deliveries of one lane share one rate limit."""
    return f"post:{queue}"


class Kind(StrEnum):
    """What a delivery is."""

    CARD = "card"
    EPHEMERAL = "private_note"
    OPS_ALERT = "operations_notice"
    THREAD_REPLY = "thread_note"
    HOME = "home"
    DIRECT_MESSAGE = "direct_message"
    DIGEST = "digest"
    DECISION_WEBHOOK = "decision_webhook"
    FORMER_CARD = "former_card"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many deliveries are pending (`oldest_at`: since when, milliseconds) and held."""

    pending: int
    oldest_at: int | None
    held: int


def enqueue_cards(transaction: Transaction, reviews: Sequence[Review], now: int, urgency: int) -> None:
    """Queue the cards of these reviews, in their newest version."""
    rows = [
        (Kind.CARD, review.id, posts(review.queue), urgency, "{}", review.version, 0, now, now, 0)
        for review in reviews
    ]
    if rows:
        transaction.wakes_delivery_worker = True
        write_rows(transaction, "enqueue_cards", rows)


def enqueue_ephemeral(
    transaction: Transaction, channel: str, person: str, outcome: ActionOutcome | CardMoved, now: int
) -> None:
    """Queue an ephemeral message: it appears in the channel, for this person alone.

    It replaces the person's unsent one there, so no one can keep other people waiting for their messages.
    """
    newest = {"arguments": encode(outcome), "now": now, "recipient": person, "channel": channel}
    if transaction.sql.replace_unsent_ephemeral(transaction.connection, **newest):
        return
    _enqueue(
        transaction,
        kind=Kind.EPHEMERAL,
        lane=PRIVATE,
        urgency=PERSON_WAITS,
        channel=channel,
        recipient=person,
        notification=outcome,
        now=now,
    )


def enqueue_thread_reply(
    transaction: Transaction, review: Review, reply: ThreadReply, now: int, key: str = ""
) -> None:
    """Queue a reply in the thread under the review's card; once for each key, or version of the review.

    Only the newest reply about who has the review is sent, to everyone whom the unsent ones concern: the audit has all.
    """
    if is_hand_over(reply):
        reply = _with_unsent(transaction, review, reply)
    _enqueue(
        transaction,
        kind=Kind.THREAD_REPLY,
        review_id=review.id,
        unique_key=f"thread:{review.session_id}:{key or review.version}",
        lane=posts(review.queue),
        urgency=AFTER_CARDS,
        notification=reply,
        now=now,
    )


def _with_unsent(transaction: Transaction, review: Review, reply: ActionAnnouncement) -> ActionAnnouncement:
    """The reply, also to the people whom the unsent replies that it replaces concern."""
    found = transaction.sql.unsent_replies(transaction.connection, review_id=review.id)
    older = [(row["id"], each) for row in found if is_hand_over(each := decode(row["arguments"]))]
    if not older:
        return reply
    transaction.sql.drop_unsent(transaction.connection, [{"id": id_} for id_, _ in older])
    concerned = (*reply.to, *(person for _, each in reversed(older) for person in each.to))
    to = tuple(dict.fromkeys(person for person in concerned if person != reply.actor))
    return replace(reply, to=to)


def enqueue_direct_message(
    transaction: Transaction, review: Review, person: str, message: DirectMessage, now: int, key: str
) -> None:
    """Queue a direct message about a review to one person; once for each key, and one pending for each topic."""
    if _replace_pending(transaction, review, f"direct:{review.session_id}:{message.topic}:", person, message):
        return
    _enqueue(
        transaction,
        kind=Kind.DIRECT_MESSAGE,
        review_id=review.id,
        unique_key=f"direct:{review.session_id}:{key}",
        lane=DIRECT,
        urgency=BACKGROUND,
        recipient=person,
        notification=message,
        now=now,
    )


def _replace_pending(
    transaction: Transaction, review: Review, prefix: str, person: str | None, notification: Notification
) -> bool:
    """Let a pending message whose key begins so say this instead; whether there is one."""
    replaced = transaction.sql.replace_pending(
        transaction.connection,
        review_id=review.id,
        prefix=prefix,
        recipient=person,
        arguments=encode(notification),
    )
    return bool(replaced)


def enqueue_digest(transaction: Transaction, digest: DailyDigest, day: str, now: int) -> None:
    """Queue the digest of a day (ISO 8601), once."""
    _enqueue(
        transaction,
        kind=Kind.DIGEST,
        unique_key=digest_key(digest.queue, day),
        lane=posts(digest.queue),
        urgency=BACKGROUND,
        notification=digest,
        now=now,
    )


def digest_key(queue: str, day: str) -> str:
    """The key of a queue's digest of a day (ISO 8601)."""
    return f"digest:{queue}:{day}"


def enqueue_home_tab(transaction: Transaction, person: str, outcome: ActionOutcome | None, now: int) -> None:
    """Queue the person's home tab, with the outcome of their last action there above it.

    What `expand_home_list` chose stays.
    """
    transaction.wakes_delivery_worker = True
    transaction.sql.enqueue_home_tab(
        transaction.connection,
        unique_key=_home_of(person),
        lane=HOMES,
        recipient=person,
        arguments=encode(outcome),
        now=now,
    )


def expand_home_list(transaction: Transaction, person: str, expanded: str | None) -> None:
    """Choose which list the person's home tab shows in full, and from where; None for none."""
    transaction.sql.expand_home_list(transaction.connection, unique_key=_home_of(person), expanded=expanded)


async def expanded_list(reading: Reading, person: str) -> str | None:
    """Which list the person's home tab shows in full, and from where."""
    row = await reading.sql.expanded_list(reading.connection, unique_key=_home_of(person))
    return row["expanded"] if row is not None else None


def refresh_homes(transaction: Transaction, people: Iterable[str], now: int) -> None:
    """Queue the home tabs of these people again. People who never opened theirs have none."""
    rows = [{"unique_key": _home_of(person), "now": now} for person in people]
    transaction.sql.refresh_home(transaction.connection, rows)


def refresh_open_homes(transaction: Transaction, since: int, now: int) -> int:
    """Queue the home tabs that were used since a time (milliseconds), after those that a person waits for."""
    refreshed = transaction.sql.refresh_open_homes(transaction.connection, since=since, now=now)
    transaction.wakes_delivery_worker |= bool(refreshed)
    return int(refreshed)


async def has_open_homes(reading: Reading, since: int) -> bool:
    """Whether any home tab was used since a time (milliseconds)."""
    row = await reading.sql.has_open_homes(reading.connection, since=since)
    return bool(row["found"])


def _home_of(person: str) -> str:
    return f"home:{person}"


def enqueue_ops_alert(transaction: Transaction, alert: OpsAlert, now: int) -> None:
    """Queue an alert for the operations channel; at most one per hour, or per day, for each problem."""
    is_daily = isinstance(alert, EditWindowClosed | PersonUnreachable | HeadNoted | AuditBroken)
    period = "%Y-%m-%d" if is_daily else "%Y-%m-%dT%H"
    hour = datetime.fromtimestamp(now / 1000, UTC).strftime(period)
    _enqueue(
        transaction,
        kind=Kind.OPS_ALERT,
        unique_key=f"{alert.problem}:{hour}",
        lane=OPERATIONS,
        urgency=BACKGROUND,
        notification=alert,
        now=now,
    )


def _enqueue(  # noqa: PLR0913 - the columns of one row
    transaction: Transaction,
    *,
    kind: Kind,
    lane: str,
    urgency: int,
    notification: Notification,
    now: int,
    review_id: int | None = None,
    unique_key: str | None = None,
    channel: str | None = None,
    recipient: str | None = None,
) -> None:
    row = {
        "kind": kind,
        "review_id": review_id,
        "unique_key": unique_key,
        "lane": lane,
        "urgency": urgency,
        "channel": channel,
        "recipient": recipient,
        "arguments": encode(notification),
        "now": now,
    }
    transaction.wakes_delivery_worker = True
    transaction.sql.want_message(transaction.connection, [row])


async def backlog(reading: Reading) -> Backlog:
    """How many deliveries are pending and held."""
    row = await reading.sql.backlog(reading.connection)
    return Backlog(pending=row["pending"], oldest_at=row["oldest_at"], held=row["held"])


async def alerts_since(reading: Reading, prefix: str, since: int) -> int:
    """How many alerts whose problem begins so were queued since a time (milliseconds)."""
    row = await reading.sql.alerts_since(
        reading.connection, prefix=prefix, after=f"{prefix}zzzz", since=since
    )
    return int(row["found"])


def requeue(transaction: Transaction, delivery_id: int | None, now: int) -> int:
    """Make one held delivery due again, or all if `delivery_id` is None; returns how many."""
    transaction.wakes_delivery_worker = True
    return int(transaction.sql.requeue_deliveries(transaction.connection, id=delivery_id, now=now))
