"""Phrases about the state of a review that several messages share. Pure."""

from bot.reviews.policy import Policy
from bot.reviews.review import Disagreement, Review, SessionState
from bot.slack.messages.mrkdwn import escaped, person


def outcome_words(review: Review, rules: Policy) -> str:
    """The decided or proposed outcome, with its reason."""
    return f"{escaped(rules.label_of(review.outcome))}{reason_words(review, rules)}"


def reason_words(review: Review, rules: Policy) -> str:
    """The reason in brackets, for after an outcome; empty without one."""
    return reason_in_brackets(review.outcome, review.reason, rules)


def reason_in_brackets(outcome: str | None, reason: str | None, rules: Policy) -> str:
    """A reason's label in brackets, with a space before it; empty without a reason."""
    return f" ({escaped(rules.reason_label_of(outcome, reason))})" if reason else ""


def confirmed_words(review: Review) -> str:
    """Who confirmed, for after who decided; empty if one person decided alone."""
    return f", confirmed by {person(review.confirmed_by)}" if review.confirmed_by else ""


def verdict_words(state: SessionState) -> str:
    """Ralio's verdict as a clause."""
    match state:
        case SessionState.VERIFIED:
            return "Ralio verified this session"
        case SessionState.REJECTED:
            return "Ralio rejected this session"
        case SessionState.EXPIRED:
            return "this session expired"
        case SessionState.REVIEW:
            return "Ralio still reviews this session"


def closed_words(review: Review, rules: Policy, bold: str = "") -> str:
    """Ralio's verdict and what was decided or proposed here before; `bold` is put around the outcomes."""
    words = verdict_words(review.session_state)
    if review.outcome is not None:
        reason = reason_words(review, rules)
        outcome = f"{bold}{escaped(rules.label_of(review.outcome))}{bold}{reason}{confirmed_words(review)}"
        author = _author(review.decided_by)
        if review.recorded_afterwards:
            return f"{words}; {author} recorded {outcome} afterwards"
        words += f"; {author} had {done(unconfirmed=review.unconfirmed)} {outcome}"
    elif (earlier := review.earlier_decision) is not None:
        label = escaped(rules.label_of(earlier.outcome))
        reason = reason_in_brackets(earlier.outcome, earlier.reason, rules)
        did = f"{_author(earlier.decided_by)} had {done(unconfirmed=earlier.unconfirmed)}"
        words += f"; {did} {bold}{label}{bold}{reason} before it was reopened"
    return words


def disagreement_words(disagreement: Disagreement | None) -> str:
    """Why the verdict needs a look; empty when it agrees."""
    match disagreement:
        case Disagreement.CONTRADICTS | Disagreement.CONTRADICTS_PROPOSAL | Disagreement.CONTRADICTS_EARLIER:
            return "Ralio decided otherwise."
        case Disagreement.UNCONFIRMED:
            return "No one had confirmed the proposal."
        case Disagreement.UNDECIDED:
            return "No decision was recorded here."
        case None:
            return ""


def done(*, unconfirmed: bool) -> str:
    """What a person did with an outcome."""
    return "proposed" if unconfirmed else "decided"


def _author(person_id: str | None) -> str:
    return person(person_id) if person_id else "someone"
