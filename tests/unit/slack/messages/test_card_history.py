"""A line of the card's history."""

import pytest

from bot.reviews.audit.entry import BOT, OVERDUE, RALIO, AuditEntry
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import TRANSITIONS, Action, Status
from bot.slack.messages.card_history import history_line
from tests.support.examples import HOSTILE, is_harmless

AT = 1_773_765_688_447
WHEN = "<!date^1773765688^{date_short_pretty} at {time}|2026-03-17 16:41 UTC>"
RULES = Policy(outcomes={"reject": Outcome("Reject & close")})

OPEN, CLAIMED, PROPOSED = Status.OPEN, Status.CLAIMED, Status.PROPOSED
LINES: list[tuple[Action, Status | None, Status, dict[str, str], str]] = [
    (Action.CLAIM, OPEN, CLAIMED, {"to": "UANNA"}, "<@UANNA> claimed it"),
    (Action.RELEASE, CLAIMED, OPEN, {"from": "UANNA"}, "<@UANNA> released it"),
    (Action.REASSIGN, CLAIMED, CLAIMED, {"to": "UBORIS"}, "<@UANNA> reassigned it to <@UBORIS>"),
    (Action.REASSIGN, CLAIMED, CLAIMED, {"to": "UB", "words": "x"}, "<@UANNA> reassigned it to <@UB>: `x`"),
    (Action.TAKE_OVER, CLAIMED, CLAIMED, {"words": "Away."}, "<@UANNA> took it over: `Away.`"),
    (Action.ESCALATE, CLAIMED, CLAIMED, {}, "<@UANNA> escalated it to the leads"),
    (Action.ESCALATE, CLAIMED, CLAIMED, {"words": "Odd."}, "<@UANNA> escalated it to the leads: `Odd.`"),
    (Action.ADD_NOTE, PROPOSED, PROPOSED, {"note": "Look\n up."}, "<@UANNA> added a note: `Look up.`"),
    (
        Action.RECORD_DECISION,
        Status.CLOSED,
        Status.CLOSED,
        {"outcome": "reject", "note": "Seen."},
        "<@UANNA> recorded after the verdict: *Reject &amp; close*",
    ),
    (Action.STILL_ON_IT, CLAIMED, CLAIMED, {}, "<@UANNA> is still working on it"),
    (
        Action.SNOOZE,
        CLAIMED,
        CLAIMED,
        {"until": "2026-03-17T16:41:28+00:00", "reason": "proof_of_address", "words": "Sent a form."},
        f"<@UANNA> snoozed it until {WHEN} (Proof of address): `Sent a form.`",
    ),
    (Action.RESUME, CLAIMED, CLAIMED, {}, "<@UANNA> resumed it"),
    (Action.RESOLVE, CLAIMED, Status.DECIDED, {"outcome": "approve"}, "<@UANNA> decided *Approve*"),
    (Action.PROPOSE, CLAIMED, PROPOSED, {"outcome": "reject"}, "<@UANNA> proposed *Reject &amp; close*"),
    (
        Action.CONFIRM,
        PROPOSED,
        Status.DECIDED,
        {"outcome": "reject"},
        "<@UANNA> confirmed *Reject &amp; close*",
    ),
    (Action.SEND_BACK, PROPOSED, CLAIMED, {"words": "Look\n again."}, "<@UANNA> sent it back: `Look again.`"),
    (
        Action.WITHDRAW,
        PROPOSED,
        CLAIMED,
        {"outcome": "reject"},
        "<@UANNA> withdrew the proposal of *Reject &amp; close*",
    ),
    (Action.REOPEN, Status.DECIDED, OPEN, {"words": "`x`"}, "<@UANNA> reopened it: `'x'`"),
]


@pytest.mark.parametrize(("action", "before", "after", "detail", "line"), LINES)
def test_what_a_person_did_is_one_line(
    action: Action, before: Status, after: Status, detail: dict[str, str], line: str
) -> None:
    """When, what, who did it and what they wrote."""
    entry = AuditEntry(AT, "UANNA", action, before, after, 2, detail=detail)
    assert history_line(entry, RULES) == f"{WHEN} · {line}"


def test_every_action_that_can_be_granted_has_its_line() -> None:
    """No change is silent."""
    granted = {action for _, action in TRANSITIONS} - {Action.RECEIVE, Action.CLOSE}
    assert {action for action, *_ in LINES} == granted


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (None, OPEN, "Sent to manual review"),
        (CLAIMED, CLAIMED, "Sent to manual review again"),
        (Status.DECIDED, OPEN, "Sent to manual review again and reopened"),
    ],
)
def test_what_ralio_sent_names_no_person(before: Status | None, after: Status, line: str) -> None:
    """No person did it."""
    entry = AuditEntry(AT, RALIO, Action.RECEIVE, before, after, 2)
    assert history_line(entry, RULES) == f"{WHEN} · {line}"


def test_a_proposal_that_the_bot_withdrew_says_why() -> None:
    """No person did it."""
    entry = AuditEntry(AT, BOT, Action.WITHDRAW, PROPOSED, CLAIMED, 2, detail={"because": "checks_changed"})
    assert history_line(entry, RULES) == f"{WHEN} · Proposal withdrawn: the checks changed"


@pytest.mark.parametrize(
    ("detail", "why"), [({}, "no activity"), ({"because": "holder_deactivated"}, "account deactivated")]
)
def test_a_claim_that_the_bot_released_says_why(detail: dict[str, str], why: str) -> None:
    """No person did it."""
    entry = AuditEntry(AT, BOT, Action.RELEASE, CLAIMED, OPEN, 2, detail=detail)
    assert history_line(entry, RULES) == f"{WHEN} · Released automatically ({why})"


@pytest.mark.parametrize(
    ("detail", "line"),
    [
        ({"deadline": "claim_due"}, "Claim overdue"),
        ({"deadline": "decide_due"}, "Decision overdue"),
        ({"deadline": "verdict_due"}, "Verdict overdue"),
        ({}, "Overdue"),  # recorded by an older version
    ],
)
def test_an_overdue_review_says_what_is_late(detail: dict[str, str], line: str) -> None:
    """A review can miss several deadlines, one after the other."""
    entry = AuditEntry(AT, BOT, OVERDUE, OPEN, OPEN, 2, detail=detail)
    assert history_line(entry, RULES) == f"{WHEN} · {line}"


def test_a_decision_has_its_reason() -> None:
    """By its label."""
    rules = Policy(outcomes={"reject": Outcome("Reject", {"expired": "Document expired"})})
    detail = {"outcome": "reject", "reason": "expired"}
    entry = AuditEntry(AT, "UANNA", Action.PROPOSE, CLAIMED, PROPOSED, 2, detail=detail)
    assert history_line(entry, rules) == f"{WHEN} · <@UANNA> proposed *Reject* (Document expired)"


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
