"""A claimed review is snoozed until a date, because it waits for something, and resumed. Pure.

The claim stays, and the deadline for the decision pauses (see `deadlines`). A snooze ends at its date, when Ralio sends
anything new about the session, when its holder resumes the review, or when a person moves the review on. Escalating,
adding a note and answering "Still on it?" don't end it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.reviews.audit.entry import BOT, AuditEntry
from bot.reviews.business_hours import BusinessHours
from bot.reviews.review import Action, Pause, Review

KEEPS_SNOOZE = frozenset({Action.SNOOZE, Action.ESCALATE, Action.STILL_ON_IT, Action.ADD_NOTE})
"""What people can do to a snoozed review without ending the snooze."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """What a person entered: the day on which work continues (None: not a date), a reason code and a note."""

    day: date | None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SnoozePolicy:
    """How reviews can be snoozed: for at most so many days from today, and for which reasons (code to label).

    `note_required` are the codes of the reasons that a note must explain. Without any reasons, none is asked for.
    """

    max_days: int = 7
    reasons: Mapping[str, str] = field(default_factory=dict)
    note_required: frozenset[str] = frozenset()

    def label_of(self, reason: str) -> str:
        """The label of a reason; one that is no longer configured is shown by its code, in words."""
        return self.reasons.get(reason) or code_in_words(reason)

    def complaints(self, snooze: Snooze, hours: BusinessHours, now: int) -> dict[str, str]:
        """What is wrong with a snooze at `now` (milliseconds), by its field; empty when it is complete."""
        if snooze.day is None:
            return {"day": "Choose a date."}
        today = hours.local_day(now)
        last = today + timedelta(days=self.max_days)
        if snooze.day <= today:
            return {"day": "Choose a date after today."}
        if snooze.day > last:
            return {"day": f"Choose a date no later than {last.isoformat()}."}
        if self.reasons and snooze.reason not in self.reasons:
            return {"reason": "Choose a reason."}
        return {"note": "Add a note: this reason needs one."} if self.lacks_note(snooze) else {}

    def lacks_note(self, snooze: Snooze) -> bool:
        """Whether the reason needs a note and there is none."""
        return snooze.reason in self.note_required and not snooze.note


def code_in_words(code: str) -> str:
    """A code that is no longer configured, as people can read it: `more_information` is "More information"."""
    return code.replace("_", " ").capitalize()


def snooze_end(day: date, hours: BusinessHours) -> int:
    """When a snooze until this day ends (milliseconds): at the beginning of its business hours, or the next ones."""
    return hours.next_opening(hours.moment(day, hours.opens_min))


def snoozed(review: Review, until: int, reason: str | None, now: int) -> Review:
    """The review, snoozed from `now` until a later time (milliseconds); a current snooze gets a new end."""
    *ended, last = [*review.pauses, Pause(now, until)] if review.snoozed_until is None else review.pauses
    return review._replace(
        snoozed_until=until, snooze_reason=reason, pauses=(*ended, Pause(last.start, max(now, until)))
    )


def resumed(review: Review, now: int) -> Review:
    """The review without its snooze; its holder is active as of `now` (milliseconds)."""
    if review.snoozed_until is None:
        return review
    *ended, last = review.pauses
    pauses = (*ended, Pause(last.start, now)) if now > last.start else tuple(ended)
    return review._replace(
        snoozed_until=None,
        snooze_reason=None,
        pauses=pauses,
        active_at=None if review.active_at is None else now,
    )


def end_of_snooze(before: Review, after: Review, because: str, now: int) -> AuditEntry | None:
    """The entry for a snooze that ended because of something else; None if none did."""
    if before.snoozed_until is None or after.snoozed_until is not None:
        return None
    detail = {"because": because}
    return AuditEntry(now, BOT, Action.RESUME, after.status, after.status, after.version, detail=detail)


def written(at: int) -> str:
    """A time (milliseconds) as the audit has it: ISO 8601 in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")
