"""Whether Ralio's verdict matches what was decided, proposed, or decided before the review was reopened."""

from bot.reviews.policy import Policy
from bot.reviews.review import Disagreement, Review, SessionState


def disagreement_of(closed: Review, policy: Policy) -> Disagreement | None:
    """How the verdict on a closed review disagrees; None when it doesn't, and for a test.

    A session that only expired was decided by no one, so only a decision or proposal that still stands can disagree
    with that. An earlier decision no longer stands, so a verdict that agrees with it still finds the review undecided.
    """
    if closed.is_test:
        return None
    state = closed.session_state
    if closed.outcome is not None:
        contradicts = _contradicts(closed.outcome, state, policy)
        if not closed.unconfirmed:
            return Disagreement.CONTRADICTS if contradicts else None
        if contradicts:
            return Disagreement.CONTRADICTS_PROPOSAL
        return None if state is SessionState.EXPIRED else Disagreement.UNCONFIRMED
    if state is SessionState.EXPIRED or closed.opened_at is None:
        return None
    earlier = closed.earlier_decision
    if earlier is not None and _contradicts(earlier.outcome, state, policy):
        return Disagreement.CONTRADICTS_EARLIER
    return Disagreement.UNDECIDED


def _contradicts(outcome: str, state: SessionState, policy: Policy) -> bool:
    known = policy.outcomes.get(outcome)
    return known is not None and known.expects not in (None, state)
