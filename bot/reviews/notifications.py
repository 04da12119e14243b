"""Every notification that the bot queues, as one union of dataclasses; `announcements` says who gets which.

A notification holds opaque ids, enums, numbers and what a person typed. How it reads is the job of slack/messages.
Times are milliseconds UTC; people and groups are Slack ids.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from bot.reviews.action_request import Refused
from bot.reviews.decision_update import DecisionHeld, DecisionUpdate
from bot.reviews.refused_webhook import WebhookRefused
from bot.reviews.review import Action, Disagreement, Review, SessionState, Status


class ActionTopic(StrEnum):
    """What a person did that concerns other people. Stored rows use the values."""

    REASSIGNED = "reassigned"
    TAKEN_OVER = "taken_over"
    RELEASED = "released"
    ESCALATED = "escalated"
    SENT_BACK = "sent_back"
    REOPENED = "reopened"


class AutomaticTopic(StrEnum):
    """What Ralio or a timer did. Stored rows, keys of deliveries and the audit use the values."""

    CLOSED = "closed"
    DISAGREES = "disagrees"
    CHECKS_CHANGED = "checks_changed"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    REMIND_QUEUE = "remind_queue"
    REMIND_HOLDER = "remind_holder"
    REMIND_LEADS = "remind_leads"
    STILL_ON_IT = "still_on_it"
    SNOOZE_ENDED = "snooze_ended"
    SNOOZE_INTERRUPTED = "snooze_interrupted"
    VERDICT_MISSING = "verdict_missing"
    VERDICT_MISSING_LEADS = "verdict_missing_leads"
    RELEASED_FOR_SILENCE = "released_for_silence"


@dataclass(frozen=True, slots=True)
class ActionAnnouncement:
    """Thread reply: `actor` did something that concerns other people (`to`).

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
    `was_reopened`: it was decided or proposed before the review was reopened.
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
class ClaimExpired:
    """Thread reply: a claim (of the person in `to`) was released because of inactivity."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.RELEASED_FOR_SILENCE
    to: tuple[str, ...]
    session_id: str


@dataclass(frozen=True, slots=True)
class _Reminder:
    """A reminder is only worth sending while status, holder and due time of the review are still these."""

    to: tuple[str, ...]
    session_id: str
    status: Status
    holder: str | None
    due_at: int | None

    def is_current(self, review: Review) -> bool:
        """Whether the review still is as it was when the reminder was queued."""
        return (review.status, review.claimed_by, review.due_at) == (self.status, self.holder, self.due_at)


@dataclass(frozen=True, slots=True)
class QueueReminder(_Reminder):
    """Thread reply: the review waits for a person to claim or to confirm it."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.REMIND_QUEUE


@dataclass(frozen=True, slots=True)
class LeadsReminder(_Reminder):
    """Thread reply: the review has waited so long that the leads have to look at it."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.REMIND_LEADS


@dataclass(frozen=True, slots=True)
class HolderReminder(_Reminder):
    """Direct message: the review that the person claimed waits for their decision."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.REMIND_HOLDER


@dataclass(frozen=True, slots=True)
class StillOnItQuestion(_Reminder):
    """Direct message: without an answer, the person's claim will be released."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.STILL_ON_IT


@dataclass(frozen=True, slots=True)
class SnoozeEnded(_Reminder):
    """Direct message: the snooze of the person's review came to its date."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.SNOOZE_ENDED


@dataclass(frozen=True, slots=True)
class SnoozeInterrupted(_Reminder):
    """Direct message: something new from Ralio ended the snooze of the person's review."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.SNOOZE_INTERRUPTED


@dataclass(frozen=True, slots=True)
class VerdictMissing(_Reminder):
    """Direct message: Ralio has given no verdict on what the person decided."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.VERDICT_MISSING


@dataclass(frozen=True, slots=True)
class VerdictMissingForLeads(_Reminder):
    """Thread reply: the decider was notified of that, and there is still no verdict."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.VERDICT_MISSING_LEADS


@dataclass(frozen=True, slots=True)
class ActionGranted:
    """Ephemeral message or home tab: the person's action was carried out."""

    action: Action
    session_id: str


@dataclass(frozen=True, slots=True)
class ActionRefused:
    """Ephemeral message or home tab: the person's action was not allowed, and why.

    `action` is None where the person only wanted to look. Everything from `queue` on describes the review as it was,
    None or empty where the bot knows no such review: `claimed_at` is since when `holder` has it, `proposer` is who
    decided or proposed. `target` is who a reassigned review was meant for. `reviewers` and `leads` are the people and
    groups that the queue's policy names.
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
class EventQuarantined:
    """Ops alert: a signed event from Ralio could not be read."""

    error: str

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per hour for each."""
        return "quarantined"


@dataclass(frozen=True, slots=True)
class DeliveryHeld:
    """Ops alert: a delivery is held. `channel` is None where none is configured."""

    channel: str | None
    error: str

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per hour for each."""
        return f"held:{self.channel}:{self.error}"


@dataclass(frozen=True, slots=True)
class VerdictDropped:
    """Ops alert: a verdict is older than what the bot knows of the session, so its review stays open."""

    session_id: str
    session_state: SessionState

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per hour for each."""
        return f"verdict_dropped:{self.session_id}"


@dataclass(frozen=True, slots=True)
class DailyDigest:
    """The digest of a queue; its numbers are read when it is sent."""

    queue: str


DirectMessage: TypeAlias = (
    HolderReminder | StillOnItQuestion | SnoozeEnded | SnoozeInterrupted | VerdictMissing
)
Reminder: TypeAlias = QueueReminder | LeadsReminder | VerdictMissingForLeads | DirectMessage
ThreadReply: TypeAlias = (
    ActionAnnouncement
    | SessionClosed
    | VerdictDisagrees
    | ChecksChanged
    | ProposalWithdrawn
    | ClaimExpired
    | QueueReminder
    | LeadsReminder
    | VerdictMissingForLeads
)
ActionOutcome: TypeAlias = ActionGranted | ActionRefused
OpsAlert: TypeAlias = EventQuarantined | DeliveryHeld | VerdictDropped | DecisionHeld | WebhookRefused
Notification: TypeAlias = (
    ThreadReply | DirectMessage | ActionOutcome | OpsAlert | DailyDigest | DecisionUpdate
)


def is_broadcast(reply: ThreadReply) -> bool:
    """Whether the channel shows the reply too: it is addressed to people who do not follow the thread."""
    return isinstance(reply, QueueReminder | LeadsReminder | VerdictMissingForLeads | VerdictDisagrees)


def session_of(notification: Notification | None) -> str | None:
    """The session that the notification names; None where only its review does."""
    match notification:
        case ActionGranted() | ActionRefused() | ClaimExpired() | VerdictDropped() | DecisionUpdate():
            return notification.session_id
        case _Reminder():
            return notification.session_id
        case _:
            return None
