"""How ops alerts are stored in `deliveries.arguments`; `what` says which one it is. See `notification_codec`."""

from bot.reviews.audit_reports import AuditBroken, HeadNoted
from bot.reviews.decision_update import DecisionHeld
from bot.reviews.delivery_problems import DeliveryHeld, EditWindowClosed, PersonUnreachable
from bot.reviews.event_problems import EventQuarantined, VerdictDropped
from bot.reviews.notifications import OpsAlert
from bot.reviews.refused_webhook import RefusedWebhook, WebhookRefused
from bot.reviews.review import SessionState
from bot.store.tables.stored_fields import (
    Fields,
    UnreadableFieldError,
    read_boolean_or_none,
    read_enum,
    read_number,
    read_number_or_none,
    read_text,
    read_text_or_none,
)


def encoded_alert(alert: OpsAlert) -> Fields:
    """The fields of an alert; the first version expects `error` in every one."""
    match alert:
        case EventQuarantined(error, event):
            return {"what": alert.problem, "error": error, "event": event}
        case WebhookRefused(_, error) | DecisionHeld(error):
            return {"what": alert.problem, "error": error}
        case DeliveryHeld(channel, error):
            return {"what": alert.problem, "error": error, "channel": channel}
        case EditWindowClosed(channel):
            return {"what": alert.problem, "error": "edit_window_closed", "channel": channel}
        case PersonUnreachable(person, error):
            return {"what": alert.problem, "error": error, "person": person}
        case HeadNoted(head, day, follows):
            return {"what": alert.problem, "error": head, "day": day, "follows": follows}
        case AuditBroken(entry, error):
            return {"what": alert.problem, "error": error, "entry": entry}
        case VerdictDropped(session_id, session_state):
            return {"what": "verdict_dropped", "error": session_state, "session_id": session_id}


def decoded_alert(fields: Fields) -> OpsAlert:
    """The alert in these fields; UnreadableFieldError for one that this version does not know."""
    what, error = read_text(fields, "what"), read_text(fields, "error")
    kind, _, about = what.partition(":")
    match kind:
        case "quarantined":
            return EventQuarantined(error, read_number_or_none(fields, "event"))
        case "webhook" if about in set(RefusedWebhook):
            return WebhookRefused(RefusedWebhook(about), error)
        case "held":
            return DeliveryHeld(read_text_or_none(fields, "channel"), error)
        case "edit_window":
            return EditWindowClosed(read_text_or_none(fields, "channel"))
        case "unreachable":
            return PersonUnreachable(read_text(fields, "person"), error)
        case "audit_head":
            return HeadNoted(
                error, read_text(fields, "day"), follows=read_boolean_or_none(fields, "follows") is not False
            )
        case "audit_broken":
            return AuditBroken(read_number(fields, "entry"), error)
        case "verdict_dropped":
            return VerdictDropped(read_text(fields, "session_id"), read_enum(fields, "error", SessionState))
        case "decision_held":
            return DecisionHeld(error)
        case _:
            raise UnreadableFieldError("what")
