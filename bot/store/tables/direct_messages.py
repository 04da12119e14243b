"""Direct messages about reviews that people have by now, and what they say once they are answered or moot."""

from bot.reviews.change import Change
from bot.reviews.reminder_endings import ending_of
from bot.reviews.reminders import DirectMessage
from bot.reviews.review import Review, Status
from bot.store.engine.transaction import Transaction
from bot.store.tables.notification_codec import decode, encode

_ABOUT = frozenset({Status.CLAIMED, Status.DECIDED})
"""The states that direct messages are about: reviews in any other cost nothing."""


def end(transaction: Transaction, before: Review, change: Change) -> None:
    """Let the messages about a review that this change answers or makes moot say so, without their buttons.

    One that is being sent is changed afterwards; one that is not on its way yet is dropped when its turn comes.
    """
    if before.status not in _ABOUT:
        return
    sql, connection = transaction.sql, transaction.connection
    for row in list(sql.direct_messages_sent(connection, review_id=before.id)):
        message = decode(row["arguments"])
        if not isinstance(message, DirectMessage) or (ended := ending_of(message, before, change)) is None:
            continue
        now = change.entry.at
        sql.end_direct_message(connection, id=row["id"], arguments=encode(ended), now=now)
        transaction.wakes_delivery_worker = True
