"""The modals behind the buttons, as golden files: each modal in each state."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from bot.demo.blocks.views import view_problems
from bot.reviews.permissions import Roster
from bot.reviews.policy import Decision, Outcome, Policy
from bot.reviews.review import Action, Review
from bot.reviews.sent_back import FormerProposal
from bot.slack.api.client import View
from bot.slack.messages.modal import TITLES, closing_modal, modal, sent_back_line, who_can_line
from bot.slack.requests.modal_state import Entered, ModalState
from tests.support import golden
from tests.support.card_cases import CHECKS, LONG
from tests.support.examples import (
    CLAIMED,
    CONFIRMED,
    HOSTILE,
    LONGEST,
    LONGEST_ID,
    MOST,
    NAMED,
    PROPOSED,
    RELATED_PARTY,
    RULES,
    VERIFIED,
    formatted_texts,
    is_harmless,
)

WARNING = "This looks like it contains an email address. Remove it, or submit again to keep it."
CHANGED = "The review changed before you could resolve it: it's unclaimed. Check it, then submit again."
SENT_BACK = FormerProposal(
    Decision("reject", "document_expired", "Ended in *May*."), "UBORIS", "Which *page*?"
)


@dataclass(frozen=True)
class Case:
    """A modal for an action on a review, filled in, with a remark above it."""

    action: Action
    review: Review
    entered: Entered | None = None
    remark: str = ""
    rules: Policy = RULES
    warned: str = ""
    warning: str = ""
    takes_alerts: bool = False

    def view(self) -> View:
        """The modal of the case."""
        review = self.review
        state = ModalState(self.action, review.session_id, review.version, "C012AB3CD", self.warned)
        return modal(
            state,
            review,
            self.rules,
            self.entered,
            self.remark,
            warning=self.warning,
            takes_alerts=self.takes_alerts,
        )


REJECTED = Entered(outcome="reject", reason="document_expired", words="Ended in *May*, write to <joe>")
CASES = {
    "resolve": Case(Action.RESOLVE, CLAIMED._replace(checks=CHECKS)),
    "resolve_related_party_of_an_unknown_subject": Case(
        Action.RESOLVE, RELATED_PARTY._replace(subject_id=None)
    ),
    "resolve_narrowed": Case(Action.RESOLVE, CLAIMED, Entered(outcome="reject")),
    "resolve_narrowed_to_no_reasons": Case(Action.RESOLVE, CLAIMED, Entered(outcome="approve")),
    "resolve_narrowed_to_reasons_that_may_be_left_out": Case(
        Action.RESOLVE,
        CLAIMED,
        Entered(outcome="wait"),
        rules=Policy(outcomes={"wait": Outcome("Wait", {"a": "A"})}),
    ),
    "resolve_filled_in": Case(Action.RESOLVE, CLAIMED, REJECTED),
    "resolve_note_required": Case(Action.RESOLVE, CLAIMED, Entered(outcome="reject", reason="other")),
    "resolve_sent_back": Case(
        Action.RESOLVE,
        CLAIMED,
        Entered(outcome="reject", reason="document_expired", words="Ended in *May*."),
        sent_back_line(SENT_BACK),
    ),
    "resolve_warned": Case(
        Action.RESOLVE, CLAIMED, REJECTED, warned="0123456789abcdef", warning=WARNING, takes_alerts=True
    ),
    "resolve_warned_without_alerts": Case(Action.RESOLVE, CLAIMED, REJECTED, warning=WARNING),
    "resolve_changed_meanwhile": Case(Action.RESOLVE, CLAIMED, REJECTED, warning=CHANGED),
    "resolve_without_any_reasons": Case(
        Action.RESOLVE, CLAIMED, rules=Policy(outcomes={"approve": Outcome("Approve")})
    ),
    "send_back": Case(Action.SEND_BACK, PROPOSED),
    "send_back_warned": Case(
        Action.SEND_BACK, PROPOSED, Entered(words="Ask joe@example.com."), warning=WARNING, takes_alerts=True
    ),
    "take_over": Case(Action.TAKE_OVER, CLAIMED),
    "reopen": Case(Action.REOPEN, CONFIRMED),
    "escalate": Case(Action.ESCALATE, CLAIMED),
    "add_note": Case(Action.ADD_NOTE, PROPOSED),
    "record_decision": Case(Action.RECORD_DECISION, VERIFIED._replace(checks=CHECKS, verdict_checks=CHECKS)),
    "record_decision_narrowed": Case(Action.RECORD_DECISION, VERIFIED, Entered(outcome="reject")),
    "snooze": Case(Action.SNOOZE, CLAIMED),
    "snooze_filled_in": Case(
        Action.SNOOZE, CLAIMED, Entered(day="2026-03-20", reason="other", words="On holiday.")
    ),
    "snooze_without_reasons": Case(Action.SNOOZE, CLAIMED, rules=Policy()),
    "reassign_to_anybody": Case(Action.REASSIGN, CLAIMED),
    "reassign_to_those_who_are_named": Case(
        Action.REASSIGN, CLAIMED, remark=who_can_line(CLAIMED, NAMED), rules=NAMED
    ),
    "reassign_filled_in": Case(
        Action.REASSIGN, CLAIMED, Entered(to="UBORIS", words="I am away."), rules=NAMED
    ),
}
LONG_WORDS = Entered(
    outcome=LONGEST.outcome, reason=LONGEST.reason, to=LONGEST_ID, words="&" * 1_000, day="2026-03-20"
)
LIMITS = {
    f"{action}{'_filled_in' if entered else ''}": Case(
        action,
        LONGEST._replace(checks=LONG, verdict_checks=LONG),
        entered,
        "r" * 3_000,
        MOST,
        warning="w" * 2_900,
        takes_alerts=entered is None,
    )
    for action in TITLES
    for entered in (None, LONG_WORDS)
}


@pytest.mark.parametrize("name", CASES)
def test_a_modal_is_exactly_as_on_file(name: str) -> None:
    """A change of the modal changes the file, so the diff shows it."""
    assert golden.on_file(f"form_{name}", CASES[name].view())


def test_a_closing_modal_is_exactly_as_on_file() -> None:
    """It cannot be submitted, only closed."""
    view = closing_modal("Record a decision", "You can't resolve this review now: it's decided.")
    assert golden.on_file("form_closing", view)
    assert view_problems(dict(view), "modal") == []


def test_every_file_has_its_case() -> None:
    """A file that nothing is compared with would prove nothing."""
    assert golden.names("form_") == {f"form_{name}" for name in CASES} | {"form_closing"}


@pytest.mark.parametrize("case", [*CASES.values(), *LIMITS.values()], ids=[*CASES, *LIMITS])
def test_slack_accepts_every_modal(case: Case) -> None:
    """It keeps all rules and limits for modals, and the maximum of 250 kB."""
    view = case.view()
    assert view_problems(dict(view), "modal") == []
    assert len(json.dumps(view)) < 250_000
    assert all(is_harmless(text) for text in formatted_texts(view))


def test_a_hostile_text_is_only_a_text() -> None:
    """In every field that comes from outside."""
    review = CLAIMED._replace(subject_id=HOSTILE)
    rules = Policy(Roster(frozenset({HOSTILE, "UANNA"})), {"a": Outcome(HOSTILE, {"b": HOSTILE})})
    entered = Entered(outcome="a", reason="b", to="UBORIS", words=HOSTILE)
    for action in TITLES:
        view = modal(ModalState(action, "s", 1), review, rules, entered, who_can_line(review, rules))
        assert view_problems(dict(view), "modal") == []
        assert all(is_harmless(text) for text in formatted_texts(view))


def _block(view: View, block_id: str) -> dict[str, Any]:
    (block,) = [block for block in view["blocks"] if block.get("block_id") == block_id]
    return dict(block)


def test_labels_of_four_byte_characters_fit_too() -> None:
    """As much as the settings allow, in the characters that take the most space."""
    reasons = {f"r{number}": "😀" * 75 for number in range(100)}
    rules = Policy(outcomes={f"o{number}": Outcome("😀" * 75, reasons) for number in range(100)})
    for entered in (None, Entered(outcome="o1", reason="r1", words="😀" * 1_000)):
        view = modal(ModalState(Action.RESOLVE, "s", 1), CLAIMED, rules, entered)
        assert len(json.dumps(view)) < 250_000
        assert view_problems(dict(view), "modal") == []


def test_an_outcome_that_needs_a_second_person_says_so() -> None:
    """Before it is chosen."""
    options = _block(CASES["resolve"].view(), "outcome")["element"]["options"]
    described = {option["value"]: option.get("description", {}).get("text") for option in options}
    assert described == {
        "approve": None,
        "reject": "Needs confirmation by a second person",
    }


def test_reasons_appear_once_an_outcome_is_chosen() -> None:
    """Only its own; what is required is marked, and a reason can make the note required."""

    def labels(entered: Entered | None) -> list[str]:
        view = modal(ModalState(Action.RESOLVE, "s", 1), CLAIMED, RULES, entered)
        return [block["label"]["text"] for block in view["blocks"] if block["type"] == "input"]

    assert labels(None) == ["Outcome (required)", "Note"]
    assert labels(Entered(outcome="approve")) == ["Outcome (required)", "Note"]
    assert labels(Entered(outcome="reject")) == ["Outcome (required)", "Reason (required)", "Note"]
    other = Entered(outcome="reject", reason="other")
    assert labels(other) == ["Outcome (required)", "Reason (required)", "Note (required)"]


def test_the_holder_is_not_among_the_people_to_reassign_to() -> None:
    """If anyone may have the review, no people are listed."""
    assert who_can_line(CLAIMED, NAMED) == (
        "Reviewers of this queue: <!subteam^SREVIEWERS>, <@UBORIS>, <@ULEA>."
    )
    assert who_can_line(CLAIMED, RULES) == ""


def test_a_reason_that_does_not_belong_to_the_outcome_is_not_kept() -> None:
    """Slack refuses an initial option that the menu does not have."""
    view = modal(
        ModalState(Action.RESOLVE, "s", 1),
        CLAIMED,
        RULES,
        Entered(outcome="reject", reason="better_document"),
    )
    assert "initial_option" not in _block(view, "reason_reject")["element"]
    assert view_problems(dict(view), "modal") == []
