"""The circuit breaker, with the pauses of Ralio's API and of a delivery lane."""

from collections.abc import Callable

import pytest

from bot.circuit_breaker import FAILURES_UNTIL_OPEN, CircuitBreaker
from bot.delivery import rate_limit
from bot.ralio.api import client as ralio_client

NOW = 1_773_765_688_447


def _ralio() -> CircuitBreaker:
    return CircuitBreaker(ralio_client.FIRST_PAUSE_S, ralio_client.LONGEST_PAUSE_S)


def _lane(longest_pause_s: float = rate_limit.LONGEST_PAUSE_S) -> CircuitBreaker:
    return CircuitBreaker(rate_limit.FIRST_PAUSE_S, longest_pause_s)


def _open(circuit: CircuitBreaker) -> CircuitBreaker:
    for _ in range(FAILURES_UNTIL_OPEN):
        circuit.record_failure(NOW)
    return circuit


def _pauses_s(circuit: CircuitBreaker, count: int) -> list[float]:
    """Return how long each pause lasts when every probe fails."""
    now, pauses = NOW, []
    for _ in range(count):
        pauses.append((circuit.retry_at - now) / 1000)
        now = circuit.retry_at
        circuit.record_failure(now)
    return pauses


@pytest.mark.parametrize(
    ("circuit", "pauses_s"),
    [
        (_ralio(), [2, 4, 8, 16, 32, 64, 120, 120, 120]),
        (_lane(), [1, 2, 4, 8, 16, 30, 30]),
        (_lane(rate_limit.LONGEST_PAUSE_FOR_PEOPLE_S), [1, 2, 4, 5, 5, 5, 5, 5]),
    ],
    ids=["ralio", "background lane", "lane a person waits for"],
)
def test_pauses_double_up_to_the_longest(circuit: CircuitBreaker, pauses_s: list[float]) -> None:
    """An API that is down is not hammered; a click after an outage still shows within seconds."""
    assert _pauses_s(_open(circuit), len(pauses_s)) == pauses_s


@pytest.mark.parametrize("circuit", [_ralio(), _lane()], ids=["ralio", "lane"])
def test_two_failures_leave_it_closed(circuit: CircuitBreaker) -> None:
    """The retry policy's own backoff handles single faults."""
    circuit.record_failure(NOW)
    circuit.record_failure(NOW)
    assert not circuit.is_open
    assert circuit.retry_at <= NOW
    assert circuit.allowed(7, 5, NOW) == 7


def test_an_open_circuit_allows_one_call_at_a_time() -> None:
    """Only after the pause, and only while no call is under way."""
    circuit = _open(_lane())
    assert circuit.allowed(10, 0, NOW + 999) == 0
    assert circuit.allowed(10, 1, NOW + 1_000) == 0
    assert circuit.allowed(10, 0, NOW + 1_000) == 1
    assert circuit.allowed(0, 0, NOW + 1_000) == 0


@pytest.mark.parametrize(("circuit", "first_pause_ms"), [(_ralio(), 2_000), (_lane(), 1_000)])
def test_failures_during_a_pause_do_not_lengthen_it(circuit: CircuitBreaker, first_pause_ms: int) -> None:
    """Calls that were under way when it opened and fail together are one outage."""
    _open(circuit)
    for milliseconds in range(7):
        circuit.record_failure(NOW + 100 * milliseconds)
    assert circuit.retry_at == NOW + first_pause_ms


@pytest.mark.parametrize("make", [_ralio, _lane])
def test_any_answer_closes_it(make: Callable[[], CircuitBreaker]) -> None:
    """Everything can be called again at once, and the next outage begins with the first pause."""
    circuit = _open(make())
    _pauses_s(circuit, 3)
    circuit.record_success()
    assert circuit.allowed(10, 3, NOW) == 10
    assert circuit == make()


def test_a_requested_wait_counts_at_once() -> None:
    """Even after the first failure; a shorter wait does not shorten a longer one."""
    circuit = _ralio()
    circuit.record_failure(NOW, retry_after_s=30)
    circuit.record_failure(NOW, retry_after_s=5)
    assert circuit.retry_at == NOW + 30_000


def test_a_clock_set_back_between_failures_does_not_keep_it_closed() -> None:
    """Failures count, whatever the machine's clock does meanwhile."""
    circuit = _lane()
    for hours_back in range(FAILURES_UNTIL_OPEN):
        circuit.record_failure(NOW - hours_back * 3_600_000)
    assert circuit.is_open
    assert circuit.retry_at == NOW - 2 * 3_600_000 + 1_000
