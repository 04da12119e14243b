"""The ids of buttons, menus and modals, by which Slack reports that a person used them."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from bot.reviews.ids import canonical_id
from bot.reviews.review import Action

HISTORY = "review_history"
"""Opens the modal with everything that happened to a review."""

HISTORY_OLDER, HISTORY_NEWER = "history_older", "history_newer"
"""Turn that modal's pages; the value names the session and the page."""

BUTTONS: Mapping[str, Action] = MappingProxyType(
    {
        "review_claim": Action.CLAIM,
        "review_release": Action.RELEASE,
        "review_resolve": Action.RESOLVE,
        "review_confirm": Action.CONFIRM,
        "review_send_back": Action.SEND_BACK,
        "review_reopen": Action.REOPEN,
        "review_record_decision": Action.RECORD_DECISION,
        "review_still_on_it": Action.STILL_ON_IT,
        "review_reassign": Action.REASSIGN,
        "review_withdraw": Action.WITHDRAW,
        "review_resume": Action.RESUME,
        HISTORY: Action.SEE_HISTORY,
    }
)
"""The action id of each button and its action; the value of a button names the session."""

MENU = "review_more"
"""The action id of the menu; the value of an option is the action, the id of the block names the session."""

MENU_ACTIONS: Mapping[Action, str] = MappingProxyType(
    {
        Action.REASSIGN: "Reassign",
        Action.TAKE_OVER: "Take over",
        Action.ESCALATE: "Escalate",
        Action.SNOOZE: "Snooze",
        Action.RESUME: "Resume",
        Action.WITHDRAW: "Withdraw",
        Action.ADD_NOTE: "Add note",
    }
)
"""What a menu can offer, in the order of its options, with the labels.

Slack allows five: only a snoozed review has `Resume`, instead of `Snooze`.
"""

OPENS_MODAL = frozenset(
    {
        Action.RESOLVE,
        Action.SEND_BACK,
        Action.REOPEN,
        Action.REASSIGN,
        Action.TAKE_OVER,
        Action.ESCALATE,
        Action.SNOOZE,
        Action.RECORD_DECISION,
        Action.ADD_NOTE,
    }
)
"""The actions that open a modal; every other action is carried out at once."""

DECIDES = frozenset({Action.RESOLVE, Action.RECORD_DECISION})
"""The actions whose modal asks for a decision."""

HOME_CLAIM = "home_claim"
HOME_CLAIM_NEXT = "home_claim_next"
HOME_MORE, HOME_PREVIOUS, HOME_LESS = "home_more", "home_previous", "home_less"
"""Show the next or previous part of a list on the home tab, or less of it again; the value says which part."""

HOME_OPEN = "home_open"
PORTAL_OPEN = "portal_open"
FORM = "review_form"
OUTCOME = "outcome"

_BLOCK = "review:"
_STEP = "@"
_SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
_VALUE = re.compile(rf"({_SESSION_ID.pattern})(?:{_STEP}([0-9]{{1,15}}))?", re.ASCII)


def block_id(session: str) -> str:
    """The id of the block that holds a review's buttons."""
    return _BLOCK + session


def session_of_block(id_: str) -> str | None:
    """The session whose buttons the block holds; None for any other block."""
    return session_id(id_.removeprefix(_BLOCK)) if id_.startswith(_BLOCK) else None


def session_id(value: object) -> str | None:
    """The value if it looks like a session id, with a UUID in its one spelling; otherwise None."""
    id_ = canonical_id(value) if isinstance(value, str) else ""
    return id_ if _SESSION_ID.fullmatch(id_) else None


def value(session: str, step: int | None = None) -> str:
    """The value of a button; with the step if the button must not work once the review has changed."""
    return session if step is None else f"{session}{_STEP}{step}"


def read_value(text: str) -> tuple[str, int | None] | None:
    """The session and the step of the review that the button was made for; None for another app's value."""
    found = _VALUE.fullmatch(text)
    return (canonical_id(found[1]), int(found[2]) if found[2] else None) if found else None
