"""How long a decision is retried."""

import pytest

from bot.delivery.decision_webhook.receiver import Answer
from bot.delivery.decision_webhook.retry_policy import (
    FEWEST_ATTEMPTS,
    HELD_AFTER_S,
    LONGEST_BACKOFF_S,
    decide,
)

REFUSED, GONE = Answer(400, "http_400"), Answer(410, "http_410")


@pytest.mark.parametrize(("attempts", "longest_s"), [(0, 2), (1, 4), (5, 64), (20, 600), (1_000, 600)])
def test_pauses_double_up_to_ten_minutes(attempts: int, longest_s: float) -> None:
    """Spread between half and all of it."""
    waits = [decide(REFUSED, attempts, 0, random).retry_in_s for random in (0.0, 0.999)]
    assert waits == [pytest.approx(longest_s / 2), pytest.approx(longest_s, rel=0.01)]


def test_the_receiver_can_ask_for_a_longer_pause() -> None:
    """Retry-After."""
    assert decide(Answer(429, "http_429", 900), 0, 0, 0.5).retry_in_s == 900


@pytest.mark.parametrize(
    ("answer", "attempts", "age_s", "held"),
    [
        (REFUSED, FEWEST_ATTEMPTS, HELD_AFTER_S - 1, False),
        (REFUSED, FEWEST_ATTEMPTS - 1, HELD_AFTER_S, True),
        (REFUSED, FEWEST_ATTEMPTS - 2, 10 * HELD_AFTER_S, False),
        (Answer(None, "timeout"), 1_000, HELD_AFTER_S, True),
        (GONE, 0, 0, True),
    ],
)
def test_it_is_held_after_three_days_or_at_once_when_the_receiver_is_gone(
    answer: Answer, attempts: int, age_s: float, *, held: bool
) -> None:
    """But never before it was tried ten times: it can have waited behind another one."""
    decision = decide(answer, attempts, age_s, 0.5)
    assert (decision.held, decision.attempts) == (held, attempts + 1)
    assert not decision.unresolved


def test_three_days_are_hundreds_of_attempts() -> None:
    """Even with the longest pauses."""
    assert HELD_AFTER_S / LONGEST_BACKOFF_S > 400
