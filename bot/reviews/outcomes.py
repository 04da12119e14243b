"""What can be decided about a review, and the rules of a queue that a decision has to keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.reviews.permissions import Roster

MAX_WORDS = 1_000
"""Characters of what a person types: a note, or the reason for a step."""

TOO_LONG = f"Shorten this to {MAX_WORDS} characters."


@dataclass(frozen=True, slots=True)
class Outcome:
    """One possible decision: how people read it, and which reasons (code to label) it may be given."""

    label: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    reason_required: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided: the outcome, and where configured a reason code and a note."""

    outcome: str
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """All that a queue says about the work on its reviews.

    `four_eyes` are the outcomes that a second person has to confirm.
    """

    roster: Roster = field(default_factory=Roster)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    four_eyes: frozenset[str] = frozenset()

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
