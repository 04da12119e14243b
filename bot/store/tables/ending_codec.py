"""How a direct message that has ended is stored; see notification_codec."""

from bot.reviews.reminders import ReminderEnded
from bot.reviews.review import SessionState
from bot.store.tables.stored_fields import Fields, read_enum, read_text, read_text_or_none


def encoded_ending(ended: ReminderEnded) -> Fields:
    """The fields besides those that all messages about a review have."""
    return {
        "session_id": ended.session_id,
        "action": ended.action,
        "by": ended.actor,
        "holder": ended.holder,
        "session_state": ended.session_state,
    }


def decoded_ending(fields: Fields, to: tuple[str, ...]) -> ReminderEnded:
    """What the fields were made from."""
    return ReminderEnded(
        to,
        read_text(fields, "session_id"),
        read_text(fields, "action"),
        read_text(fields, "by"),
        read_text_or_none(fields, "holder"),
        read_enum(fields, "session_state", SessionState),
    )
