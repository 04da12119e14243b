"""Whom a reminder mentions."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.reviews.mentions import MOST_CHANNEL_MEMBERS, MOST_LOOKED_UP, candidates, who_can_act
from bot.reviews.permissions import Membership, Roster
from bot.reviews.reminders import LEADS, REVIEWERS
from bot.reviews.review import Review, Status

ReviewIn = Callable[[Status], Review]

NAMED = Roster(reviewers=frozenset({"UANNA", "UBORIS"}), leads=frozenset({"ULEA"}))
GROUPS = Roster(
    reviewer_groups=frozenset({"STEAM"}),
    lead_groups=frozenset({"SLEADS"}),
    members={"STEAM": frozenset({"UANNA", "UBORIS"}), "SLEADS": frozenset({"ULEA"})},
)


@pytest.mark.parametrize(
    ("roster", "audience", "mentioned"),
    [
        (NAMED, REVIEWERS, ("UANNA", "UBORIS")),
        (NAMED, LEADS, ("ULEA",)),
        (GROUPS, REVIEWERS, ("STEAM",)),
        (GROUPS, LEADS, ("SLEADS",)),
        (replace(GROUPS, members={}), REVIEWERS, ("STEAM",)),
    ],
)
def test_an_unclaimed_review_is_for_everyone(
    review_in: ReviewIn, roster: Roster, audience: str, mentioned: tuple[str, ...]
) -> None:
    """Groups are mentioned as groups."""
    assert who_can_act([review_in(Status.OPEN)], roster, {}, audience) == mentioned


@pytest.mark.parametrize("roster", [NAMED, GROUPS])
def test_a_proposal_is_not_for_its_proposer(review_in: ReviewIn, roster: Roster) -> None:
    """The group is then mentioned person by person; with an unclaimed review as well, it is for everyone."""
    proposed = review_in(Status.PROPOSED)._replace(decided_by="UANNA")
    assert who_can_act([proposed], roster, {}, REVIEWERS) == ("UBORIS",)
    assert who_can_act([review_in(Status.OPEN), proposed], GROUPS, {}, REVIEWERS) == ("STEAM",)
    alone = Roster(reviewers=frozenset({"UANNA"}), leads=frozenset({"ULEA"}))
    assert who_can_act([proposed], alone, {}, REVIEWERS) == ("ULEA",), "no one else is left"


@pytest.mark.parametrize("membership", [each for each in Membership if each not in ("member", "unknown")])
@pytest.mark.parametrize("roster", [NAMED, GROUPS])
def test_who_is_no_member_is_not_mentioned(
    review_in: ReviewIn, roster: Roster, membership: Membership
) -> None:
    """Such as a guest, or a person whose account is deactivated."""
    memberships = {"UANNA": membership, "UBORIS": Membership.MEMBER}
    assert who_can_act([review_in(Status.OPEN)], roster, memberships, REVIEWERS) == ("UBORIS",)


def test_without_named_reviewers_the_members_of_a_small_channel_are_mentioned(review_in: ReviewIn) -> None:
    """Those whom Slack calls members: neither the bot nor a guest."""
    people = [f"U{number}" for number in range(MOST_CHANNEL_MEMBERS + 2)]
    roster = Roster(channel="C1", members={"C1": frozenset(people)})
    memberships = dict.fromkeys(people[2:], Membership.MEMBER) | {
        "U0": Membership.BOT,
        "U1": Membership.GUEST,
    }
    review = review_in(Status.OPEN)
    assert who_can_act([review], roster, memberships, REVIEWERS) == tuple(sorted(people[2:]))
    memberships["U1"] = Membership.MEMBER
    assert who_can_act([review], roster, memberships, REVIEWERS) == (), "too many to be mentioned"


@pytest.mark.parametrize(
    ("channel_members", "mentioned"), [({}, ()), ({"C1": frozenset({"UANNA"})}, ("UANNA",))]
)
def test_without_named_reviewers_the_members_who_are_known_are_mentioned(
    review_in: ReviewIn, channel_members: dict[str, frozenset[str]], mentioned: tuple[str, ...]
) -> None:
    """Until Slack has said who is in the channel, no one is."""
    roster = Roster(channel="C1", members=channel_members)
    memberships = {"UANNA": Membership.MEMBER}
    assert who_can_act([review_in(Status.OPEN)], roster, memberships, REVIEWERS) == mentioned


def test_the_people_who_are_named_are_looked_up() -> None:
    """Reviewers and leads."""
    assert candidates(NAMED) == {"UANNA", "UBORIS", "ULEA"}


def test_not_everyone_in_a_large_group_is_looked_up() -> None:
    """It is mentioned as a whole."""
    people = [f"U{number}" for number in range(MOST_LOOKED_UP + 1)]
    members = {"STEAM": frozenset(people), "SLEADS": frozenset({"ULEA"})}
    assert candidates(replace(GROUPS, members=members)) == {"ULEA"}
    members["STEAM"] = frozenset(people[1:])
    assert candidates(replace(GROUPS, members=members)) == {"ULEA", *people[1:]}


def test_two_groups_of_the_proposer_are_mentioned_person_by_person(review_in: ReviewIn) -> None:
    """Everyone else in either of them can confirm."""
    teams = {"SONE": frozenset({"UANNA", "UBORIS"}), "STWO": frozenset({"UANNA", "UDAN"})}
    roster = Roster(reviewer_groups=frozenset(teams), members=teams)
    assert who_can_act([review_in(Status.PROPOSED)], roster, {}, REVIEWERS) == ("UBORIS", "UDAN")
