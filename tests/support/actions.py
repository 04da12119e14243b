"""What people ask for in tests, and what is known about them then."""

from typing import Any

from bot.reviews.action_request import ActionRequest, Actor, Authority
from bot.reviews.permissions import Membership, Roster
from bot.reviews.policy import Policy
from bot.reviews.review import Action

NOW = 9_000


class Anyone(frozenset[str]):
    """The members of a channel that everyone is in."""

    def __contains__(self, person: object) -> bool:
        """Everyone is."""
        return True


CHANNEL = "C0EVERYONE"


def open_roster(*leads: str) -> Roster:
    """The people of a queue without named reviewers, whose channel everyone is in."""
    return Roster(leads=frozenset(leads), channel=CHANNEL, members={CHANNEL: Anyone()})


OPEN_POLICY = Policy(open_roster())


def action_request(
    action: Action, person: str, session_id: str | None = "session-1", requested_at: int = NOW, **given: Any
) -> ActionRequest:
    """A person asks for an action; `given` are the other fields of the request."""
    return ActionRequest(action, Actor(person), session_id, requested_at, **given)


def authority(
    policy: Policy = OPEN_POLICY,
    membership: Membership = Membership.MEMBER,
    target_membership: Membership = Membership.MEMBER,
) -> Authority:
    """What is known when a person asks for something about a user's review."""
    return Authority(membership, target_membership, {"user": policy})
