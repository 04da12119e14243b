"""The one place that knows how a notification is stored in `deliveries.arguments`: as a flat JSON object.

A `topic` marks thread replies and direct messages, `what` marks ops alerts, `why` a refusal, `action` alone a granted
action, `decision` a decision update, `overdue_in` a reminder, and `queue` alone a digest. The keys are those that the
first version wrote. It can read what this one writes, and the other way round, so an upgrade or a rollback loses no
message.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import get_args

from bot.reviews.action_request import Refused
from bot.reviews.decision_update import DecisionUpdate, UpdateType
from bot.reviews.delivery_problems import CardMoved
from bot.reviews.notification_topics import ActionTopic, AutomaticTopic
from bot.reviews.notifications import (
    ActionAnnouncement,
    ActionGranted,
    ActionRefused,
    ChecksChanged,
    ClaimExpired,
    ConfirmationNeeded,
    DailyDigest,
    HolderDeactivated,
    Notification,
    OpsAlert,
    ProposalWithdrawn,
    SessionClosed,
    ThreadReply,
    VerdictDisagrees,
)
from bot.reviews.reminders import DirectMessage, OverdueClaims, OverdueInQueue, Reminder, ReminderEnded
from bot.reviews.review import Action, Disagreement, EntityType, SessionState, Status
from bot.store.tables.alert_codec import decoded_alert, encoded_alert
from bot.store.tables.digest_codec import decoded_digest, encoded_digest
from bot.store.tables.ending_codec import decoded_ending, encoded_ending
from bot.store.tables.stored_fields import (
    Fields,
    UnreadableFieldError,
    read_action,
    read_boolean_or_none,
    read_enum,
    read_ids,
    read_number,
    read_number_or_none,
    read_text,
    read_text_or_none,
)

_REMINDERS: Mapping[AutomaticTopic, type[Reminder]] = {
    reminder.topic: reminder for reminder in get_args(Reminder)
}
_ACTION_TOPICS = frozenset(topic.value for topic in ActionTopic)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored notification that this version cannot read, for example one that a newer version wrote.

    `problem` names the place, and holds no values.
    """

    problem: str


def encode(notification: Notification | None) -> str:
    """The JSON text to store; None is an empty object."""
    return json.dumps(_encoded(notification), ensure_ascii=False)


def decode(text: str) -> Notification | Unreadable | None:
    """The notification that this or an earlier version made the text from; None for an empty object. Never raises."""
    try:
        fields = json.loads(text)
        if not isinstance(fields, dict):
            return Unreadable("not an object")
        return _decoded(fields) if fields else None
    except UnreadableFieldError as error:
        return Unreadable(str(error))
    except ValueError:
        return Unreadable("not JSON")


def _encoded(notification: Notification | None) -> Fields:
    match notification:
        case None:
            return {}
        case ActionGranted(action, session_id):
            return {"action": action, "session_id": session_id}
        case ActionRefused():
            return _encoded_refusal(notification)
        case alert if isinstance(alert, OpsAlert):
            return encoded_alert(alert)
        case CardMoved(session_id, channel, message_ts):
            # The first version expects an action in every ephemeral message.
            where = {"moved_to": channel, "message_ts": message_ts}
            return {"action": Action.CLAIM, "session_id": session_id, **where}
        case DailyDigest():
            return encoded_digest(notification)
        case OverdueInQueue(queue, audiences):
            return {"overdue_in": queue, "audiences": audiences}
        case OverdueClaims(queue, person):
            return {"overdue_in": queue, "person": person}
        case DecisionUpdate():
            return _encoded_update(notification)
        case _:
            # The first version expects `by` and `words` in every one of these.
            common = {"topic": notification.topic, "to": notification.to, "by": None, "words": None}
            return {**common, **_encoded_topic(notification)}


def _encoded_topic(notification: ThreadReply | DirectMessage | ReminderEnded) -> Fields:
    match notification:
        case ReminderEnded():
            return encoded_ending(notification)
        case ActionAnnouncement(_, actor, _, holder, comment):
            return {"by": actor, "words": comment, "holder": holder}
        case SessionClosed(_, session_state):
            return {"session_state": session_state}
        case VerdictDisagrees():
            return _encoded_disagreement(notification)
        case ChecksChanged():
            return {}
        case ProposalWithdrawn(_, holder):
            return {"holder": holder}
        case ConfirmationNeeded(_, proposer, proposed_at, outcome, reason):
            return {"by": proposer, "proposed_at": proposed_at, "outcome": outcome, "reason": reason}
        case ClaimExpired(_, session_id):
            return {"session_id": session_id}
        case HolderDeactivated(_, session_id, holder):
            return {"session_id": session_id, "holder": holder}
        case reminder:
            return {
                "session_id": reminder.session_id,
                "status": reminder.status,
                "holder": reminder.holder,
                "due_at": reminder.due_at,
            }


def _encoded_disagreement(reply: VerdictDisagrees) -> Fields:
    return {
        "session_state": reply.session_state,
        "disagreement": reply.disagreement,
        "outcome": reply.outcome,
        "reason": reply.reason,
        "decided_by": reply.decided_by,
        "is_proposal": reply.is_proposal,
        "was_reopened": reply.was_reopened,
        "recorded_afterwards": reply.recorded_afterwards,
    }


def _encoded_refusal(refusal: ActionRefused) -> Fields:
    return {
        "why": refusal.reason,
        "action": refusal.action,
        "session_id": refusal.session_id,
        "queue": refusal.queue,
        "status": refusal.status,
        "holder": refusal.holder,
        "since": refusal.claimed_at,
        "maker": refusal.proposer,
        "escalated_by": refusal.escalated_by,
        "to": refusal.target,
        "may": refusal.reviewers,
        "leads": refusal.leads,
    }


