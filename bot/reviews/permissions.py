"""Who may work on a queue. The answer is asked for at click time, never read off a card."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of one queue, as Slack user ids. No reviewers named: everybody who sees the card may review."""

    reviewers: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()

    def may_review(self, person: str) -> bool:
        """Whether this person may claim and work on the queue's reviews; a lead always may."""
        return not self.reviewers or person in self.reviewers or person in self.leads

    def leads_queue(self, person: str) -> bool:
        """Whether this person is one of the queue's leads."""
        return person in self.leads

    def named(self) -> tuple[str, ...]:
        """Everybody who may review, in a stable order; empty when nobody is named."""
        return tuple(sorted(self.reviewers | self.leads)) if self.reviewers else ()
