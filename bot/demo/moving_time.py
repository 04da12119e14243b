"""The local Slack's time: the machine's, which can be fast-forwarded to see what happens later."""

import time

LONGEST_STEP_S = 31 * 86_400.0


class MovingTime:
    """A clock to call; all who share it have the same time."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> int:
        """Now in milliseconds since 1970, UTC."""
        return self.now_ns() // 1_000_000

    def now_ns(self) -> int:
        """Now in nanoseconds since 1970, UTC."""
        return time.time_ns() + int(self.ahead_s * 1_000_000_000)

    def advance(self, seconds: float) -> None:
        """Move on; ValueError for going back or for more than 31 days at once."""
        if not 0 < seconds <= LONGEST_STEP_S:
            raise ValueError("time moves forward, by at most 31 days at once")
        self.ahead_s += seconds
