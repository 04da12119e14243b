"""A reminder can't reach its recipient: the leads are reminded instead, and operators are alerted."""

from bot.reviews.delivery_problems import PersonUnreachable
from bot.reviews.reminders import HolderReminder, OverdueClaims, StillOnItQuestion
from bot.store.engine.transaction import Transaction
from bot.store.tables import reminders, reviews
from bot.store.tables.deliveries import enqueue_ops_alert
from bot.store.tables.leases import GivenUp, give_up


def give_reminder_to_leads(transaction: Transaction, refused: GivenUp) -> bool:
    """Give up a reminder whose recipient cannot be reached; the leads are reminded of those reviews instead.

    Operators are alerted once. False if the lease was lost.
    """
    delivery, now = refused.delivery, refused.now
    recorded = give_up(transaction, refused)
    if not recorded:
        return False
    match delivery.notification:
        case HolderReminder(to=(person,)) | StillOnItQuestion(to=(person,)) as reminder:
            enqueue_ops_alert(transaction, PersonUnreachable(person, refused.last_error), now)
            reminders.want_leads(transaction, reviews.load(transaction, [reminder.session_id]).values(), now)
        case OverdueClaims(queue, person):
            enqueue_ops_alert(transaction, PersonUnreachable(person, refused.last_error), now)
            reminders.want_leads(transaction, reminders.claims_of(transaction, queue, person, now), now)
        case _:
            pass
    return True
