"""The circuit of Ralio's API."""

from bot.circuit_breaker import FAILURES_UNTIL_OPEN, LONGEST_PAUSE_S, Circuit

NOW = 1_773_765_688_447


def test_the_pauses_grow_until_it_answers() -> None:
    """2, 4, 8 s, at most 2 min; one answer and all is as before."""
    circuit, now, pauses = Circuit(), NOW, []
    for _ in range(FAILURES_UNTIL_OPEN - 1):
        circuit.unanswered(now)
        assert circuit.closes_at <= now
    for _ in range(9):
        circuit.unanswered(now)
        pauses.append((circuit.closes_at - now) / 1000)
        now = circuit.closes_at
    assert pauses == [2, 4, 8, 16, 32, 64, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    circuit.answered()
    assert circuit == Circuit()


def test_calls_that_end_during_a_pause_do_not_lengthen_it() -> None:
    """They began before it."""
    circuit = Circuit()
    for _ in range(9):
        circuit.unanswered(NOW)
    assert circuit.closes_at == NOW + 2_000


def test_a_wish_to_wait_counts_at_once() -> None:
    """Also the first, and a shorter one does not shorten it."""
    circuit = Circuit()
    circuit.unanswered(NOW, retry_after_s=30)
    circuit.unanswered(NOW, retry_after_s=5)
    assert circuit.closes_at == NOW + 30_000
