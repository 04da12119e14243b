"""What a webhook's event does to the database: event, review, audit entry and card, all or nothing."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.notifications import announcements_of_verdict
from bot.reviews.review import Review, SessionEvent, Status
from bot.reviews.session_events import Stale, apply_event
from bot.store.engine.transaction import Transaction
from bot.store.tables import audit, deliveries, events, reviews, timers


class Receipt(StrEnum):
    """How an event was taken in; the words are those of the answer to Ralio."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"


def receive(transaction: Transaction, received: Sequence[SessionEvent]) -> Sequence[Receipt]:
    """Record a batch of events and what follows from them; the same event id counts once. For `write_batched`."""
    new_ids = events.record_new(transaction, received)
    receipts: list[Receipt] = []
    fresh: list[SessionEvent] = []
    for event in received:
        if event.event_id in new_ids:
            new_ids.discard(event.event_id)
            fresh.append(event)
            receipts.append(Receipt.RECORDED)
        else:
            receipts.append(Receipt.DUPLICATE)
    if fresh:
        _apply(transaction, fresh)
    return receipts


def _apply(transaction: Transaction, received: Sequence[SessionEvent]) -> None:
    """Let the domain say what each event means, then write the reviews' last states and every audit entry."""
    known = reviews.load(transaction, [event.session_id for event in received])
    newest: dict[str, Review] = dict(known)
    entries: list[tuple[str, AuditEntry]] = []
    verdicts: list[tuple[Review, Review, int]] = []
    for event in received:
        before = newest.get(event.session_id)
        step = apply_event(before, event, transaction.queues)
        entries.append((event.session_id, step.entry))
        if isinstance(step, Stale):
            continue
        newest[event.session_id] = step.after
        if before is not None and step.after.status is Status.CLOSED:
            verdicts.append((before, step.after, event.received_at))
    opened = [review for session_id, review in newest.items() if session_id not in known]
    if opened:
        newest |= reviews.insert(transaction, opened)
    reviews.update(
        transaction,
        [
            (before, newest[session_id])
            for session_id, before in known.items()
            if newest[session_id] is not before
        ],
    )
    audit.append(transaction, [(newest[session_id].id, entry) for session_id, entry in entries])
    changed = [review for session_id, review in newest.items() if review is not known.get(session_id)]
    timers.keep(transaction, changed)
    _announce_verdicts(transaction, verdicts, newest)
    deliveries.enqueue_cards(
        # A verdict that came before its review event has no card to show.
        transaction,
        [review for review in changed if review.opened_at is not None],
        received[-1].received_at,
        deliveries.BACKGROUND,
    )


def _announce_verdicts(
    transaction: Transaction, verdicts: Sequence[tuple[Review, Review, int]], newest: Mapping[str, Review]
) -> None:
    """Queue thread replies for the people at work and, on a disagreement, for the leads; each with its own key."""
    for before, after, now in verdicts:
        review = newest[after.session_id]
        for reply in announcements_of_verdict(before, after, transaction.policy(after.queue)):
            deliveries.enqueue_thread_reply(transaction, review, reply, now, f"{reply.topic}:{after.version}")
        people = [id_ for id_ in (before.claimed_by, before.decided_by) if id_ is not None]
        deliveries.refresh_homes(transaction, people, now)
