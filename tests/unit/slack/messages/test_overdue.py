"""Reminders, as golden files, and at the limits."""

from collections.abc import Mapping, Sequence

import pytest

from bot.demo.blocks.validation import all_text_length, block_problems
from bot.reviews.checks import Check, Checks
from bot.reviews.permissions import Absence
from bot.reviews.reminders import LEADS, REVIEWERS, OverdueClaims, OverdueInQueue
from bot.reviews.review import Review
from bot.slack.api.client import Message
from bot.slack.messages.overdue import Shown, nothing_overdue, overdue_claims, overdue_in_queue
from bot.store.tables.reminders import PAGE, Overdue
from bot.store.tables.reviews import ListedReview
from tests.support import golden
from tests.support.examples import (
    CLAIMED,
    DECIDED,
    LONGEST_ID,
    MINUTE,
    OPEN,
    OPENED_AT,
    PROPOSED,
    formatted_texts,
    is_harmless,
)

KEY = "reminder:queue:user:1"
SHOWN = Shown(
    "https://team.example.com/", away={"UANNA": Absence(OPENED_AT + 10_000 * MINUTE), "UBORIS": Absence()}
)
DUE = OPENED_AT + 240 * MINUTE


def _listed(*reviews: Review) -> list[ListedReview]:
    return [
        ListedReview(
            review._replace(id=40 + number, due_at=review.due_at or DUE),
            "CUSER00001",
            f"1773765688.00010{number}",
        )
        for number, review in enumerate(reviews)
    ]


BOTH = Overdue(for_leads=_listed(CLAIMED, DECIDED), others=_listed(OPEN, PROPOSED), total=4)
FOR_BOTH: Mapping[str, Sequence[str]] = {REVIEWERS: ("UANNA", "UBORIS"), LEADS: ("SLEADS",)}


def _messages() -> dict[str, Message]:
    claims = OverdueClaims("user", "UANNA")
    return {
        "for_reviewers": overdue_in_queue(
            KEY, "user", Overdue(others=_listed(OPEN), total=1), {REVIEWERS: ("STEAM",)}, SHOWN
        ),
        "for_reviewers_and_leads": overdue_in_queue(KEY, "user", BOTH, FOR_BOTH, SHOWN),
        "for_leads": overdue_in_queue(
            KEY, "related-party", Overdue(for_leads=_listed(CLAIMED), total=30), {LEADS: ("ULEA",)}, SHOWN
        ),
        "for_no_one_by_name": overdue_in_queue(
            KEY, "user", Overdue(others=_listed(OPEN), total=1), {}, Shown()
        ),
        "of_a_deactivated_holder": overdue_in_queue(
            KEY,
            "user",
            Overdue(for_leads=_listed(CLAIMED), total=1),
            {LEADS: ("ULEA",)},
            Shown(unnamed=("UANNA",)),
        ),
        "claims": overdue_claims(KEY, claims, Overdue(others=_listed(CLAIMED, CLAIMED), total=2), SHOWN),
        "nothing_left": nothing_overdue(KEY, OverdueInQueue("user", (REVIEWERS,))),
        "no_claims_left": nothing_overdue(KEY, claims),
        "replaced": nothing_overdue(KEY, claims, is_replaced=True),
    }


@pytest.mark.parametrize("name", _messages())
def test_a_reminder_is_exactly_as_on_file(name: str) -> None:
    """What is overdue, with links, and the people who can act on it."""
    message = _messages()[name]
    assert block_problems(list(message.blocks)) == []
    shown = {"text": message.text, "blocks": message.blocks, "metadata": message.metadata}
    assert golden.on_file(f"overdue_{name}", shown)


def test_every_file_has_its_case() -> None:
    """None is left over."""
    assert golden.names("overdue_") == {f"overdue_{name}" for name in _messages()}


def test_slack_accepts_the_fullest_reminder() -> None:
    """Twenty reviews with the longest titles, of people with the longest ids who are away."""
    codes = ("<" * 200,)
    review = CLAIMED._replace(
        claimed_by=LONGEST_ID,
        due_at=DUE,
        checks=Checks.of([Check("KYC", "refused", codes)]),
    )
    longest = ListedReview(review._replace(id=2**62), "C" * 40, "1773765688.000100")
    overdue = Overdue(for_leads=[longest] * PAGE, total=5_000_000)
    away = {LONGEST_ID: Absence(OPENED_AT)}
    ids = (LONGEST_ID,) * 20
    shown = Shown(f"https://{'w' * 60}.slack.com/", away=away)
    message = overdue_in_queue(KEY, "related-party", overdue, {REVIEWERS: ids, LEADS: ids}, shown)
    assert block_problems(list(message.blocks)) == []
    assert all_text_length(list(message.blocks)) < 12_000
    assert len(message.text) < 4_000
    plain = overdue_in_queue(KEY, "user", overdue, {LEADS: ids}, Shown(away=away))
    assert all(is_harmless(text) for text in [plain.text, *formatted_texts(list(plain.blocks))])
