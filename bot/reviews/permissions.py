"""Who can work on a queue. The server decides at click time, never from what a card showed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Membership(StrEnum):
    """What Slack says about a person; only members can act."""

    MEMBER = "member"
    GUEST = "guest"
    BOT = "bot"
    OUTSIDER = "outsider"  # of another workspace or organisation
    DEACTIVATED = "deactivated"
    UNKNOWN = "unknown"  # Slack does not answer, and its last answer is too old


@dataclass(frozen=True, slots=True)
class Absence:
    """A person's status in Slack says that they are out of office, until a time (milliseconds) or for now."""

    until: int | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of one queue: Slack user ids, and user groups by their ids.

    Without named reviewers, the members of `channel` can review: the one in which the queue's cards are posted.
    `members` holds the people in each group and in the channel; what is missing there could not be looked up. `away`
    are those who are out of office: it is shown beside their names and decides nothing.
    """

    reviewers: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    reviewer_groups: frozenset[str] = frozenset()
    lead_groups: frozenset[str] = frozenset()
    channel: str = ""
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    away: Mapping[str, Absence] = field(default_factory=dict)

    def may_review(self, person: str) -> bool:
        """Whether this person can claim and work on the queue's reviews; leads always can."""
        return (
            person in self.reviewers
            or self._is_in(self.reviewer_groups, person)
            or self.leads_queue(person)
            or (self.is_for_channel and self._is_in(frozenset({self.channel}), person))
        )

    def leads_queue(self, person: str) -> bool:
        """Whether this person is one of the queue's leads."""
        return person in self.leads or self._is_in(self.lead_groups, person)

    @property
    def is_for_channel(self) -> bool:
        """Whether no reviewers are named, so the members of the queue's channel can review."""
        return not self.reviewers and not self.reviewer_groups

    @property
    def looked_up(self) -> frozenset[str]:
        """The ids of the groups, and of the channel, whose members decide who can review."""
        groups = self.reviewer_groups | self.lead_groups
        return groups | {self.channel} if self.is_for_channel else groups

    @property
    def is_known(self) -> bool:
        """Whether all members are known; otherwise a "no" can be a missing answer."""
        return self.looked_up <= self.members.keys()

    @property
    def known_people(self) -> frozenset[str]:
        """Everyone who is named, in a named group, or in the channel, as far as that is known."""
        return (self.reviewers | self.leads).union(*self.members.values())

    def named(self) -> tuple[str, ...]:
        """Everyone who can review, groups first, in a stable order; empty if no reviewers are named."""
        if self.is_for_channel:
            return ()
        return (*sorted(self.reviewer_groups | self.lead_groups), *sorted(self.reviewers | self.leads))

    def who_can_review(self) -> tuple[str, ...]:
        """The same; if no reviewers are named, the channel whose members can, and the leads."""
        if not self.is_for_channel:
            return self.named()
        return (self.channel, *self.named_leads()) if self.channel else self.named_leads()

    def named_reviewers(self) -> tuple[str, ...]:
        """The reviewers as named in the settings, groups first, in a stable order."""
        return (*sorted(self.reviewer_groups), *sorted(self.reviewers))

    def named_leads(self) -> tuple[str, ...]:
        """The leads as named in the settings, groups first, in a stable order."""
        return (*sorted(self.lead_groups), *sorted(self.leads))

    def _is_in(self, groups: frozenset[str], person: str) -> bool:
        return any(person in self.members.get(group, ()) for group in groups)
