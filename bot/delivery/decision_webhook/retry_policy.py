"""Decide what happens to a decision that the receiver did not accept: retried and when, or held. Pure."""

from bot.delivery.decision_webhook.receiver import Answer
from bot.delivery.retry_policy import RetryDecision

FIRST_BACKOFF_S = 2.0
LONGEST_BACKOFF_S = 600.0
HELD_AFTER_S = 3 * 86_400.0
FEWEST_ATTEMPTS = 10
"""One that waited for days behind another, or while the bot was down, still gets a quarter of an hour of attempts."""


def decide(answer: Answer, attempts: int, wanted_s_ago: float, random: float) -> RetryDecision:
    """Decide after a call that did not succeed; `random` in [0, 1) spreads the retries.

    Every answer but 410 is retried: a receiver that refuses a message today may be repaired tomorrow.
    """
    failed = attempts + 1
    backoff_s = min(FIRST_BACKOFF_S * 2 ** min(attempts, 16), LONGEST_BACKOFF_S) * (0.5 + random / 2)
    is_old = wanted_s_ago >= HELD_AFTER_S and failed >= FEWEST_ATTEMPTS
    held = answer.is_gone or is_old
    return RetryDecision(max(backoff_s, answer.retry_after_s), failed, held=held)
