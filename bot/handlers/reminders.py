"""What happens when a timer fires: people are reminded, and a claim without activity is released."""

from collections.abc import Sequence
from dataclasses import replace

from bot.reviews.audit.entry import BOT, OVERDUE, REMIND, AuditEntry
from bot.reviews.deadlines import Effect
from bot.reviews.notifications import (
    AutomaticTopic,
    ClaimExpired,
    DirectMessage,
    HolderReminder,
    LeadsReminder,
    QueueReminder,
    StillOnItQuestion,
)
from bot.reviews.review import Action, Review, Status
from bot.store.engine.transaction import Transaction
from bot.store.tables import audit, deliveries


def carry_out(transaction: Transaction, review: Review, effects: Sequence[Effect], now: int) -> Review:
    """Carry out what a timer asks for at `now` (milliseconds); returns the review after it, not yet written."""
    for effect in effects:
        review = _carry_out(transaction, review, effect, now)
    return review


def _carry_out(transaction: Transaction, review: Review, effect: Effect, now: int) -> Review:
    match effect:
        case Effect.SHOW_OVERDUE:
            after = replace(review, version=review.version + 1)
            _note(transaction, review, after, OVERDUE, now)
            return after
        case Effect.RELEASE_CLAIM:
            return _released(transaction, review, now)
        case Effect.REMIND_QUEUE:
            _reply(transaction, review, QueueReminder((), *_state(review)), now)
        case Effect.TELL_LEADS:
            leads = transaction.policy(review.queue).roster.named_leads()
            _reply(transaction, review, LeadsReminder(leads, *_state(review)), now)
        case Effect.REMIND_HOLDER if review.claimed_by is not None:
            message = HolderReminder((review.claimed_by,), *_state(review))
            _message(transaction, review, review.claimed_by, message, now)
        case Effect.ASK_HOLDER if review.claimed_by is not None:
            question = StillOnItQuestion((review.claimed_by,), *_state(review))
            _message(transaction, review, review.claimed_by, question, now)
        case Effect.REMIND_HOLDER | Effect.ASK_HOLDER:
            pass
    return review


def _released(transaction: Transaction, review: Review, now: int) -> Review:
    after = replace(
        review,
        status=Status.OPEN,
        claimed_by=None,
        claimed_at=None,
        active_at=None,
        version=review.version + 1,
        revision=review.revision + 1,
    )
    _note(transaction, review, after, Action.RELEASE, now)
    holder = (review.claimed_by,) if review.claimed_by else ()
    _reply(transaction, after, ClaimExpired(holder, review.session_id), now)
    deliveries.refresh_homes(transaction, holder, now)
    return after


def _reply(
    transaction: Transaction, review: Review, reply: QueueReminder | LeadsReminder | ClaimExpired, now: int
) -> None:
    _note(transaction, review, review, REMIND, now, reply.topic)
    deliveries.enqueue_thread_reply(transaction, review, reply, now, f"{reply.topic}:{now}")


def _message(transaction: Transaction, review: Review, person: str, message: DirectMessage, now: int) -> None:
    _note(transaction, review, review, REMIND, now, message.topic)
    deliveries.enqueue_direct_message(transaction, review, person, message, now, f"{message.topic}:{now}")


def _state(review: Review) -> tuple[str, Status, str | None, int | None]:
    """The state of the review that a reminder is meant for."""
    return review.session_id, review.status, review.claimed_by, review.due_at


def _note(
    transaction: Transaction,
    before: Review,
    after: Review,
    action: str,
    now: int,
    topic: AutomaticTopic | None = None,
) -> None:
    detail = {"told": topic.value} if topic else {}
    entry = AuditEntry(now, BOT, action, before.status, after.status, after.version, detail=detail)
    audit.append(transaction, [(before.id, entry)])
