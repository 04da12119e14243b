"""Reminders: when the next one of a queue or a holder is due, what it lists, and its message in Slack.

A queue has one message in its channel, and a person with overdue claims one direct message. Each reminder is a delivery
of its own, drawn again while its list changes; once a newer one is in Slack, it is removed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.reviews.reminder_schedule import next_reminder
from bot.reviews.reminders import LEADS, REVIEWERS, OverdueClaims, OverdueInQueue, OverdueReminder
from bot.reviews.review import Review, Status
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables.deliveries import BACKGROUND, DIRECT, Kind, posts
from bot.store.tables.notification_codec import decode, encode
from bot.store.tables.reviews import ListedReview, listed

PAGE = 20
"""Reviews that a reminder lists at most."""

AUDIENCES = (REVIEWERS, LEADS)


@dataclass(frozen=True, slots=True)
class Overdue:
    """What a reminder lists: at most PAGE of `total` reviews. Of `for_leads`, the leads were notified."""

    for_leads: Sequence[ListedReview] = ()
    others: Sequence[ListedReview] = ()
    total: int = 0

    @property
    def listed(self) -> Sequence[ListedReview]:
        """All of them, those of the leads first."""
        return (*self.for_leads, *self.others)

    def concerns(self, audience: str) -> bool:
        """Whether it lists something for this audience; a person has a list of their own."""
        match audience:
            case "leads":
                return bool(self.for_leads)
            case "reviewers":
                return any(each.review.status in (Status.OPEN, Status.PROPOSED) for each in self.listed)
            case _:
                return bool(self.total)


@dataclass(frozen=True, slots=True)
class Due:
    """Reminders of a queue that are due at `now` (milliseconds): in its channel, or to one person."""

    queue: str
    audiences: tuple[str, ...]
    now: int


@dataclass(frozen=True, slots=True)
class Posted:
    """Whether a reminder's message is the newest of its kind in Slack, and whether a newer one is on its way."""

    is_newest: bool
    is_followed: bool


def want(transaction: Transaction, wanted: Iterable[tuple[str, str]], now: int) -> None:
    """Plan reminders that are wanted from `now` on (milliseconds), by queue and audience."""
    sql, connection = transaction.sql, transaction.connection
    for queue, audience in sorted(wanted):
        row = sql.last_reminder(connection, queue=queue, audience=audience)
        last_at = None if row is None else row["last_at"]
        due_at = next_reminder(last_at, now, transaction.policy(queue).deadlines)
        sql.want_reminder(connection, queue=queue, audience=audience, due_at=due_at)


def want_leads(transaction: Transaction, reviews: Iterable[Review], now: int) -> None:
    """Notify the leads of these reviews at `now` (milliseconds), before they would be escalated to them."""
    queues = set[str]()
    for review in reviews:
        since = review.status_since or review.opened_at or now
        transaction.sql.escalation_fired(transaction.connection, review_id=review.id, since=since, now=now)
        queues.add(review.queue)
    want(transaction, [(queue, LEADS) for queue in queues], now)


def claims_of(transaction: Transaction, queue: str, person: str, now: int) -> list[Review]:
    """The claims of a person in a queue that are overdue at `now` (milliseconds), at most PAGE."""
    return [each.review for each in _overdue(transaction, queue, person, now).listed]


async def wanted(reading: Reading) -> dict[str, dict[str, int]]:
    """When each reminder that is wanted is due (milliseconds), by queue and audience."""
    found: dict[str, dict[str, int]] = {}
    async for row in reading.sql.wanted_reminders(reading.connection):
        found.setdefault(row["queue"], {})[row["audience"]] = row["due_at"]
    return found


async def next_timer(reading: Reading, queue: str, after: int, until: int) -> int | None:
    """When the next timer of the queue's reviews is due within this time (milliseconds); None if none is."""
    row = await reading.sql.next_timer_in_queue(reading.connection, queue=queue, after=after, until=until)
    return None if row["due_at"] is None else int(row["due_at"])


def post(transaction: Transaction, due: Due) -> bool:
    """Queue one message for these audiences; false if there is nothing to list, or another instance did.

    One that is not on its way yet says this, too, so after an outage there is one message.
    """
    sql, connection, at = transaction.sql, transaction.connection, {"queue": due.queue, "now": due.now}
    taken = [each for each in due.audiences if sql.take_reminder(connection, audience=each, **at)]
    if not taken:
        return False
    overdue = _overdue(transaction, due.queue, taken[0], due.now)
    worth = tuple(each for each in taken if overdue.concerns(each))
    for audience in worth:
        sql.reminder_queued(connection, audience=audience, **at)
    if worth:
        _enqueue(transaction, due.queue, worth, due.now)
    return bool(worth)


