"""What happens when a timer fires: people are told, and a claim that nobody works on is released."""

from collections.abc import Sequence
from dataclasses import replace

from bot.reviews.audit.entry import BOT, OVERDUE, REMIND, AuditEntry
from bot.reviews.deadlines import Effect
from bot.reviews.notifications import Topic
from bot.reviews.review import Action, Review, Status
from bot.store.engine.transaction import Transaction
from bot.store.tables import audit, deliveries


def carry_out(transaction: Transaction, review: Review, effects: Sequence[Effect], now: int) -> Review:
    """Do what a timer asks for at `now` (milliseconds); answers with the review as it is then, not yet written."""
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
            _tell_thread(transaction, review, Topic.REMIND_QUEUE, (), now)
        case Effect.TELL_LEADS:
            leads = transaction.policy(review.queue).roster.named_leads()
            _tell_thread(transaction, review, Topic.REMIND_LEADS, leads, now)
        case Effect.REMIND_HOLDER:
            _tell_holder(transaction, review, Topic.REMIND_HOLDER, now)
        case Effect.ASK_HOLDER:
            _tell_holder(transaction, review, Topic.STILL_ON_IT, now)
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
    _tell_thread(transaction, after, Topic.RELEASED_FOR_SILENCE, holder, now)
    deliveries.refresh_homes(transaction, holder, now)
    return after


def _tell_thread(
    transaction: Transaction, review: Review, topic: Topic, to: tuple[str, ...], now: int
) -> None:
    _note(transaction, review, review, REMIND, now, topic)
    deliveries.tell_thread(transaction, review, _facts(review, topic, to), now, f"{topic}:{now}")


def _tell_holder(transaction: Transaction, review: Review, topic: Topic, now: int) -> None:
    if review.claimed_by is None:
        return
    _note(transaction, review, review, REMIND, now, topic)
    facts = _facts(review, topic, (review.claimed_by,))
    deliveries.tell_directly(transaction, review, review.claimed_by, facts, now, f"{topic}:{now}")


def _facts(review: Review, topic: Topic, to: tuple[str, ...]) -> dict[str, object]:
    """What the text needs, and for which state of the review it is meant: told too late it would be wrong."""
    return {
        "topic": topic,
        "to": to,
        "by": None,
        "words": None,
        "session_id": review.session_id,
        "status": review.status,
        "holder": review.claimed_by,
        "due_at": review.due_at,
        "opened_at": review.opened_at,
    }


def _note(
    transaction: Transaction, before: Review, after: Review, action: str, now: int, topic: Topic | None = None
) -> None:
    detail = {"told": topic.value} if topic else {}
    entry = AuditEntry(now, BOT, action, before.status, after.status, after.version, detail=detail)
    audit.append(transaction, [(before.id, entry)])
