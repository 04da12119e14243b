"""What can be decided about a review, and the rules of a queue that a decision has to keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.reviews.deadlines import Deadlines
from bot.reviews.permissions import Roster
from bot.reviews.review import SessionState

MAX_WORDS = 1_000
"""Characters of what a person types: a note, or the reason for a step."""

TOO_LONG = f"Shorten this to {MAX_WORDS} characters."


@dataclass(frozen=True, slots=True)
class Outcome:
    """One possible decision: how people read it, and which reasons (code to label) it may be given.

    `expects` is the verdict of Ralio that it agrees with; None where any will do.
    """

    label: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    reason_required: bool = False
    expects: SessionState | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided: the outcome, and where configured a reason code and a note."""

    outcome: str
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """All that a queue says about the work on its reviews.

    `four_eyes` are the outcomes that a second person has to confirm. `digest_at_min` is when the daily digest is
    posted, in minutes after midnight where the queue's people work; None for no digest.
    """

    roster: Roster = field(default_factory=Roster)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    four_eyes: frozenset[str] = frozenset()
    deadlines: Deadlines = field(default_factory=Deadlines)
    digest_at_min: int | None = None

    def digest_day(self, now: int) -> date | None:
        """The business day whose digest has its time by `now` (milliseconds); None before that, and on other days."""
        hours = self.deadlines.hours
        day = hours.local_day(now)
        if self.digest_at_min is None or not hours.is_business_day(day):
            return None
        return day if now >= hours.moment(day, self.digest_at_min) else None

    def label_of(self, outcome: str | None) -> str:
        """How people read an outcome; one that is no longer configured keeps its code."""
        if outcome is None:
            return "no outcome"
        return self.outcomes[outcome].label if outcome in self.outcomes else outcome

    def reason_label_of(self, outcome: str | None, reason: str) -> str:
        """How people read a reason; one that is no longer configured keeps its code."""
        known = self.outcomes.get(outcome or "")
        return known.reasons.get(reason, reason) if known else reason

    def complaints(self, decision: Decision) -> dict[str, str]:
        """What is wrong with a decision, by its field (`outcome`, `reason`, `note`); empty when it may be taken."""
        if decision.note is not None and len(decision.note) > MAX_WORDS:
            return {"note": TOO_LONG}
        outcome = self.outcomes.get(decision.outcome)
        if outcome is None:
            return {"outcome": "Choose one of the outcomes."}
        if decision.reason is None:
            wanted = outcome.reason_required
            return {"reason": f"Choose a reason: {outcome.label} needs one."} if wanted else {}
        if decision.reason not in outcome.reasons:
            return {"reason": f"Choose a reason that belongs to {outcome.label}."}
        return {}
