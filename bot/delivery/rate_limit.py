"""How fast the bot can call Slack: a token bucket for each lane, closed for as long as Slack asks.

About one new message a second and channel, `chat.update` in tier 3 (50 a minute), `chat.postEphemeral` and
`views.publish` in tier 4 (100 a minute), all with short bursts (https://docs.slack.dev/apis/web-api/rate-limits). While
Slack does not answer at all, a lane's circuit lets one call at a time find out whether it is back.
"""

from dataclasses import dataclass

UPDATES_PER_SECOND = 50 / 60
PRIVATE_PER_SECOND = 100 / 60
POST_BURST = 3
UPDATE_BURST = 30
PRIVATE_BURST = 60

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
LONGEST_PAUSE_FOR_PEOPLE_S = 5.0
"""For lanes that people wait for: after an outage, a click shows its effect within this time."""


@dataclass(slots=True)
class Bucket:
    """Refills by `per_second` up to `burst`; times are milliseconds."""

    per_second: float
    burst: float
    tokens: float
    filled_at: int
    closed_until: int = 0

    def available(self, now: int) -> int:
        """How many calls can be made now."""
        self._fill(now)
        return 0 if now < self.closed_until else max(0, int(self.tokens))

    def take(self, now: int, count: int) -> None:
        """Note calls that are made now; a negative count gives back what was not needed."""
        self._fill(now)
        self.tokens -= count

    def close(self, until: int) -> None:
        """Slack asked to wait until then."""
        self.closed_until = max(self.closed_until, until)

    def opens_at(self, now: int) -> int:
        """When the next call can be made."""
        self._fill(now)
        missing = max(0.0, 1.0 - self.tokens)
        return max(self.closed_until, now + int(missing / self.per_second * 1000 + 0.999))

    def _fill(self, now: int) -> None:
        passed_s = max(0, now - self.filled_at) / 1000
        self.tokens = min(self.burst, self.tokens + passed_s * self.per_second)
        self.filled_at = now


def bucket(per_second: float, burst: float, pace: float, now: int) -> Bucket:
    """A full bucket; `pace` is SLACK_POSTS_PER_SECOND, which scales what Slack itself would allow."""
    size = max(burst, burst * pace)
    return Bucket(per_second=per_second * pace, burst=size, tokens=size, filled_at=now)
