"""The circuit that keeps an outage from leaving every waiting message with an open question."""

from bot.delivery.rate_limit import (
    FAILURES_UNTIL_PROBING,
    LONGEST_PAUSE_FOR_PEOPLE_S,
    LONGEST_PAUSE_S,
    Circuit,
)

NOW = 1_773_765_688_447


def _open(longest_pause_s: float = LONGEST_PAUSE_S) -> Circuit:
    circuit = Circuit(longest_pause_s)
    for _ in range(FAILURES_UNTIL_PROBING):
        circuit.unanswered(NOW)
    return circuit


def test_two_failures_change_nothing() -> None:
    """Single faults are met by the deliveries' own backoff."""
    circuit = Circuit()
    circuit.unanswered(NOW)
    circuit.unanswered(NOW)
    assert circuit.allowed(7, 5, NOW) == 7


def test_after_three_in_a_row_one_call_at_a_time_is_let_through() -> None:
    """After a second, and only while none is under way."""
    circuit = _open()
    assert circuit.allowed(10, 0, NOW + 999) == 0
    assert circuit.allowed(10, 1, NOW + 1_000) == 0
    assert circuit.allowed(10, 0, NOW + 1_000) == 1
    assert circuit.allowed(0, 0, NOW + 1_000) == 0


def test_the_pauses_between_probes_grow_up_to_half_a_minute() -> None:
    """Slack is not hammered while it is away."""
    circuit, now, pauses = _open(), NOW, []
    for _ in range(7):
        pauses.append((circuit.probe_at - now) / 1000)
        now = circuit.probe_at
        circuit.unanswered(now)
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_where_somebody_waits_the_pauses_stay_short() -> None:
    """A click after an outage is on its card within seconds."""
    circuit, now = _open(LONGEST_PAUSE_FOR_PEOPLE_S), NOW
    for _ in range(7):
        now = circuit.probe_at
        circuit.unanswered(now)
    assert circuit.probe_at - now == 5_000


def test_calls_that_began_before_it_opened_do_not_make_the_pause_longer() -> None:
    """Ten calls under way that fail together are one outage."""
    circuit = _open()
    for _ in range(7):
        circuit.unanswered(NOW + 100)
    assert circuit.probe_at == NOW + 1_000


def test_any_answer_closes_it() -> None:
    """Everything may go again at once."""
    circuit = _open()
    circuit.answered()
    assert circuit.allowed(10, 3, NOW) == 10
    assert circuit == Circuit()
