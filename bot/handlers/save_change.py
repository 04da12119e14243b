"""The one place that writes what follows from anything that happens: review, audit, timers, deliveries."""

from collections.abc import Sequence
from itertools import groupby

from bot.reviews.audit.entry import BOT, RALIO, AuditEntry
from bot.reviews.audit.evidence import policy_as_text, seals_evidence, with_evidence
from bot.reviews.change import Change, Refusal, Rescheduled, Stale
from bot.reviews.decision_update import decision_update
from bot.reviews.notification_topics import ActionTopic
from bot.reviews.notifications import (
    ActionAnnouncement,
    ChecksChanged,
    ConfirmationNeeded,
    ProposalWithdrawn,
    SessionClosed,
    ThreadReply,
    VerdictDisagrees,
)
from bot.reviews.reminders import DirectMessage
from bot.reviews.review import Review
from bot.store.engine.transaction import Transaction
from bot.store.tables import (
    audit,
    decision_webhook,
    deliveries,
    direct_messages,
    refusals,
    reminders,
    reviews,
    timers,
)

Saved = Change | Refusal | Stale


def save_change(transaction: Transaction, before: Review | None, change: Saved) -> Review | None:
    """Save what follows from one thing that happened to a review; returns the review as it is in the database now."""
    saved = save_changes(transaction, [(before, change)])
    return next(iter(saved.values()), before)


def save_changes(
    transaction: Transaction, changes: Sequence[tuple[Review | None, Saved]]
) -> dict[str, Review]:
    """Save in one set-wise pass what happened, in order; returns the changed reviews by session.

    Each change starts from where the one before it left the same review. `before` is None for a review that is new, and
    for a refusal about an unknown session.
    """
    known: dict[str, Review] = {}
    newest: dict[str, Review] = {}
    for before, change in changes:
        if before is not None and before.session_id not in newest:
            known.setdefault(before.session_id, before)
        if isinstance(change, Change) and change.after is not before:
            newest[change.after.session_id] = change.after
    if opened := [review for session_id, review in newest.items() if session_id not in known]:
        newest |= reviews.insert(transaction, opened)
    reviews.update(
        transaction,
        [(known[session_id], review) for session_id, review in newest.items() if session_id in known],
    )
    saved = known | newest
    audit.append(transaction, _to_record(transaction, changes, saved))
    timers.keep(transaction, list(newest.values()))
    for before, change in changes:
        if isinstance(change, Change):
            if before is not None:
                direct_messages.end(transaction, before, change)
            _notify(transaction, saved[change.after.session_id], change)
            _share(transaction, saved[change.after.session_id], before, change)
    if newest:
        entry = changes[-1][1].entry
        urgency = deliveries.BACKGROUND if entry.actor in (BOT, RALIO) else deliveries.PERSON_WAITS
        _show(transaction, list(newest.values()), entry.at, urgency)
        people = {person for _, change in changes if isinstance(change, Change) for person in change.people}
        deliveries.refresh_homes(transaction, sorted(people), entry.at)
        for session_id, review in known.items():
            reminders.refresh(transaction, review, newest.get(session_id, review), entry.at)
    return newest


def save_rescheduled(transaction: Transaction, before: Review, change: Rescheduled, now: int) -> None:
    """Save a new due time at `now` (milliseconds), and show it on the card."""
    reviews.update(transaction, [(before, change.after)])
    _show(transaction, [change.after], now, deliveries.BACKGROUND)


def _to_record(
    transaction: Transaction, changes: Sequence[tuple[Review | None, Saved]], saved: dict[str, Review]
) -> list[tuple[int | None, AuditEntry]]:
    """The entries of the changes in order, without refusals that are only counted."""
    entries: list[tuple[int | None, AuditEntry]] = []
    for is_refusal, group in groupby(changes, key=lambda each: isinstance(each[1], Refusal)):
        found = [
            (_review_id(before, change, saved), entry)
            for before, change in group
            for entry in _entries(transaction, before, change)
        ]
        entries += refusals.to_record(transaction, found) if is_refusal else found
    return entries


def _review_id(before: Review | None, change: Saved, saved: dict[str, Review]) -> int | None:
    review = change.after if isinstance(change, Change) else before
    return saved[review.session_id].id if review is not None else None


def _entries(transaction: Transaction, before: Review | None, change: Saved) -> tuple[AuditEntry, ...]:
    entry = change.entry
    if before is not None and seals_evidence(entry):
        policy_text = policy_as_text(transaction.policy(before.queue))
        audit.keep_text(transaction, policy_text, entry.at)
        entry = with_evidence(entry, before, policy_text)
    if isinstance(change, Change) and change.consequence is not None:
        return entry, change.consequence
    return (entry,)


def _notify(transaction: Transaction, review: Review, change: Change) -> None:
    for notification in change.notifications:
        match notification:
            case message if isinstance(message, DirectMessage):
                _enqueue_direct_message(transaction, review, message, change.entry.at)
            case reply:
                key = _key(reply, change)
                deliveries.enqueue_thread_reply(transaction, review, reply, change.entry.at, key)


def _share(transaction: Transaction, review: Review, before: Review | None, change: Change) -> None:
    """Queue what the decision webhook gets, as it is right after this change."""
    policy = transaction.policy(change.after.queue)
    update = decision_update(before, change.after, policy, transaction.sharing, change.entry.at)
    if update is not None:
        decision_webhook.enqueue(transaction, review, update)


def _enqueue_direct_message(
    transaction: Transaction, review: Review, message: DirectMessage, now: int
) -> None:
    (person,) = message.to
    deliveries.enqueue_direct_message(transaction, review, person, message, now, f"{message.topic}:{now}")


def _key(reply: ThreadReply, change: Change) -> str:
    """What makes a reply unique in its thread: a reminder can be repeated for the same version of the review."""
    match reply:
        case ActionAnnouncement(topic=ActionTopic.ESCALATED):
            # The card looks for it under this key: see cards.is_escalation_pending.
            return f"{reply.topic}:{change.after.version}"
        case ActionAnnouncement():
            return str(change.after.version)
        case (
            SessionClosed()
            | VerdictDisagrees()
            | ChecksChanged()
            | ProposalWithdrawn()
            | ConfirmationNeeded()
        ):
            return f"{reply.topic}:{change.after.version}"
        case _:
            return f"{reply.topic}:{change.entry.at}"


def _show(transaction: Transaction, changed: Sequence[Review], now: int, urgency: int) -> None:
    """Queue the cards; a verdict that arrived before its review event has none."""
    posted = [review for review in changed if review.opened_at is not None]
    deliveries.enqueue_cards(transaction, posted, now, urgency)
