"""The circuit of an outage: while Ralio's API does not answer, it is asked less and less often."""

from dataclasses import dataclass

FAILURES_UNTIL_OPEN = 3
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 120.0


@dataclass(slots=True)
class Circuit:
    """After three calls in a row without an answer it opens, for pauses that grow from 2 s to 2 min.

    Times are milliseconds. `closes_at` is when the next call may begin.
    """

    failures: int = 0
    pause_s: float = FIRST_PAUSE_S
    closes_at: int = 0

    def answered(self) -> None:
        """The API answered, whatever it answered."""
        self.failures, self.pause_s, self.closes_at = 0, FIRST_PAUSE_S, 0

    def unanswered(self, now: int, retry_after_s: float = 0.0) -> None:
        """The API did not answer, or asked for patience of this length."""
        self.failures += 1
        wait_s = retry_after_s
        # Calls that began before the circuit opened and end during its pause say nothing new.
        if self.failures >= FAILURES_UNTIL_OPEN and now >= self.closes_at:
            wait_s = max(wait_s, self.pause_s)
            self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)
        self.closes_at = max(self.closes_at, now + int(wait_s * 1000))
