"""A line of the card's history: what happened, when, who did it and what they wrote. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.reviews.audit.entry import BOT, CHECKS_CHANGED, OVERDUE, RALIO, AuditEntry
from bot.reviews.policy import Policy
from bot.reviews.review import Action, SessionState
from bot.slack.messages.mrkdwn import VERDICTS, code, escaped, mention, moment, one_line, person

WORDS_LENGTH = 80

_DONE_BY_PEOPLE: Mapping[str, str] = MappingProxyType(
    {
        Action.CLAIM: "claimed",
        Action.RELEASE: "released",
        Action.TAKE_OVER: "taken over",
        Action.ESCALATE: "escalated to the leads",
        Action.CONFIRM: "decision confirmed",
        Action.SEND_BACK: "sent back",
        Action.WITHDRAW: "proposal withdrawn",
        Action.REOPEN: "reopened",
        Action.ADD_NOTE: "note added",
        Action.STILL_ON_IT: "still being worked on",
        OVERDUE: "overdue",
    }
)

_DECIDED: Mapping[str, str] = MappingProxyType(
    {
        Action.RESOLVE: "decided",
        Action.PROPOSE: "proposed",
        Action.RECORD_DECISION: "decision recorded after the verdict:",
    }
)


def history_line(entry: AuditEntry, rules: Policy) -> str:
    """One change. What a person typed is shown as code, where it cannot be formatting, a mention or a link."""
    by = "" if entry.actor in (RALIO, BOT) else f" by {person(entry.actor)}"
    words = entry.detail.get("note" if entry.action == Action.ADD_NOTE else "words")
    said = f": {code(one_line(words, WORDS_LENGTH))}" if words else ""
    return f"{moment(entry.at)}: {_what_happened(entry, rules)}{by}{said}"


def _what_happened(entry: AuditEntry, rules: Policy) -> str:
    match entry.action:
        case Action.RECEIVE if entry.from_status is None:
            return "sent to manual review"
        case Action.RECEIVE if entry.to_status is entry.from_status:
            return "sent to manual review again"
        case Action.RECEIVE:
            return "sent to manual review again and reopened"
        case Action.CLOSE:
            state = SessionState(entry.detail["session_state"])
            return f"closed, the session is {VERDICTS.get(state, state.value)}"
        case Action.RELEASE if entry.actor == BOT:
            return "released, for nothing was heard of the claim"
        case Action.WITHDRAW if entry.detail.get("because") == CHECKS_CHANGED:
            return "proposal withdrawn: the checks changed"
        case Action.REASSIGN:
            return f"reassigned to {mention(entry.detail.get('to', ''))}"
        case Action.RESOLVE | Action.PROPOSE | Action.RECORD_DECISION as action:
            return f"{_DECIDED[action]}{_outcome(entry, rules)}"
        case _:
            return _DONE_BY_PEOPLE[entry.action]


def _outcome(entry: AuditEntry, rules: Policy) -> str:
    outcome = entry.detail.get("outcome")
    return f" {escaped(rules.label_of(outcome))}" if outcome else ""
