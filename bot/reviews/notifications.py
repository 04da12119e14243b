"""Every notification that the bot queues, as one union of dataclasses; `announcements` says who gets which.

A notification holds opaque ids, enums, numbers and what a person typed; slack/messages says how it reads. Times are
milliseconds UTC; people and groups are Slack ids.
"""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias, TypeGuard

from bot.reviews.action_request import Refused
from bot.reviews.audit_reports import AuditBroken, HeadNoted
from bot.reviews.decision_update import DecisionHeld, DecisionUpdate
from bot.reviews.delivery_problems import CardMoved, DeliveryHeld, EditWindowClosed, PersonUnreachable
from bot.reviews.event_problems import EventQuarantined, VerdictDropped
from bot.reviews.notification_topics import ActionTopic, AutomaticTopic
from bot.reviews.queue_figures import QueueFigures
from bot.reviews.refused_webhook import WebhookRefused
from bot.reviews.reminders import (
    AnyReminder,
    DirectMessage,
    LeadsReminder,
    OverdueReminder,
    QueueReminder,
    ReminderEnded,
    VerdictMissingForLeads,
)
from bot.reviews.review import Action, Disagreement, Review, SessionState, Status


@dataclass(frozen=True, slots=True)
class ActionAnnouncement:
    """Thread reply: `actor` did something that concerns other people (`to`) or everyone in the thread.

    `holder` is who has the review now, `comment` is what the actor typed.
    """

    topic: ActionTopic
    actor: str
    to: tuple[str, ...]
    holder: str | None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """Thread reply: Ralio's verdict closed a review that these people (`to`) were working on."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.CLOSED
    to: tuple[str, ...]
    session_state: SessionState


@dataclass(frozen=True, slots=True)
class VerdictDisagrees:
    """Thread reply: Ralio's verdict does not match what was decided or proposed (`outcome`; None: neither).

    `decided_by` is who did; None in rows of older versions. `is_proposal`: no second person confirmed it.
    `was_reopened`: it was decided or proposed before the review was reopened. `recorded_afterwards`: the decision, not
    the verdict, is new.
    """

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.DISAGREES
    to: tuple[str, ...]
    session_state: SessionState
    disagreement: Disagreement
    outcome: str | None
    reason: str | None = None
    decided_by: str | None = None
    is_proposal: bool = False
    was_reopened: bool = False
    recorded_afterwards: bool = False


@dataclass(frozen=True, slots=True)
class ChecksChanged:
    """Thread reply to the person who claimed the review: its automatic checks changed."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.CHECKS_CHANGED
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposalWithdrawn:
    """Thread reply to the proposer and to those who can confirm: the checks changed under a proposal.

    `holder` is the proposer, who has the review again.
    """

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.PROPOSAL_WITHDRAWN
    to: tuple[str, ...]
    holder: str | None


@dataclass(frozen=True, slots=True)
class ConfirmationNeeded:
    """Thread reply to the people who can confirm a proposal; `to` is empty if every member of the channel can.

    Only worth sending while that proposal waits. `proposed_at` is in milliseconds.
    """

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.CONFIRMATION_NEEDED
    to: tuple[str, ...]
    proposer: str
    proposed_at: int
    outcome: str
    reason: str | None = None

    def is_current(self, review: Review) -> bool:
        """Whether the review still waits for a second person to confirm this proposal."""
        proposal = (review.status, review.decided_by, review.decided_at)
        return proposal == (Status.PROPOSED, self.proposer, self.proposed_at)


@dataclass(frozen=True, slots=True)
class ClaimExpired:
    """Thread reply: a claim (of the person in `to`) was released because of inactivity."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.RELEASED_FOR_SILENCE
    to: tuple[str, ...]
    session_id: str


@dataclass(frozen=True, slots=True)
class HolderDeactivated:
    """Thread reply to the leads: a claim was released because the holder's account is deactivated."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.HOLDER_DEACTIVATED
    to: tuple[str, ...]
    session_id: str
    holder: str


@dataclass(frozen=True, slots=True)
class ActionGranted:
    """Ephemeral message or home tab: the person's action was carried out."""

    action: Action
    session_id: str


@dataclass(frozen=True, slots=True)
class ActionRefused:
    """Ephemeral message or home tab: the person's action was not allowed, and why.

    `action` is None where the person only wanted to look. Everything from `queue` on describes the review as it was,
    None or empty if there was no such review: `claimed_at` is since when `holder` has it, `proposer` is who
    decided or proposed. `target` is who a reassigned review was meant for. `reviewers` are the people and groups
    that the queue's policy names, or the queue's channel and the leads; `leads` are its leads.
    """

    reason: Refused
    action: Action | None
    session_id: str | None = None
    queue: str | None = None
    status: Status | None = None
    holder: str | None = None
    claimed_at: int | None = None
    proposer: str | None = None
    escalated_by: str | None = None
    target: str | None = None
    reviewers: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DailyDigest:
    """The digest of a queue, whose numbers are read when it is sent.

    `figures` are those at the time it was queued; the next digest compares with them. Rows of older versions have None.
    """

    queue: str
    figures: QueueFigures | None = None


AutomaticReply: TypeAlias = (
    SessionClosed
    | VerdictDisagrees
    | ChecksChanged
    | ProposalWithdrawn
    | ConfirmationNeeded
    | ClaimExpired
    | HolderDeactivated
)
ThreadReply: TypeAlias = (
    ActionAnnouncement | AutomaticReply | QueueReminder | LeadsReminder | VerdictMissingForLeads
)
ActionOutcome: TypeAlias = ActionGranted | ActionRefused
OpsAlert: TypeAlias = (
    EventQuarantined
    | HeadNoted
    | AuditBroken
    | WebhookRefused
    | VerdictDropped
    | DeliveryHeld
    | DecisionHeld
    | EditWindowClosed
    | PersonUnreachable
)
Notification: TypeAlias = (
    ThreadReply
    | DirectMessage
    | ReminderEnded
    | OverdueReminder
    | ActionOutcome
    | CardMoved
    | OpsAlert
    | DailyDigest
    | DecisionUpdate
)


def is_broadcast(reply: ThreadReply) -> bool:
    """Whether the channel shows the reply too: it is addressed to people who do not follow the thread.

    A reply that mentions no one would reach no one else who can confirm.
    """
    if isinstance(reply, ConfirmationNeeded):
        return not reply.to
    return isinstance(
        reply, QueueReminder | LeadsReminder | VerdictMissingForLeads | VerdictDisagrees | HolderDeactivated
    )


_HAND_OVERS = frozenset({ActionTopic.REASSIGNED, ActionTopic.TAKEN_OVER, ActionTopic.RELEASED})


def is_hand_over(notification: object) -> TypeGuard[ActionAnnouncement]:
    """Whether it says who has the review now: only the newest one is worth sending."""
    return isinstance(notification, ActionAnnouncement) and notification.topic in _HAND_OVERS


def session_of(notification: Notification | None) -> str | None:
    """The session that the notification names; None where only its review does."""
    match notification:
        case (
            ActionGranted()
            | ActionRefused()
            | CardMoved()
            | ClaimExpired()
            | HolderDeactivated()
            | VerdictDropped()
            | DecisionUpdate()
            | AnyReminder()
            | ReminderEnded()
        ):
            return notification.session_id
        case _:
            return None
