"""A line of the card's history."""

import pytest

from bot.reviews.audit.entry import BOT, RALIO, AuditEntry
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import TRANSITIONS, Action, Status
from bot.slack.messages.card_history import history_line
from tests.support.examples import HOSTILE, is_harmless

AT = 1_773_765_688_447
WHEN = "<!date^1773765688^{date_short_pretty} at {time}|2026-03-17 16:41 UTC>"
RULES = Policy(outcomes={"reject": Outcome("Reject & close")})

OPEN, CLAIMED, PROPOSED = Status.OPEN, Status.CLAIMED, Status.PROPOSED
LINES: list[tuple[Action, Status | None, Status, dict[str, str], str]] = [
    (Action.CLAIM, OPEN, CLAIMED, {"to": "UANNA"}, "claimed by <@UANNA>"),
    (Action.RELEASE, CLAIMED, OPEN, {"from": "UANNA"}, "released by <@UANNA>"),
    (Action.REASSIGN, CLAIMED, CLAIMED, {"to": "UBORIS"}, "reassigned to <@UBORIS> by <@UANNA>"),
    (Action.REASSIGN, CLAIMED, CLAIMED, {"to": "UB", "words": "x"}, "reassigned to <@UB> by <@UANNA>: `x`"),
    (Action.TAKE_OVER, CLAIMED, CLAIMED, {"words": "Away."}, "taken over by <@UANNA>: `Away.`"),
    (Action.ESCALATE, CLAIMED, CLAIMED, {}, "escalated to the leads by <@UANNA>"),
    (Action.ESCALATE, CLAIMED, CLAIMED, {"words": "Odd."}, "escalated to the leads by <@UANNA>: `Odd.`"),
    (Action.ADD_NOTE, PROPOSED, PROPOSED, {"note": "Look\n up."}, "note added by <@UANNA>: `Look up.`"),
    (
        Action.RECORD_DECISION,
        Status.CLOSED,
        Status.CLOSED,
        {"outcome": "reject", "note": "Seen."},
        "decision recorded after the verdict: Reject &amp; close by <@UANNA>",
    ),
    (Action.STILL_ON_IT, CLAIMED, CLAIMED, {}, "still being worked on by <@UANNA>"),
    (Action.RESOLVE, CLAIMED, Status.DECIDED, {"outcome": "approve"}, "decided approve by <@UANNA>"),
    (Action.PROPOSE, CLAIMED, PROPOSED, {"outcome": "reject"}, "proposed Reject &amp; close by <@UANNA>"),
    (Action.CONFIRM, PROPOSED, Status.DECIDED, {"outcome": "reject"}, "decision confirmed by <@UANNA>"),
    (Action.SEND_BACK, PROPOSED, CLAIMED, {"words": "Look\n again."}, "sent back by <@UANNA>: `Look again.`"),
    (Action.WITHDRAW, PROPOSED, CLAIMED, {"outcome": "reject"}, "proposal withdrawn by <@UANNA>"),
    (Action.REOPEN, Status.DECIDED, OPEN, {"words": "`x`"}, "reopened by <@UANNA>: `'x'`"),
]


@pytest.mark.parametrize(("action", "before", "after", "detail", "line"), LINES)
def test_what_a_person_did_is_one_line(
    action: Action, before: Status, after: Status, detail: dict[str, str], line: str
) -> None:
    """When, what, who did it and what they wrote."""
    entry = AuditEntry(AT, "UANNA", action, before, after, 2, detail=detail)
    assert history_line(entry, RULES) == f"{WHEN}: {line}"


def test_every_action_that_can_be_granted_has_its_line() -> None:
    """No change is silent."""
    granted = {action for _, action in TRANSITIONS} - {Action.RECEIVE, Action.CLOSE}
    assert {action for action, *_ in LINES} == granted


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (None, OPEN, "sent to manual review"),
        (CLAIMED, CLAIMED, "sent to manual review again"),
        (Status.DECIDED, OPEN, "sent to manual review again and reopened"),
    ],
)
def test_what_ralio_sent_names_no_person(before: Status | None, after: Status, line: str) -> None:
    """No person did it."""
    entry = AuditEntry(AT, RALIO, Action.RECEIVE, before, after, 2)
    assert history_line(entry, RULES) == f"{WHEN}: {line}"


def test_a_proposal_that_the_bot_withdrew_says_why() -> None:
    """No person did it."""
    entry = AuditEntry(AT, BOT, Action.WITHDRAW, PROPOSED, CLAIMED, 2, detail={"because": "checks_changed"})
    assert history_line(entry, RULES) == f"{WHEN}: proposal withdrawn: the checks changed"


def test_a_long_comment_is_shortened() -> None:
    """The thread has all of it."""
    entry = AuditEntry(AT, "UANNA", Action.REOPEN, Status.DECIDED, OPEN, 2, detail={"words": "w" * 1_000})
    assert history_line(entry, RULES).endswith(f": `{'w' * 79}…`")


@pytest.mark.parametrize("action", [action for action, *_ in LINES])
def test_a_hostile_text_is_only_a_text(action: Action) -> None:
    """In every place."""
    detail = {"words": HOSTILE, "outcome": HOSTILE, "to": HOSTILE}
    entry = AuditEntry(AT, HOSTILE, action, OPEN, OPEN, 2, detail=detail)
    assert is_harmless(history_line(entry, RULES))
