"""Who may work on a queue."""

from dataclasses import replace

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
def test_without_reviewers_the_channels_members_may_review(leads: frozenset[str]) -> None:
    """Leads alone do not narrow that, and need not be in the channel; no one else may."""
    roster = Roster(leads=leads, channel="C1", members={"C1": frozenset({"UANNA"})})
    assert [roster.may_review(person) for person in ("UANNA", "USTRANGER")] == [True, False]
    assert roster.may_review("ULEA") == bool(leads)
    assert roster.who_can_review() == ("C1", *leads)
    assert roster.is_known


@pytest.mark.parametrize("channel", ["", "C1"])
def test_without_the_channels_members_no_one_may_review(channel: str) -> None:
    """Members of another channel or of a group do not count, and a no may only mean that nobody knows."""
    roster = Roster(channel=channel, members={"C2": frozenset({"UANNA"})})
    assert (roster.may_review("UANNA"), roster.is_known) == (False, False)


def test_named_reviewers_close_the_channel() -> None:
    """A member of the channel who is not named is no reviewer."""
    roster = replace(ROSTER, channel="C1", members={"C1": frozenset({"USTRANGER"})})
    assert (roster.may_review("USTRANGER"), roster.is_known) == (False, True)
    assert roster.who_can_review() == roster.named()


def test_being_allowed_to_review_makes_nobody_a_lead() -> None:
    """A queue without named reviewers has no lead but those that are named."""
    roster = Roster(channel="C1", members={"C1": frozenset({"USTRANGER"})})
    assert not roster.leads_queue("USTRANGER")


def test_those_who_may_are_named_in_a_stable_order() -> None:
    """A note that lists them reads the same every time."""
    assert ROSTER.named() == ("UANNA", "UBORIS", "ULEA")


def test_nobody_is_named_where_everybody_may() -> None:
    """A list of leads alone would say that the others may not."""
    assert Roster(leads=frozenset({"ULEA"})).named() == ()


GROUPS = Roster(
    reviewers=frozenset({"UANNA"}),
    reviewer_groups=frozenset({"SREVIEWERS"}),
    lead_groups=frozenset({"SLEADS"}),
    members={"SREVIEWERS": frozenset({"UBORIS"}), "SLEADS": frozenset({"ULEA"}), "SOTHER": frozenset({"UX"})},
)


@pytest.mark.parametrize(
    ("person", "may_review", "leads"),
    [("UANNA", True, False), ("UBORIS", True, False), ("ULEA", True, True), ("UX", False, False)],
)
def test_a_groups_members_are_what_the_group_is(person: str, *, may_review: bool, leads: bool) -> None:
    """Groups and single people add up; a group of another queue gives nothing."""
    assert (GROUPS.may_review(person), GROUPS.leads_queue(person)) == (may_review, leads)
    assert GROUPS.is_known


@pytest.mark.parametrize("missing", ["SREVIEWERS", "SLEADS"])
def test_a_group_that_could_not_be_asked_for_is_not_known(missing: str) -> None:
    """Its members may do nothing, and a no may only mean that nobody knows."""
    members = {group: people for group, people in GROUPS.members.items() if group != missing}
    roster = replace(GROUPS, members=members)
    assert not roster.is_known
    assert [roster.may_review(person) for person in ("UANNA", "UBORIS", "ULEA")].count(False) == 1


def test_an_empty_group_lets_nobody_in() -> None:
    """It is a list of reviewers with nobody on it, not an open queue."""
    roster = Roster(reviewer_groups=frozenset({"SREVIEWERS"}), members={"SREVIEWERS": frozenset()})
    assert not roster.is_for_channel
    assert not roster.may_review("UANNA")
    assert roster.is_known


def test_groups_are_named_before_people() -> None:
    """A note that lists them mentions the group, not its members."""
    roster = Roster(
        reviewers=frozenset({"UBORIS", "UANNA"}),
        leads=frozenset({"UZOE", "ULEA"}),
        reviewer_groups=frozenset({"STWO", "SONE"}),
        lead_groups=frozenset({"SLEADS", "SHEADS"}),
    )
    assert roster.named() == ("SHEADS", "SLEADS", "SONE", "STWO", "UANNA", "UBORIS", "ULEA", "UZOE")
    assert roster.named_reviewers() == ("SONE", "STWO", "UANNA", "UBORIS")
    assert roster.named_leads() == ("SHEADS", "SLEADS", "ULEA", "UZOE")


def test_without_reviewers_and_channel_only_the_leads_can_review() -> None:
    """The channel is not known before the bot has looked it up."""
    assert Roster(leads=frozenset({"ULEA"})).who_can_review() == ("ULEA",)
