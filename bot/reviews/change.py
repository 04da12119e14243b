"""What follows from anything that happens: a change of a review, or only an entry in the audit."""

from dataclasses import dataclass
from typing import NamedTuple

from bot.reviews.action_request import Refused
from bot.reviews.audit.entry import AuditEntry
from bot.reviews.notifications import ThreadReply
from bot.reviews.reminders import DirectMessage
from bot.reviews.review import Review


class Change(NamedTuple):
    """A review after something happened to it, and everything that is saved with it.

    `consequence` is the entry of what the bot did at once because of it; `after` includes that. `people` are those
    whose home tabs show the change.
    """

    after: Review
    entry: AuditEntry
    notifications: tuple[ThreadReply | DirectMessage, ...] = ()
    people: tuple[str, ...] = ()
    consequence: AuditEntry | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action was not allowed: the review (None: unknown) stays as it is, and the audit says why."""

    reason: Refused
    review: Review | None
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class Stale:
    """The event is older than what is known: it is recorded and moves nothing back."""

    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """Only the due time of a review changed, because the settings did; the audit has no entry for that."""

    after: Review
