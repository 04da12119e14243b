"""The card is compact: several fit on a screen, in every state."""

import pytest

from bot.reviews.checks import Check, Checks
from bot.reviews.review import Disagreement, Review, Status
from tests.support.card_cases import CASES, CLAIM, CONFIRMATION, PORTAL, PROPOSAL, RECEIVED, Case, earlier
from tests.support.card_lines import card_lines
from tests.support.examples import (
    CLAIMED,
    CONFIRMED,
    ESCALATED,
    NAMED,
    OPEN,
    OPENED_AT,
    PROPOSED,
    SNOOZED,
    VERIFIED,
)

MOST_LINES = 9
FACE = Checks((Check("face-matching", "refused", ("KYC.FACE.NO_MATCH",)),))
DUE = OPENED_AT + 1
FULL = [
    OPEN,
    CLAIMED,
    ESCALATED,
    SNOOZED,
    PROPOSED,
    CONFIRMED,
    VERIFIED._replace(disagreement=Disagreement.CONTRADICTS),
    OPEN._replace(status=Status.CLOSED, disagreement=Disagreement.UNDECIDED),
]
"""Every state, to be shown with everything that can stand on its card."""


@pytest.mark.parametrize("name", [name for name in CASES if name != "hostile_texts"])
def test_a_card_has_nine_lines_at_most(name: str) -> None:
    """Its checks and its note aside."""
    lines = card_lines(CASES[name].message())
    assert len(lines) <= MOST_LINES, "\n".join(lines)


@pytest.mark.parametrize("review", FULL, ids=lambda review: f"{review.status}{review.version}")
@pytest.mark.parametrize("now", [DUE - 1, DUE])
def test_a_card_with_everything_on_it_has_nine_lines_at_most(review: Review, now: int) -> None:
    """Three history lines, an earlier review, a deadline and people's names."""
    due = None if review.status is Status.CLOSED else DUE
    full = review._replace(due_at=due, checks=FACE)
    history = [RECEIVED, CLAIM, PROPOSAL, CONFIRMATION]
    case = Case(full, history, PORTAL, NAMED, now, earlier(2, VERIFIED))
    lines = card_lines(case.message())
    assert len(lines) <= MOST_LINES, "\n".join(lines)
