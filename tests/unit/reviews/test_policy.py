"""What is wrong with a decision, and on which field it is said."""

from dataclasses import replace

import pytest

from bot.reviews.permissions import Roster
from bot.reviews.policy import MAX_WORDS, Decision, Outcome, Policy

RULES = Policy(
    outcomes={
        "approve": Outcome("Approve"),
        "reject": Outcome(
            "Reject",
            {"forged": "Looks forged", "other": "Other"},
            reason_required=True,
            note_required=frozenset({"other"}),
        ),
        "wait": Outcome("Wait for papers", {"holiday": "Holiday"}),
    }
)

DECISIONS: list[tuple[Decision, dict[str, str]]] = [
    (Decision("approve"), {}),
    (Decision("approve", note="n" * MAX_WORDS), {}),
    (Decision("reject", "forged"), {}),
    (Decision("reject", "other", "Seen on a screen."), {}),
    (Decision("reject", "other"), {"note": "Add a note: this reason needs one."}),
    (Decision("reject", "other", ""), {"note": "Add a note: this reason needs one."}),
    (Decision("wait"), {}),
    (Decision("wait", "holiday"), {}),
    (Decision(""), {"outcome": "Choose an outcome."}),
    (Decision("dance"), {"outcome": "Choose an outcome."}),
    (Decision("reject"), {"reason": "Choose a reason: Reject needs one."}),
    (Decision("reject", "holiday"), {"reason": "Choose a reason for Reject."}),
    (Decision("reject", ""), {"reason": "Choose a reason for Reject."}),
    (Decision("approve", "forged"), {"reason": "Choose a reason for Approve."}),
    (Decision("approve", note="n" * (MAX_WORDS + 1)), {"note": "Shorten this to 1000 characters."}),
]


@pytest.mark.parametrize(("decision", "complaints"), DECISIONS)
def test_a_decision_that_may_not_be_taken_says_which_field_is_wrong(
    decision: Decision, complaints: dict[str, str]
) -> None:
    """And what to do about it."""
    assert RULES.complaints(decision) == complaints


def test_people_read_labels() -> None:
    """Of outcomes and of reasons; what is no longer configured is shown by its code, in words."""
    assert RULES.label_of("wait") == "Wait for papers"
    assert RULES.label_of("more_information") == "More information"
    assert RULES.label_of(None) == "no outcome"
    assert RULES.reason_label_of("reject", "forged") == "Looks forged"
    assert RULES.reason_label_of("reject", "holiday") == "Holiday"
    assert RULES.reason_label_of("dance", "forged") == "Forged"
    assert RULES.reason_label_of(None, "forged") == "Forged"


def test_the_channel_of_the_cards_is_the_rosters() -> None:
    """Everything else stays as the settings have it."""
    roster = Roster(leads=frozenset({"ULEA"}), channel="COLD")
    moved = replace(RULES, roster=roster).in_channel("C1")
    assert moved == replace(RULES, roster=replace(roster, channel="C1"))
