"""A queue's policy: who works on its reviews, what they can decide, and by when."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from bot.reviews.deadlines import Deadlines
from bot.reviews.permissions import Roster
from bot.reviews.review import Review, SessionState
from bot.reviews.snooze import Snooze, SnoozePolicy, code_in_words

MAX_WORDS = 1_000
"""Characters of what a person types: a note, or the reason for an action."""

_HOUR_MS = 3_600_000

TOO_LONG = f"Shorten this to {MAX_WORDS} characters."


@dataclass(frozen=True, slots=True)
class Outcome:
    """One possible decision: its label, and the reasons (code to label) that can be given for it.

    `expects` is the verdict of Ralio that it agrees with; None where any verdict does. `note_required` are the codes of
    the reasons that a note must explain.
    """

    label: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    reason_required: bool = False
    expects: SessionState | None = None
    note_required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided: the outcome, and optionally a reason code and a note."""

    outcome: str
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A queue's rules for the work on its reviews.

    A second person must confirm the outcomes in `four_eyes`. `digest_at_min` is when the daily digest is posted, in
    minutes after midnight in the queue's time zone; None for no digest. `mentions_reviewers`: a new card does, so Slack
    notifies them.
    """

    roster: Roster = field(default_factory=Roster)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    four_eyes: frozenset[str] = frozenset()
    deadlines: Deadlines = field(default_factory=Deadlines)
    digest_at_min: int | None = None
    snooze: SnoozePolicy = field(default_factory=SnoozePolicy)
    mentions_reviewers: bool = False

    def in_channel(self, channel: str) -> "Policy":
        """The policy of a queue whose cards are posted in this channel."""
        return replace(self, roster=replace(self.roster, channel=channel))

    def digest_day(self, now: int) -> date | None:
        """The business day whose digest is due by `now` (milliseconds); None before that time, and on days off.

        It is due until midnight, and for an hour at least.
        """
        if self.digest_at_min is None:
            return None
        hours = self.deadlines.hours
        today, day_before = hours.local_day(now), hours.local_day(now - _HOUR_MS)
        if hours.is_business_day(today) and now >= hours.moment(today, self.digest_at_min):
            return today
        if (
            hours.is_business_day(day_before)
            and now - _HOUR_MS < hours.moment(day_before, self.digest_at_min) <= now
        ):
            return day_before
        return None

    def label_of(self, outcome: str | None) -> str:
        """The label of an outcome; one that is no longer configured is shown by its code, in words."""
        if outcome is None:
            return "no outcome"
        return self.outcomes[outcome].label if outcome in self.outcomes else code_in_words(outcome)

    def reason_label_of(self, outcome: str | None, reason: str) -> str:
        """The label of a reason; one that is no longer configured is shown by its code, in words."""
        known = self.outcomes.get(outcome or "")
        label = known.reasons.get(reason) if known else None
        return label or code_in_words(reason)

    def needs_four_eyes(self, outcome: str, review: Review) -> bool:
        """Whether a second person must confirm the outcome: one person can't undo what two decided."""
        return outcome in self.four_eyes or review.had_two_people

    def complaints(self, decision: Decision) -> dict[str, str]:
        """What is wrong with a decision, by its field (`outcome`, `reason`, `note`); empty when it is complete."""
        if decision.note is not None and len(decision.note) > MAX_WORDS:
            return {"note": TOO_LONG}
        outcome = self.outcomes.get(decision.outcome)
        if outcome is None:
            return {"outcome": "Choose an outcome."}
        if decision.reason is None:
            wanted = outcome.reason_required
            return {"reason": f"Choose a reason: {outcome.label} needs one."} if wanted else {}
        if decision.reason not in outcome.reasons:
            return {"reason": f"Choose a reason for {outcome.label}."}
        return {"note": "Add a note: this reason needs one."} if self.lacks_note(decision) else {}

    def snooze_complaints(self, snooze: Snooze, now: int) -> dict[str, str]:
        """What is wrong with a snooze at `now` (milliseconds), by its field (`day`, `reason`, `note`)."""
        if snooze.note is not None and len(snooze.note) > MAX_WORDS:
            return {"note": TOO_LONG}
        return self.snooze.complaints(snooze, self.deadlines.hours, now)

    def lacks_note(self, decision: Decision) -> bool:
        """Whether the decision's reason needs a note and there is none."""
        outcome = self.outcomes.get(decision.outcome)
        return outcome is not None and decision.reason in outcome.note_required and not decision.note


NO_POLICY = Policy()
"""For a queue without configuration: no one can review; there are no deadlines and no second person."""

NO_POLICIES: Mapping[str, Policy] = MappingProxyType({})


def policy_of(queue: str, policies: Mapping[str, Policy]) -> Policy:
    """The queue's policy, or NO_POLICY where none is configured."""
    return policies.get(queue, NO_POLICY)
