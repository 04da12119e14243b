"""Whom a reminder mentions: the people who can do something about what it lists, and no one else."""

from collections.abc import Collection, Mapping, Sequence

from bot.reviews.permissions import Membership, Roster
from bot.reviews.reminders import LEADS
from bot.reviews.review import Review, Status

MOST_CHANNEL_MEMBERS = 10
"""Without named reviewers, the members of a larger channel are not mentioned one by one."""

MOST_LOOKED_UP = 30
"""Of a larger group, or channel, it is not asked who everyone is."""

_MENTIONED = frozenset({Membership.MEMBER, Membership.UNKNOWN})
"""A named person stays mentioned while Slack can't say who that is."""


def candidates(roster: Roster) -> frozenset[str]:
    """The people whose membership decides whether they are mentioned."""
    small = (members for members in roster.members.values() if len(members) <= MOST_LOOKED_UP)
    return (roster.reviewers | roster.leads).union(*small)


def who_can_act(
    reviews: Sequence[Review], roster: Roster, memberships: Mapping[str, Membership], audience: str
) -> tuple[str, ...]:
    """The people and groups to mention about these overdue reviews, groups first, in a stable order.

    A group with a member who can do nothing about any of them is mentioned person by person. Without reviewers who
    can act, the leads are mentioned. A person missing in `memberships` counts as unknown.
    """
    leads = _able(reviews, roster.leads, roster.lead_groups, roster, memberships)
    if audience == LEADS:
        return leads
    if roster.is_for_channel:
        members = roster.members.get(roster.channel, frozenset())
        known = frozenset(each for each in members if memberships.get(each) is Membership.MEMBER)
        found = _able(reviews, known, frozenset(), roster, memberships)
        return found if 0 < len(found) <= MOST_CHANNEL_MEMBERS else ()
    return _able(reviews, roster.reviewers, roster.reviewer_groups, roster, memberships) or leads


def _able(
    reviews: Sequence[Review],
    people: Collection[str],
    groups: Collection[str],
    roster: Roster,
    memberships: Mapping[str, Membership],
) -> tuple[str, ...]:
    def is_able(person: str) -> bool:
        is_member = memberships.get(person, Membership.UNKNOWN) in _MENTIONED
        return is_member and any(_can_act_on(review, person) for review in reviews)

    whole, single = set[str](), {person for person in people if is_able(person)}
    for group in groups:
        members = roster.members.get(group)
        if members is None or all(map(is_able, members)):
            whole.add(group)
        else:
            single |= {person for person in members if is_able(person)}
    return (*sorted(whole), *sorted(single))


def _can_act_on(review: Review, person: str) -> bool:
    """Only a second person can confirm; anyone else can do something about a review."""
    return review.status is not Status.PROPOSED or review.decided_by != person
