"""A webhook brings an event: the event and everything that follows from it are saved in one transaction."""

from collections.abc import Sequence
from enum import StrEnum

import structlog

from bot.handlers.save_change import Saved, save_changes
from bot.reviews.change import Change
from bot.reviews.event_problems import VerdictDropped
from bot.reviews.review import Action, Review, SessionEvent, Status
from bot.reviews.session_events import apply_event
from bot.store.engine.transaction import Transaction
from bot.store.tables import deliveries, events, reviews

_log = structlog.get_logger(__name__)


class Receipt(StrEnum):
    """Whether an event is new; the values are those of the answer to Ralio."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"


def receive(transaction: Transaction, received: Sequence[SessionEvent]) -> Sequence[Receipt]:
    """Record a batch of events and what follows from them. For `write_batched`.

    The same event id counts once, and so does the same occurrence (session, type and time) under another id: some
    senders make an id per attempt.
    """
    new_ids = events.record_new(transaction, received)
    receipts: list[Receipt] = []
    fresh: list[SessionEvent] = []
    repeated: list[SessionEvent] = []
    for event in received:
        if event.event_id in new_ids:
            new_ids.discard(event.event_id)
            fresh.append(event)
            receipts.append(Receipt.RECORDED)
        else:
            repeated.append(event)
            receipts.append(Receipt.DUPLICATE)
    if fresh:
        _apply(transaction, fresh)
    if repeated:
        _log_repeated(transaction, repeated)
    return receipts


def _log_repeated(transaction: Transaction, repeated: Sequence[SessionEvent]) -> None:
    """Tell a repetition from another event under a used id: Ralio was answered that it is known, so it is lost."""
    known = events.known(transaction, {event.event_id for event in repeated})
    for event in repeated:
        first = known.get(event.event_id)
        if first is None:
            _log.info("event_repeated", event_id=event.event_id, session_id=event.session_id, type=event.type)
        elif (first.type, first.session_id, first.occurred_at) != (
            event.type,
            event.session_id,
            event.occurred_at,
        ):
            _log.warning(
                "event_id_reused",
                event_id=event.event_id,
                session_id=event.session_id,
                type=event.type,
                occurred_at=event.occurred_at,
                first_session_id=first.session_id,
                first_type=first.type,
                first_occurred_at=first.occurred_at,
                advice="the later event was not applied; ask Ralio whether its ids are unique",
            )


def _apply(transaction: Transaction, received: Sequence[SessionEvent]) -> None:
    """Let the domain say what each event means, in order, then save all of it at once."""
    newest: dict[str, Review] = reviews.load(transaction, [event.session_id for event in received])
    changes: list[tuple[Review | None, Saved]] = []
    for event in received:
        if event.is_ahead:
            _log.warning(
                "event_clock_ahead",
                event_id=event.event_id,
                session_id=event.session_id,
                ahead_s=(event.occurred_at - event.received_at) // 1000,
                advice="check this machine's clock; if it is right, Ralio's is ahead",
            )
        before = newest.get(event.session_id)
        change = apply_event(before, event, transaction.queues)
        changes.append((before, change))
        if isinstance(change, Change):
            newest[event.session_id] = change.after
        elif before is not None:
            _report_dropped(transaction, before, event)
    save_changes(transaction, changes)


def _report_dropped(transaction: Transaction, review: Review, event: SessionEvent) -> None:
    """Alert operators of a stale verdict whose review stays open: if a clock was wrong, nothing else closes it."""
    if event.action is not Action.CLOSE or review.status is Status.CLOSED:
        return
    _log.warning(
        "verdict_dropped",
        event_id=event.event_id,
        session_id=event.session_id,
        session_state=event.state,
        occurred_at=event.occurred_at,
        newest_event_at=review.session_event_at,
    )
    alert = VerdictDropped(event.session_id, event.state)
    deliveries.enqueue_ops_alert(transaction, alert, event.received_at)
