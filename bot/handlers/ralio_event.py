"""A webhook brings an event: the event and everything that follows from it are saved in one transaction."""

from collections.abc import Sequence
from enum import StrEnum

from bot.handlers.save_change import Saved, save_changes
from bot.reviews.change import Change
from bot.reviews.review import Review, SessionEvent
from bot.reviews.session_events import apply_event
from bot.store.engine.transaction import Transaction
from bot.store.tables import events, reviews


class Receipt(StrEnum):
    """Whether an event is new; the values are those of the answer to Ralio."""

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
    """Let the domain say what each event means, in order, then save all of it at once."""
    newest: dict[str, Review] = reviews.load(transaction, [event.session_id for event in received])
    changes: list[tuple[Review | None, Saved]] = []
    for event in received:
        before = newest.get(event.session_id)
        change = apply_event(before, event, transaction.queues)
        changes.append((before, change))
        if isinstance(change, Change):
            newest[event.session_id] = change.after
    save_changes(transaction, changes)
