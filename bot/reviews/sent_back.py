"""A proposal that was sent back or withdrawn is the start of its proposer's next decision. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.reviews.audit.entry import BOT, OVERDUE, AuditEntry
from bot.reviews.policy import Decision
from bot.reviews.review import Action

_LEAVES_IT = frozenset(
    {Action.ADD_NOTE, Action.ESCALATE, Action.SNOOZE, Action.RESUME, Action.STILL_ON_IT, OVERDUE}
)
"""What can happen to a claimed review without changing who has it or what it rests on."""


@dataclass(frozen=True, slots=True)
class FormerProposal:
    """What the holder proposed last; `sent_back_by` and `why` are empty if they withdrew it themselves."""

    decision: Decision
    sent_back_by: str = ""
    why: str = ""


def former_proposal(history: Sequence[AuditEntry], holder: str) -> FormerProposal | None:
    """The proposal that came back to the holder, from the newest changes, oldest first; None without one.

    One that the bot withdrew because the checks changed doesn't count: it rested on other evidence.
    """
    sent_back_by = why = ""
    for entry in reversed(history):
        if entry.action in _LEAVES_IT or (entry.action == Action.WITHDRAW and entry.actor != BOT):
            continue
        if entry.action == Action.SEND_BACK:
            sent_back_by, why = entry.actor, entry.detail.get("words", "")
        elif entry.action == Action.PROPOSE and entry.actor == holder:
            detail = entry.detail
            decision = Decision(detail.get("outcome", ""), detail.get("reason"), detail.get("note"))
            return FormerProposal(decision, sent_back_by, why)
        else:
            return None
    return None
