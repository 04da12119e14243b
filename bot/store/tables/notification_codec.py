"""The one place that knows how a notification is stored in `deliveries.arguments`: as a flat JSON object.

A `topic` marks thread replies and direct messages, `what` marks ops alerts, `why` a refusal, `action` alone a granted
action, and `queue` alone a digest. The keys are those that the first version wrote. It can read what this one writes,
and the other way round, so an upgrade or a rollback loses no message.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

from bot.reviews.action_request import Refused
from bot.reviews.notifications import (
    ActionAnnouncement,
    ActionGranted,
    ActionRefused,
    ActionTopic,
    AutomaticTopic,
    ClaimExpired,
    DailyDigest,
    DeliveryHeld,
    DirectMessage,
    EventQuarantined,
    HolderReminder,
    LeadsReminder,
    Notification,
    OpsAlert,
    QueueReminder,
    Reminder,
    SessionClosed,
    StillOnItQuestion,
    ThreadReply,
    VerdictDisagrees,
)
from bot.reviews.refused_webhook import RefusedWebhook, WebhookRefused
from bot.reviews.review import Action, Disagreement, SessionState, Status

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
        case WebhookRefused(_, error):
            return {"what": notification.problem, "error": error}
        case DeliveryHeld(channel, error):
            return {"what": notification.problem, "error": error, "channel": channel}
        case DailyDigest(queue):
            return {"queue": queue}
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
        case VerdictDisagrees(_, session_state, disagreement, outcome):
            return {"session_state": session_state, "disagreement": disagreement, "outcome": outcome}
        case ClaimExpired(_, session_id):
            return {"session_id": session_id}
        case QueueReminder() | LeadsReminder() | HolderReminder() | StillOnItQuestion() as reminder:
            return {
                "session_id": reminder.session_id,
                "status": reminder.status,
                "holder": reminder.holder,
                "due_at": reminder.due_at,
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


def _decoded(fields: Fields) -> Notification:
    if "topic" in fields:
        return _decoded_topic(fields)
    if "what" in fields:
        return _decoded_alert(fields)
    if "why" in fields:
        return _decoded_refusal(fields)
    if "action" in fields:
        return ActionGranted(_action(fields), _text(fields, "session_id"))
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
            state = _enum(fields, "session_state", SessionState)
            disagreement = _enum(fields, "disagreement", Disagreement)
            return VerdictDisagrees(to, state, disagreement, _text_or_none(fields, "outcome"))
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


def _decoded_alert(fields: Fields) -> OpsAlert:
    what, error = _text(fields, "what"), _text(fields, "error")
    if what == "quarantined":
        return EventQuarantined(error)
    if what.startswith("held:"):
        return DeliveryHeld(_text_or_none(fields, "channel"), error)
    if what in {f"webhook:{topic}" for topic in RefusedWebhook}:
        return WebhookRefused(RefusedWebhook(what.removeprefix("webhook:")), error)
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


def _number_or_none(fields: Fields, key: str) -> int | None:
    value = fields.get(key)
    if value is not None and not isinstance(value, int):
        raise _UnreadableError(key)
    return value


def _ids(fields: Fields, key: str) -> tuple[str, ...]:
    """A list of ids; empty where there is none."""
    value = fields.get(key, [])
    if not isinstance(value, list) or not all(isinstance(id_, str) for id_ in value):
        raise _UnreadableError(key)
    return tuple(value)
