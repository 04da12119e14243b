"""Who may work on a queue."""

import pytest

from bot.reviews.permissions import Roster

ROSTER = Roster(reviewers=frozenset({"UBORIS", "UANNA"}), leads=frozenset({"ULEA"}))


@pytest.mark.parametrize(
    ("person", "may_review", "leads"),
    [("UANNA", True, False), ("UBORIS", True, False), ("ULEA", True, True), ("USTRANGER", False, False)],
)
def test_reviewers_and_leads_may_review_and_only_leads_lead(
    person: str, *, may_review: bool, leads: bool
) -> None:
    """A lead need not be listed among the reviewers."""
    assert (ROSTER.may_review(person), ROSTER.leads_queue(person)) == (may_review, leads)


@pytest.mark.parametrize("leads", [frozenset[str](), frozenset({"ULEA"})])
def test_without_reviewers_everybody_may_review(leads: frozenset[str]) -> None:
    """Whoever sees the card may then claim it; leads alone do not narrow that."""
    assert Roster(leads=leads).may_review("USTRANGER")


def test_being_allowed_to_review_makes_nobody_a_lead() -> None:
    """An open queue has no lead but those that are named."""
    assert not Roster().leads_queue("USTRANGER")


def test_those_who_may_are_named_in_a_stable_order() -> None:
    """A note that lists them reads the same every time."""
    assert ROSTER.named() == ("UANNA", "UBORIS", "ULEA")


def test_nobody_is_named_where_everybody_may() -> None:
    """A list of leads alone would say that the others may not."""
    assert Roster(leads=frozenset({"ULEA"})).named() == ()
