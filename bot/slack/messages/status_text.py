"""Phrases about the state of a review that several messages share. Pure."""

from bot.reviews.policy import Policy
from bot.reviews.review import Review
from bot.slack.messages.mrkdwn import VERDICTS, escaped, person


def outcome_words(review: Review, rules: Policy) -> str:
    """The decided or proposed outcome, with its reason."""
    return f"{escaped(rules.label_of(review.outcome))}{reason_words(review, rules)}"


def reason_words(review: Review, rules: Policy) -> str:
    """The reason in brackets, for after an outcome; empty without one."""
    return f" ({escaped(rules.reason_label_of(review.outcome, review.reason))})" if review.reason else ""


def confirmed_words(review: Review) -> str:
    """Who confirmed, for after who decided; empty if one person decided alone."""
    return f", confirmed by {person(review.confirmed_by)}" if review.confirmed_by else ""


def verdict_words(review: Review) -> str:
    """Ralio's verdict on the session."""
    return VERDICTS.get(review.session_state, review.session_state.value)
