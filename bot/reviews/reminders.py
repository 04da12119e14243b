"""Reminders of what reviews wait for: one message per queue and one per holder, and direct messages about a review.

Thread replies about one review are what earlier versions sent instead; stored ones are still delivered.
"""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from bot.reviews.notification_topics import AutomaticTopic
from bot.reviews.review import Review, SessionState, Status

REVIEWERS, LEADS = "reviewers", "leads"
"""Who a reminder is for; otherwise the Slack id of a person with overdue claims."""


@dataclass(frozen=True, slots=True)
class OverdueInQueue:
    """Message in a queue's channel: what is overdue there, for REVIEWERS, LEADS or both. The list is read when sent."""

    queue: str
    audiences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OverdueClaims:
    """Direct message to a person: which of their claims in a queue are overdue. The list is read when sent."""

    queue: str
    person: str


OverdueReminder: TypeAlias = OverdueInQueue | OverdueClaims


@dataclass(frozen=True, slots=True)
class AnyReminder:
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
class QueueReminder(AnyReminder):
    """Thread reply: the review waits for a person to claim or to confirm it."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.REMIND_QUEUE


@dataclass(frozen=True, slots=True)
class LeadsReminder(AnyReminder):
    """Thread reply: the review has waited so long that the leads must look at it."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.REMIND_LEADS


@dataclass(frozen=True, slots=True)
class HolderReminder(AnyReminder):
    """Direct message: the review that the person claimed waits for their decision."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.REMIND_HOLDER


@dataclass(frozen=True, slots=True)
class StillOnItQuestion(AnyReminder):
    """Direct message: without an answer, the person's claim will be released."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.STILL_ON_IT


@dataclass(frozen=True, slots=True)
class SnoozeEnded(AnyReminder):
    """Direct message: the snooze of the person's review came to its date."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.SNOOZE_ENDED


@dataclass(frozen=True, slots=True)
class SnoozeInterrupted(AnyReminder):
    """Direct message: something new from Ralio ended the snooze of the person's review."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.SNOOZE_INTERRUPTED


@dataclass(frozen=True, slots=True)
class VerdictMissing(AnyReminder):
    """Direct message: Ralio has given no verdict on what the person decided."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.VERDICT_MISSING


@dataclass(frozen=True, slots=True)
class VerdictMissingForLeads(AnyReminder):
    """Thread reply: the decider was notified of that, and there is still no verdict."""

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.VERDICT_MISSING_LEADS


@dataclass(frozen=True, slots=True)
class ReminderEnded:
    """A direct message that was sent, as it reads once it is answered or moot: by which action, and who did that.

    `actor` is a Slack id or one of the audit's names, `holder` who has the review now.
    """

    topic: ClassVar[AutomaticTopic] = AutomaticTopic.REMINDER_ENDED
    to: tuple[str, ...]
    session_id: str
    action: str
    actor: str
    holder: str | None
    session_state: SessionState


DirectMessage: TypeAlias = (
    HolderReminder | StillOnItQuestion | SnoozeEnded | SnoozeInterrupted | VerdictMissing
)
Reminder: TypeAlias = QueueReminder | LeadsReminder | VerdictMissingForLeads | DirectMessage
