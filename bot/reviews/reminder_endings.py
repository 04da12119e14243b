"""When a direct message about a review has been answered, or is about something that is over. Pure."""

from bot.reviews.change import Change
from bot.reviews.reminders import DirectMessage, ReminderEnded, StillOnItQuestion
from bot.reviews.review import Review


def ending_of(message: DirectMessage, before: Review, change: Change) -> ReminderEnded | None:
    """How a change ends what the message, which the person has by now, is about; None if it still holds.

    That a deadline moved ends nothing: the person still has the review.
    """
    after, entry = change.after, change.entry
    is_theirs = (after.status, after.claimed_by) == (message.status, message.holder)
    is_answered = isinstance(message, StillOnItQuestion) and after.active_at != before.active_at
    if is_theirs and not is_answered and after.snoozed_until is None:
        return None
    return ReminderEnded(
        message.to,
        message.session_id,
        entry.action,
        entry.actor,
        after.claimed_by,
        after.session_state,
    )
