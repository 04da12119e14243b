"""The one place that knows how a notification is stored in `deliveries.arguments`: as a flat JSON object.

A `topic` marks thread replies and direct messages, `what` marks ops alerts, `why` a refusal, `action` alone a granted
action, `decision` a decision update, and `queue` alone a digest. The keys are those that the first version wrote. It
can read what this one writes, and the other way round, so an upgrade or a rollback loses no message.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

from bot.reviews.action_request import Refused
from bot.reviews.decision_update import DecisionHeld, DecisionUpdate, UpdateType
from bot.reviews.notifications import (
    ActionAnnouncement,
    ActionGranted,
    ActionRefused,
    ActionTopic,
    AutomaticTopic,
    ChecksChanged,
    ClaimExpired,
    DailyDigest,
    DeliveryHeld,
    DirectMessage,
    EventQuarantined,
    HolderReminder,
    LeadsReminder,
    Notification,
    OpsAlert,
    ProposalWithdrawn,
    QueueReminder,
    Reminder,
    SessionClosed,
    StillOnItQuestion,
    ThreadReply,
    VerdictDisagrees,
    VerdictDropped,
)
from bot.reviews.review import Action, Disagreement, EntityType, SessionState, Status

EnumT = TypeVar("EnumT", bound=StrEnum)
Fields: TypeAlias = Mapping[str, object]

_REMINDERS: Mapping[AutomaticTopic, type[Reminder]] = {
    reminder.topic: reminder for reminder in (QueueReminder, LeadsReminder, HolderReminder, StillOnItQuestion)
}
_ACTION_TOPICS = frozenset(topic.value for topic in ActionTopic)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored notification that this version cannot read, for example one that a newer version wrote.

    `problem` names the place, and holds no values.
    """

    problem: str


class _UnreadableError(ValueError):
    """Carries the problem of an Unreadable."""


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
    except _UnreadableError as error:
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
        case EventQuarantined(error):
            return {"what": notification.problem, "error": error}
        case DeliveryHeld(channel, error):
            return {"what": notification.problem, "error": error, "channel": channel}
        case VerdictDropped(session_id, session_state):
            return {"what": "verdict_dropped", "error": session_state, "session_id": session_id}
        case DecisionHeld(error):
            return {"what": notification.problem, "error": error}
        case DailyDigest(queue):
            return {"queue": queue}
        case DecisionUpdate():
            return _encoded_update(notification)
        case _:
            # The first version expects `by` and `words` in every one of these.
            common = {"topic": notification.topic, "to": notification.to, "by": None, "words": None}
            return {**common, **_encoded_topic(notification)}


def _encoded_topic(notification: ThreadReply | DirectMessage) -> Fields:
    match notification:
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
        case ClaimExpired(_, session_id):
            return {"session_id": session_id}
        case QueueReminder() | LeadsReminder() | HolderReminder() | StillOnItQuestion() as reminder:
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
        return _decoded_alert(fields)
    if "why" in fields:
        return _decoded_refusal(fields)
    if "action" in fields:
        return ActionGranted(_action(fields), _text(fields, "session_id"))
    if "decision" in fields:
        return _decoded_update(fields)
    if "queue" in fields:
        return DailyDigest(_text(fields, "queue"))
    raise _UnreadableError("unknown kind")


def _decoded_topic(fields: Fields) -> Notification:
    to = _ids(fields, "to")
    if _text(fields, "topic") in _ACTION_TOPICS:
        action_topic = _enum(fields, "topic", ActionTopic)
        holder, comment = _text_or_none(fields, "holder"), _text_or_none(fields, "words")
        return ActionAnnouncement(action_topic, _text(fields, "by"), to, holder, comment)
    match _enum(fields, "topic", AutomaticTopic):
        case AutomaticTopic.CLOSED:
            return SessionClosed(to, _enum(fields, "session_state", SessionState))
        case AutomaticTopic.DISAGREES:
            return _decoded_disagreement(fields, to)
        case AutomaticTopic.CHECKS_CHANGED:
            return ChecksChanged(to)
        case AutomaticTopic.PROPOSAL_WITHDRAWN:
            return ProposalWithdrawn(to, _text_or_none(fields, "holder"))
        case AutomaticTopic.RELEASED_FOR_SILENCE:
            return ClaimExpired(to, _text(fields, "session_id"))
        case topic:
            return _REMINDERS[topic](
                to,
                _text(fields, "session_id"),
                _enum(fields, "status", Status),
                _text_or_none(fields, "holder"),
                _number_or_none(fields, "due_at"),
            )