def _enqueue(transaction: Transaction, queue: str, audiences: tuple[str, ...], now: int) -> None:
    is_personal = audiences[0] not in AUDIENCES
    reminder: OverdueReminder = (
        OverdueClaims(queue, audiences[0]) if is_personal else OverdueInQueue(queue, audiences)
    )
    prefix = key_prefix(reminder)
    found = transaction.sql.posted_reminders(transaction.connection, prefix=prefix)
    for row in [row for row in found if row["message_ts"] is None]:
        pending = decode(row["arguments"])
        if is_personal or not isinstance(pending, OverdueInQueue) or not isinstance(reminder, OverdueInQueue):
            return
        missing = set(reminder.audiences) - set(pending.audiences)
        together = {*pending.audiences, *reminder.audiences}
        reminder = OverdueInQueue(queue, tuple(each for each in AUDIENCES if each in together))
        values = {"id": row["id"], "arguments": encode(reminder)}
        # A call under way may already have posted the same text.
        if not missing or transaction.sql.change_unsent(transaction.connection, **values):
            return
    row = {
        "kind": Kind.REMINDER,
        "review_id": None,
        "unique_key": f"{prefix}{now}",
        "lane": DIRECT if is_personal else posts(queue),
        "urgency": BACKGROUND,
        "channel": None,
        "recipient": audiences[0] if is_personal else None,
        "arguments": encode(reminder),
        "now": now,
    }
    transaction.wakes_delivery_worker = True
    transaction.sql.want_message(transaction.connection, [row])


def key_prefix(reminder: OverdueReminder) -> str:
    """What the keys of all reminders begin with that replace each other."""
    match reminder:
        case OverdueInQueue(queue):
            return f"reminder:queue:{queue}:"
        case OverdueClaims(queue, person):
            return f"reminder:person:{queue}:{person}:"


def refresh(transaction: Transaction, before: Review, after: Review, now: int) -> None:
    """Draw reminders again whose list the change of a review at `now` (milliseconds) may have changed."""
    if not _may_be_listed(transaction, before, now):
        return
    holders = {person for person in (before.claimed_by, after.claimed_by) if person}
    queues = {before.queue, after.queue}
    shown: list[OverdueReminder] = [OverdueInQueue(queue, ()) for queue in sorted(queues)]
    shown += [OverdueClaims(queue, person) for queue in sorted(queues) for person in sorted(holders)]
    for reminder in shown:
        _draw_again(transaction, key_prefix(reminder), now)


def _may_be_listed(transaction: Transaction, review: Review, now: int) -> bool:
    if review.opened_at is None or review.status is Status.CLOSED:
        return False
    if review.due_at is None:
        return transaction.policy(review.queue).deadlines.remind_every_ms is not None
    return review.due_at <= now


def _draw_again(transaction: Transaction, prefix: str, now: int, before: int = 2**62) -> None:
    drawn = transaction.sql.refresh_reminders(transaction.connection, prefix=prefix, before=before, now=now)
    transaction.wakes_delivery_worker |= bool(drawn)


def remove_former(transaction: Transaction, reminder: OverdueReminder, now: int) -> None:
    """Remove the messages that the newest one replaces, at `now` (milliseconds)."""
    prefix = key_prefix(reminder)
    found = transaction.sql.posted_reminders(transaction.connection, prefix=prefix)
    newest = max((row["id"] for row in found if row["message_ts"] is not None), default=0)
    _draw_again(transaction, prefix, now, newest)


async def posted(reading: Reading, reminder: OverdueReminder, delivery_id: int) -> Posted:
    """How a reminder relates to those that it replaces, or that replace it."""
    found = reading.sql.posted_reminders(reading.connection, prefix=key_prefix(reminder))
    newer = [row async for row in found if row["id"] > delivery_id]
    return Posted(is_newest=all(row["message_ts"] is None for row in newer), is_followed=bool(newer))


async def overdue(reading: Reading, reminder: OverdueReminder, now: int) -> Overdue:
    """What the reminder lists at `now` (milliseconds)."""
    sql, page = reading.sql, {"queue": reminder.queue, "now": now, "page": PAGE}
    if isinstance(reminder, OverdueClaims):
        return _list(
            [row async for row in sql.overdue_claims(reading.connection, person=reminder.person, **page)]
        )
    in_work = [row async for row in sql.overdue_in_work(reading.connection, **page)]
    return _list(in_work, [row async for row in sql.decided_for_leads(reading.connection, **page)])


def _overdue(transaction: Transaction, queue: str, audience: str, now: int) -> Overdue:
    sql, connection, page = (
        transaction.sql,
        transaction.connection,
        {"queue": queue, "now": now, "page": PAGE},
    )
    if audience not in AUDIENCES:
        return _list(list(sql.overdue_claims(connection, person=audience, **page)))
    return _list(
        list(sql.overdue_in_work(connection, **page)), list(sql.decided_for_leads(connection, **page))
    )


def _list(*found: Sequence[Mapping[str, Any]]) -> Overdue:
    for_leads, others = list[ListedReview](), list[ListedReview]()
    for row in (row for rows in found for row in rows):
        (for_leads if row["for_leads"] else others).append(listed(row))
    total = sum(rows[0]["total"] for rows in found if rows)
    return Overdue(for_leads[:PAGE], others[: max(0, PAGE - len(for_leads))], total)
