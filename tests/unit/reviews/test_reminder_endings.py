"""When a direct message about a review is answered or moot, and what ends it."""

from typing import Any

import pytest

from bot.reviews.audit.entry import BOT, RALIO, AuditEntry
from bot.reviews.change import Change
from bot.reviews.reminder_endings import ending_of
from bot.reviews.reminders import (
    DirectMessage,
    HolderReminder,
    ReminderEnded,
    StillOnItQuestion,
    VerdictMissing,
)
from bot.reviews.review import Action, Review, SessionState, Status
from tests.support.examples import CLAIMED, DECIDED, OPENED_AT

MINE = CLAIMED._replace(active_at=OPENED_AT)
DONE = DECIDED._replace(claimed_by="UANNA")


def _about(kind: type[DirectMessage], review: Review) -> DirectMessage:
    return kind(("UANNA",), review.session_id, review.status, review.claimed_by, review.due_at)


def _ending(
    kind: type[DirectMessage], before: Review, action: Action, actor: str, **changes: Any
) -> ReminderEnded | None:
    after = before._replace(**changes)
    entry = AuditEntry(OPENED_AT, actor, action, before.status, after.status, after.version)
    return ending_of(_about(kind, before), before, Change(after, entry))


ENDED = [
    (StillOnItQuestion, MINE, Action.STILL_ON_IT, "UANNA", {"active_at": OPENED_AT + 1}),
    (StillOnItQuestion, MINE, Action.ADD_NOTE, "UANNA", {"active_at": OPENED_AT + 1}),
    (StillOnItQuestion, MINE, Action.RELEASE, BOT, {"status": Status.OPEN, "claimed_by": None}),
    (HolderReminder, MINE, Action.SNOOZE, "UANNA", {"snoozed_until": OPENED_AT + 9}),
    (HolderReminder, MINE, Action.REASSIGN, "ULEA", {"claimed_by": "UBORIS"}),
    (HolderReminder, MINE, Action.PROPOSE, "UANNA", {"status": Status.PROPOSED}),
    (
        VerdictMissing,
        DONE,
        Action.CLOSE,
        RALIO,
        {"status": Status.CLOSED, "session_state": SessionState.VERIFIED},
    ),
    (VerdictMissing, DONE, Action.REOPEN, "ULEA", {"status": Status.OPEN, "claimed_by": None}),
]
GOES_ON = [
    (StillOnItQuestion, MINE, Action.ADD_NOTE, "UBORIS", {}),
    (StillOnItQuestion, MINE, Action.ESCALATE, "UBORIS", {"escalated_by": "UBORIS"}),
    (HolderReminder, MINE, Action.STILL_ON_IT, "UANNA", {"active_at": OPENED_AT + 1}),
    (HolderReminder, MINE, Action.RECEIVE, RALIO, {"due_at": OPENED_AT + 9}),
    (VerdictMissing, DONE, Action.ADD_NOTE, "UBORIS", {}),
]


@pytest.mark.parametrize(("kind", "before", "action", "actor", "changes"), ENDED)
def test_a_message_ends(
    kind: type[DirectMessage], before: Review, action: Action, actor: str, changes: dict[str, Any]
) -> None:
    """With its answer, or because the review is no longer the person's to work on; it says who did that."""
    ended = _ending(kind, before, action, actor, **changes)
    assert ended == ReminderEnded(
        ("UANNA",),
        before.session_id,
        action,
        actor,
        changes.get("claimed_by", "UANNA"),
        changes.get("session_state", SessionState.REVIEW),
    )


@pytest.mark.parametrize(("kind", "before", "action", "actor", "changes"), GOES_ON)
def test_a_message_goes_on(
    kind: type[DirectMessage], before: Review, action: Action, actor: str, changes: dict[str, Any]
) -> None:
    """What others write, and a deadline that moves, answer nothing."""
    assert _ending(kind, before, action, actor, **changes) is None
