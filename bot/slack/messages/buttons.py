"""The names under which buttons, menus and forms come back when somebody uses them."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from bot.reviews.review import Action

BUTTONS: Mapping[str, Action] = MappingProxyType(
    {
        "review_claim": Action.CLAIM,
        "review_release": Action.RELEASE,
        "review_resolve": Action.RESOLVE,
        "review_confirm": Action.CONFIRM,
        "review_send_back": Action.SEND_BACK,
        "review_reopen": Action.REOPEN,
        "review_still_on_it": Action.STILL_ON_IT,
    }
)
"""The buttons' action ids and what each asks for; a button's value names the session."""

MENU = "review_more"
"""The menu's action id; the value of its options is the action, the session stands in the block's id."""

MENU_ACTIONS: Mapping[Action, str] = MappingProxyType(
    {Action.REASSIGN: "Reassign", Action.TAKE_OVER: "Take over", Action.ESCALATE: "Escalate"}
)

ASKS_MORE = frozenset({Action.RESOLVE, Action.SEND_BACK, Action.REOPEN, Action.REASSIGN, Action.TAKE_OVER})
"""What opens a form; everything else is done at once."""

HOME_CLAIM = "home_claim"
HOME_CLAIM_NEXT = "home_claim_next"
HOME_OPEN = "home_open"
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
    """The session that the block's buttons belong to; None for any other block."""
    return session_id(id_.removeprefix(_BLOCK)) if id_.startswith(_BLOCK) else None


def session_id(word: object) -> str | None:
    """The word if it can be a session's id."""
    return word if isinstance(word, str) and _SESSION_ID.fullmatch(word) else None


def value(session: str, step: int | None = None) -> str:
    """A button's value; with the step where it must not count for a review that has changed since."""
    return session if step is None else f"{session}{_STEP}{step}"


def read_value(text: str) -> tuple[str, int | None] | None:
    """The session, and the review's step that the button was drawn for; None for no button of the bot."""
    found = _VALUE.fullmatch(text)
    return (found[1], int(found[2]) if found[2] else None) if found else None
