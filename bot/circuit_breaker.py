"""A circuit breaker: while a remote API does not answer, call it less and less often.

Ralio's API client uses one, and every delivery lane has one for Slack. They differ only in their pauses.
"""

from dataclasses import dataclass

FAILURES_UNTIL_OPEN = 3


@dataclass(slots=True)
class CircuitBreaker:
    """Opens after three failures in a row, for pauses that double from `first_pause_s` to `longest_pause_s`.

    Times are milliseconds. `retry_at` is when the next call can begin; 0 while the circuit is closed.
    """

    first_pause_s: float
    longest_pause_s: float
    failures: int = 0
    retry_at: int = 0
    _pauses: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the API seems to be down."""
        return self.failures >= FAILURES_UNTIL_OPEN

    def allowed(self, wanted: int, in_flight: int, now: int) -> int:
        """How many of the wanted calls can begin now: all of them, or one probe at a time while the circuit is open."""
        if not self.is_open:
            return wanted
        return 0 if in_flight or now < self.retry_at else min(1, wanted)

    def record_success(self) -> None:
        """The API answered. Any answer counts, also a refusal."""
        self.failures, self.retry_at, self._pauses = 0, 0, 0

    def record_failure(self, now: int, retry_after_s: float = 0.0) -> None:
        """The API did not answer, or asked to wait this long; the wait counts even while the circuit is closed."""
        self.failures += 1
        wait_s = retry_after_s
        # Calls that began before the circuit opened and fail during its pause say nothing new.
        if self.is_open and now >= self.retry_at:
            wait_s = max(wait_s, min(self.first_pause_s * 2 ** min(self._pauses, 16), self.longest_pause_s))
            self._pauses += 1
        if wait_s > 0:
            self.retry_at = max(self.retry_at, now + int(wait_s * 1000))