def _encoded_update(update: DecisionUpdate) -> Fields:
    fields = asdict(update)
    fields["decision"] = fields.pop("type")
    if not fields.pop("shares_note"):
        del fields["note"]
    return fields


def _decoded(fields: Fields) -> Notification:
    if "topic" in fields:
        return _decoded_topic(fields)
    if "what" in fields:
        return decoded_alert(fields)
    if "why" in fields:
        return _decoded_refusal(fields)
    if "moved_to" in fields:
        where = read_text(fields, "moved_to"), read_text(fields, "message_ts")
        return CardMoved(read_text(fields, "session_id"), *where)
    if "action" in fields:
        return ActionGranted(read_action(fields), read_text(fields, "session_id"))
    if "decision" in fields:
        return _decoded_update(fields)
    if "overdue_in" in fields:
        queue, person = read_text(fields, "overdue_in"), read_text_or_none(fields, "person")
        return (
            OverdueClaims(queue, person) if person else OverdueInQueue(queue, read_ids(fields, "audiences"))
        )
    if "queue" in fields:
        return decoded_digest(fields)
    raise UnreadableFieldError("unknown kind")


def _decoded_topic(fields: Fields) -> Notification:
    to = read_ids(fields, "to")
    if read_text(fields, "topic") in _ACTION_TOPICS:
        action_topic = read_enum(fields, "topic", ActionTopic)
        holder, comment = read_text_or_none(fields, "holder"), read_text_or_none(fields, "words")
        return ActionAnnouncement(action_topic, read_text(fields, "by"), to, holder, comment)
    match read_enum(fields, "topic", AutomaticTopic):
        case AutomaticTopic.CLOSED:
            return SessionClosed(to, read_enum(fields, "session_state", SessionState))
        case AutomaticTopic.DISAGREES:
            return _decoded_disagreement(fields, to)
        case AutomaticTopic.CHECKS_CHANGED:
            return ChecksChanged(to)
        case AutomaticTopic.PROPOSAL_WITHDRAWN:
            return ProposalWithdrawn(to, read_text_or_none(fields, "holder"))
        case AutomaticTopic.CONFIRMATION_NEEDED:
            return ConfirmationNeeded(
                to,
                read_text(fields, "by"),
                read_number(fields, "proposed_at"),
                read_text(fields, "outcome"),
                read_text_or_none(fields, "reason"),
            )
        case AutomaticTopic.RELEASED_FOR_SILENCE:
            return ClaimExpired(to, read_text(fields, "session_id"))
        case AutomaticTopic.REMINDER_ENDED:
            return decoded_ending(fields, to)
        case AutomaticTopic.HOLDER_DEACTIVATED:
            return HolderDeactivated(to, read_text(fields, "session_id"), read_text(fields, "holder"))
        case topic:
            return _REMINDERS[topic](
                to,
                read_text(fields, "session_id"),
                read_enum(fields, "status", Status),
                read_text_or_none(fields, "holder"),
                read_number_or_none(fields, "due_at"),
            )


def _decoded_disagreement(fields: Fields, to: tuple[str, ...]) -> VerdictDisagrees:
    return VerdictDisagrees(
        to,
        read_enum(fields, "session_state", SessionState),
        read_enum(fields, "disagreement", Disagreement),
        read_text_or_none(fields, "outcome"),
        reason=read_text_or_none(fields, "reason"),
        decided_by=read_text_or_none(fields, "decided_by"),
        is_proposal=fields.get("is_proposal") is True,
        was_reopened=fields.get("was_reopened") is True,
        recorded_afterwards=fields.get("recorded_afterwards") is True,
    )


def _decoded_refusal(fields: Fields) -> ActionRefused:
    return ActionRefused(
        read_enum(fields, "why", Refused),
        None if fields.get("action") is None else read_action(fields),
        session_id=read_text_or_none(fields, "session_id"),
        queue=read_text_or_none(fields, "queue"),
        status=None if fields.get("status") is None else read_enum(fields, "status", Status),
        holder=read_text_or_none(fields, "holder"),
        claimed_at=read_number_or_none(fields, "since"),
        proposer=read_text_or_none(fields, "maker"),
        escalated_by=read_text_or_none(fields, "escalated_by"),
        target=read_text_or_none(fields, "to"),
        reviewers=read_ids(fields, "may"),
        leads=read_ids(fields, "leads"),
    )


def _decoded_update(fields: Fields) -> DecisionUpdate:
    return DecisionUpdate(
        type=read_enum(fields, "decision", UpdateType),
        at=read_number(fields, "at"),
        version=read_number(fields, "version"),
        session_id=read_text(fields, "session_id"),
        entity_type=read_enum(fields, "entity_type", EntityType),
        subject_id=read_text_or_none(fields, "subject_id"),
        queue=read_text(fields, "queue"),
        outcome=read_text_or_none(fields, "outcome"),
        reason=read_text_or_none(fields, "reason"),
        decided_by=read_text_or_none(fields, "decided_by"),
        decided_at=read_number_or_none(fields, "decided_at"),
        confirmed_by=read_text_or_none(fields, "confirmed_by"),
        confirmed_at=read_number_or_none(fields, "confirmed_at"),
        verdict=None if fields.get("verdict") is None else read_enum(fields, "verdict", SessionState),
        agrees=read_boolean_or_none(fields, "agrees"),
        shares_note="note" in fields,
        note=read_text_or_none(fields, "note"),
    )
