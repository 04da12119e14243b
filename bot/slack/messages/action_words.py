"""The verbs of what people do to a review. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.reviews.review import Action

VERBS: Mapping[Action | None, str] = MappingProxyType(
    {
        Action.CLAIM: "claim",
        Action.RELEASE: "release",
        Action.REASSIGN: "reassign",
        Action.TAKE_OVER: "take over",
        Action.ESCALATE: "escalate",
        Action.STILL_ON_IT: "keep",
        Action.SNOOZE: "snooze",
        Action.RESUME: "resume",
        Action.RESOLVE: "resolve",
        Action.PROPOSE: "resolve",
        Action.CONFIRM: "confirm",
        Action.SEND_BACK: "send back",
        Action.WITHDRAW: "withdraw",
        Action.REOPEN: "reopen",
        Action.RECORD_DECISION: "record a decision on",
        Action.ADD_NOTE: "add a note to",
        Action.SEE_HISTORY: "see the history of",
        None: "see",
    }
)

_OBJECT_COMES_LAST = frozenset({Action.RECORD_DECISION, Action.ADD_NOTE, Action.SEE_HISTORY})


def phrase(action: Action | None, what: str) -> str:
    """The action with its object, where English puts it: send it back, take it over."""
    if action is Action.SEE_HISTORY and what == "it":
        return "see its history"
    verb = VERBS[action]
    if action in _OBJECT_COMES_LAST:
        return f"{verb} {what}"
    first, _, rest = verb.partition(" ")
    return f"{first} {what} {rest}" if rest else f"{first} {what}"