def _decoded_disagreement(fields: Fields, to: tuple[str, ...]) -> VerdictDisagrees:
    return VerdictDisagrees(
        to,
        _enum(fields, "session_state", SessionState),
        _enum(fields, "disagreement", Disagreement),
        _text_or_none(fields, "outcome"),
        reason=_text_or_none(fields, "reason"),
        decided_by=_text_or_none(fields, "decided_by"),
        is_proposal=fields.get("is_proposal") is True,
        was_reopened=fields.get("was_reopened") is True,
    )


def _decoded_alert(fields: Fields) -> OpsAlert:
    what, error = _text(fields, "what"), _text(fields, "error")
    if what == "verdict_dropped":
        return VerdictDropped(_text(fields, "session_id"), _enum(fields, "error", SessionState))
    if what == "quarantined":
        return EventQuarantined(error)
    if what.startswith("decision_held:"):
        return DecisionHeld(error)
    if what.startswith("held:"):
        return DeliveryHeld(_text_or_none(fields, "channel"), error)
    raise _UnreadableError("what")


def _decoded_refusal(fields: Fields) -> ActionRefused:
    return ActionRefused(
        _enum(fields, "why", Refused),
        None if fields.get("action") is None else _action(fields),
        session_id=_text_or_none(fields, "session_id"),
        queue=_text_or_none(fields, "queue"),
        status=None if fields.get("status") is None else _enum(fields, "status", Status),
        holder=_text_or_none(fields, "holder"),
        claimed_at=_number_or_none(fields, "since"),
        proposer=_text_or_none(fields, "maker"),
        escalated_by=_text_or_none(fields, "escalated_by"),
        target=_text_or_none(fields, "to"),
        reviewers=_ids(fields, "may"),
        leads=_ids(fields, "leads"),
    )


def _decoded_update(fields: Fields) -> DecisionUpdate:
    return DecisionUpdate(
        type=_enum(fields, "decision", UpdateType),
        at=_number(fields, "at"),
        version=_number(fields, "version"),
        session_id=_text(fields, "session_id"),
        entity_type=_enum(fields, "entity_type", EntityType),
        subject_id=_text_or_none(fields, "subject_id"),
        queue=_text(fields, "queue"),
        outcome=_text_or_none(fields, "outcome"),
        reason=_text_or_none(fields, "reason"),
        decided_by=_text_or_none(fields, "decided_by"),
        decided_at=_number_or_none(fields, "decided_at"),
        confirmed_by=_text_or_none(fields, "confirmed_by"),
        confirmed_at=_number_or_none(fields, "confirmed_at"),
        verdict=None if fields.get("verdict") is None else _enum(fields, "verdict", SessionState),
        agrees=_boolean_or_none(fields, "agrees"),
        shares_note="note" in fields,
        note=_text_or_none(fields, "note"),
    )


def _enum(fields: Fields, key: str, kind: type[EnumT]) -> EnumT:
    try:
        return kind(_text(fields, key))
    except ValueError:
        raise _UnreadableError(key) from None


def _action(fields: Fields) -> Action:
    return _enum(fields, "action", Action)


def _text(fields: Fields, key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str):
        raise _UnreadableError(key)
    return value


def _text_or_none(fields: Fields, key: str) -> str | None:
    return None if fields.get(key) is None else _text(fields, key)


def _number(fields: Fields, key: str) -> int:
    value = fields.get(key)
    if not isinstance(value, int):
        raise _UnreadableError(key)
    return value


def _number_or_none(fields: Fields, key: str) -> int | None:
    return None if fields.get(key) is None else _number(fields, key)


def _boolean_or_none(fields: Fields, key: str) -> bool | None:
    value = fields.get(key)
    if value is not None and not isinstance(value, bool):
        raise _UnreadableError(key)
    return value


def _ids(fields: Fields, key: str) -> tuple[str, ...]:
    """A list of ids; empty where there is none."""
    value = fields.get(key, [])
    if not isinstance(value, list) or not all(isinstance(id_, str) for id_ in value):
        raise _UnreadableError(key)
    return tuple(value)
