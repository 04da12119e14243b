"""A line of a review's history: when, who did what, and what they wrote. Pure."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from bot.reviews.audit.entry import (
    BOT,
    CHECKS_CHANGED,
    DEADLINE,
    HOLDER_DEACTIVATED,
    OVERDUE,
    RALIO,
    AuditEntry,
)
from bot.reviews.deadlines import TimerKind
from bot.reviews.policy import Policy
from bot.reviews.review import Action, SessionState
from bot.slack.messages.mrkdwn import code, escaped, in_words, mention, moment, one_line, person
from bot.slack.messages.status_text import reason_in_brackets, verdict_words

WORDS_LENGTH = 80

_DONE_BY_PEOPLE: Mapping[str, str] = MappingProxyType(
    {
        Action.CLAIM: "claimed it",
        Action.RELEASE: "released it",
        Action.TAKE_OVER: "took it over",
        Action.ESCALATE: "escalated it to the leads",
        Action.CONFIRM: "confirmed",
        Action.SEND_BACK: "sent it back",
        Action.WITHDRAW: "withdrew the proposal",
        Action.REOPEN: "reopened it",
        Action.ADD_NOTE: "added a note",
        Action.STILL_ON_IT: "is still working on it",
        Action.RESUME: "resumed it",
    }
)

_OVERDUE: Mapping[str, str] = MappingProxyType(
    {
        TimerKind.CLAIM_DUE: "Claim overdue",
        TimerKind.DECIDE_DUE: "Decision overdue",
        TimerKind.VERDICT_DUE: "Verdict overdue",
    }
)

_DECIDED: Mapping[str, str] = MappingProxyType(
    {
        Action.RESOLVE: "decided",
        Action.PROPOSE: "proposed",
        Action.RECORD_DECISION: "recorded after the verdict:",
    }
)


def history_line(entry: AuditEntry, rules: Policy, words_length: int = WORDS_LENGTH) -> str:
    """One change. What a person typed is shown as code, where it cannot be formatting, a mention or a link."""
    words = entry.detail.get("note" if entry.action == Action.ADD_NOTE else "words")
    said = f": {code(one_line(words, words_length))}" if words else ""
    return f"{moment(entry.at)} · {what_happened(entry, rules)}{said}"


def what_happened(entry: AuditEntry, rules: Policy) -> str:
    """A granted change in words, without what a person typed."""
    if entry.actor in (RALIO, BOT):
        return _by_itself(entry)
    return f"{person(entry.actor)} {_by_a_person(entry, rules)}"


def _by_itself(entry: AuditEntry) -> str:
    match entry.action:
        case Action.RECEIVE if entry.from_status is None:
            return "Sent to manual review"
        case Action.RECEIVE if entry.to_status is entry.from_status:
            return "Sent to manual review again"
        case Action.RECEIVE:
            return "Sent to manual review again and reopened"
        case Action.CLOSE:
            words = verdict_words(SessionState(entry.detail["session_state"]))
            return f"Closed: {words}"
        case Action.RELEASE if entry.detail.get("because") == HOLDER_DEACTIVATED:
            return "Released automatically (account deactivated)"
        case Action.RELEASE:
            return "Released automatically (no activity)"
        case Action.WITHDRAW if entry.detail.get("because") == CHECKS_CHANGED:
            return "Proposal withdrawn: the checks changed"
        case Action.RESUME:
            return "Snooze ended"
        case _ if entry.action == OVERDUE:
            return _OVERDUE.get(entry.detail.get(DEADLINE, ""), "Overdue")
        case other:
            return in_words(other).capitalize()


def _by_a_person(entry: AuditEntry, rules: Policy) -> str:
    match entry.action:
        case Action.SNOOZE:
            return f"snoozed it{_snooze(entry, rules)}"
        case Action.REASSIGN:
            return f"reassigned it to {mention(entry.detail.get('to', ''))}"
        case Action.CONFIRM | Action.WITHDRAW if entry.detail.get("outcome"):
            what = "" if entry.action == Action.CONFIRM else " of"
            return f"{_DONE_BY_PEOPLE[entry.action]}{what}{_outcome(entry, rules)}"
        case Action.RESOLVE | Action.PROPOSE | Action.RECORD_DECISION as action:
            return f"{_DECIDED[action]}{_outcome(entry, rules)}"
        case _:
            return _DONE_BY_PEOPLE.get(entry.action) or in_words(entry.action)


def _snooze(entry: AuditEntry, rules: Policy) -> str:
    until, reason = entry.detail.get("until"), entry.detail.get("reason")
    words = f" until {moment(round(datetime.fromisoformat(until).timestamp() * 1000))}" if until else ""
    return f"{words} ({escaped(rules.snooze.label_of(reason))})" if reason else words


def _outcome(entry: AuditEntry, rules: Policy) -> str:
    outcome, reason = entry.detail.get("outcome"), entry.detail.get("reason")
    return (
        f" *{escaped(rules.label_of(outcome))}*{reason_in_brackets(outcome, reason, rules)}"
        if outcome
        else ""
    )
