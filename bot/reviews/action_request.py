"""What a person asks for, and what the server looks up about them when they ask."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.reviews.permissions import Membership
from bot.reviews.policy import Decision, Policy, policy_of
from bot.reviews.review import Action
from bot.reviews.snooze import Snooze


class Refused(StrEnum):
    """Why an action was not allowed."""

    GUEST = "guest"
    BOT = "bot"
    OUTSIDER = "outsider"
    DEACTIVATED = "deactivated"
    CANNOT_CHECK = "cannot_check"
    NOT_A_REVIEWER = "not_a_reviewer"
    HELD_BY_OTHER = "held_by_other"
    ALREADY_YOURS = "already_yours"
    ALREADY_DONE = "already_done"
    NOT_THE_HOLDER = "not_the_holder"
    OWN_PROPOSAL = "own_proposal"
    NOT_YOUR_PROPOSAL = "not_your_proposal"
    ALREADY_DECIDED = "already_decided"
    ALREADY_ESCALATED = "already_escalated"
    NO_LEADS = "no_leads"
    CANNOT_GIVE_TO = "cannot_give_to"
    HAS_IT_ALREADY = "has_it_already"
    NOTE_REQUIRED = "note_required"
    NOT_SNOOZED = "not_snoozed"
    CHANGED_MEANWHILE = "changed_meanwhile"
    NOT_POSSIBLE = "not_possible"
    UNKNOWN_REVIEW = "unknown_review"
    NONE_LEFT = "none_left"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who sent a request, by the ids in the request; empty where Slack leaves an id out.

    `team_id` is the person's own workspace, `workspace_id` the one that the request comes from.
    """

    person: str
    team_id: str = ""
    workspace_id: str = ""
    enterprise_id: str = ""
    app_id: str = ""


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """A person asks for an action on the review of a session (None: the one that has waited longest).

    `decision` belongs to `resolve` and `record_decision`, `target` (who gets the review) to `reassign`, `snooze` to the
    action of that name; `comment` is what the person typed to explain any other action, or the note to add.
    `seen_revision` is the review's revision that they saw; None where only the newest counts. `channel` is where they
    get an ephemeral message, and `message_ts` the message there that they acted on. With `from_home` their home tab
    shows the result; with `from_list` an ephemeral message does, because the list stays as it is; with none of these,
    the caller answers. `requested_at` is in milliseconds. `request_id` identifies the
    press, form or command, however often it is delivered; empty for a request that cannot be delivered again.
    """

    action: Action
    actor: Actor
    session_id: str | None
    requested_at: int
    decision: Decision | None = None
    target: str | None = None
    snooze: Snooze | None = None
    comment: str | None = None
    seen_revision: int | None = None
    channel: str | None = None
    message_ts: str | None = None
    from_home: bool = False
    from_list: bool = False
    request_id: str = field(default="", compare=False)

    @property
    def person(self) -> str:
        """The Slack id of the person who asks."""
        return self.actor.person

    @property
    def key(self) -> str:
        """By what the answer is remembered: the same for the same request, person and action; empty without an id."""
        if not self.request_id:
            return ""
        identity = f"{self.person} {self.action} {self.request_id}"
        return hashlib.sha256(identity.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Authority:
    """What Slack and the settings say, at the time of a request, about the people in it and the queues.

    `target_membership` is that of the person a review is given to, UNKNOWN if no one had to ask. `policies` know the
    members of user groups and channels. `names` are those of the people by their ids, as far as they go on record.
    """

    membership: Membership = Membership.MEMBER
    target_membership: Membership = Membership.MEMBER
    policies: Mapping[str, Policy] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def policy(self, queue: str) -> Policy:
        """The queue's policy."""
        return policy_of(queue, self.policies)

    def queues_of(self, person: str) -> list[str]:
        """The queues whose reviews the person who asks can work on."""
        if self.membership is not Membership.MEMBER:
            return []
        return [queue for queue, policy in self.policies.items() if policy.roster.may_review(person)]

    def shares_queue(self, person: str, other: str) -> bool:
        """Whether both can work on the reviews of one queue."""
        return any(self.policies[queue].roster.may_review(other) for queue in self.queues_of(person))

    def who_can_review(self) -> tuple[str, ...]:
        """The people, groups and channels that can work on any of the queues, each once."""
        named = (id_ for policy in self.policies.values() for id_ in policy.roster.who_can_review())
        return tuple(dict.fromkeys(named))

    @property
    def is_complete(self) -> bool:
        """Whether all members of groups and channels are known; otherwise a "no" can be a missing answer."""
        return all(policy.roster.is_known for policy in self.policies.values())
