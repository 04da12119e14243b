"""Decide what happens to a delivery after a failed call: retried and when, searched for, or held. Pure."""

from dataclasses import dataclass

from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import CALL_LIMIT_S

SETTLE_MARGIN_S = 3.0
"""Slack can accept a message some time after we stopped waiting for its answer."""

SETTLE_S = CALL_LIMIT_S + SETTLE_MARGIN_S
"""Counted from the start of a call: only after this time is it certain whether the call left a message."""

START_LIMIT_S = 3.0
"""A call must start this soon after its lease; a process that stalled for longer must not send."""

LEASE_S = START_LIMIT_S + SETTLE_S
"""The process that takes over an expired lease finds an attempt that has settled."""

FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 30.0
OUTAGE_ATTEMPTS = 3_000
"""While Slack is down: about a day, with one attempt every half minute."""

REFUSED_ATTEMPTS = 10
"""After a fault of the bot, or while a card disappears as often as it is posted."""

TOKEN_WAIT_S = 30.0
CARD_WAIT_S = 5.0
"""How often a thread reply looks whether its card is in Slack again."""


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What to record for a delivery: try again in `retry_in_s` seconds, or `held` until its cause is gone.

    `unresolved` means that the call may have left a message; `repost` that the card's message is gone from Slack.
    """

    retry_in_s: float
    attempts: int
    unresolved: bool = False
    held: bool = False
    repost: bool = False


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Decides how a failed delivery continues."""

    first_backoff_s: float = FIRST_BACKOFF_S
    longest_backoff_s: float = LONGEST_BACKOFF_S
    outage_attempts: int = OUTAGE_ATTEMPTS
    refused_attempts: int = REFUSED_ATTEMPTS
    token_wait_s: float = TOKEN_WAIT_S
    card_wait_s: float = CARD_WAIT_S

    def decide(
        self, result: CallResult, attempts: int, call_began_s_ago: float, random: float
    ) -> RetryDecision:
        """Decide after a call that ended in anything but DONE; `random` in [0, 1) spreads the retries.

        A card's update can be repeated safely, but one that Slack accepts late would overwrite a newer one, so it
        settles too. Raises ValueError for a call that succeeded.
        """
        failed = attempts + 1
        backoff_s = self._backoff_s(attempts, random)
        match result.kind:
            case ResultKind.WAIT:
                return RetryDecision(result.retry_after_s, attempts)
            case ResultKind.TOKEN_WRONG:
                return RetryDecision(self.token_wait_s, attempts)
            case ResultKind.UNKNOWN:
                settled_in_s = max(0.0, SETTLE_S - call_began_s_ago)
                held = failed >= self.outage_attempts
                return RetryDecision(max(settled_in_s, backoff_s), failed, unresolved=True, held=held)
            case ResultKind.AWAY | ResultKind.OUTAGE:
                return RetryDecision(backoff_s, failed, held=failed >= self.outage_attempts)
            case ResultKind.MESSAGE_GONE:
                return RetryDecision(0.0, failed, held=failed >= self.refused_attempts, repost=True)
            case ResultKind.PARENT_GONE:
                return RetryDecision(self.card_wait_s, attempts)
            case (
                ResultKind.CHANNEL_WRONG
                | ResultKind.PERMISSION_MISSING
                | ResultKind.PAYLOAD_WRONG
                | ResultKind.THREAD_CLOSED
                | ResultKind.PERSON_UNREACHABLE
            ):
                return RetryDecision(0.0, failed, held=True)
            case ResultKind.NOT_DONE:
                return RetryDecision(backoff_s, failed, held=failed >= self.refused_attempts)
            case ResultKind.DONE:
                raise ValueError("a call that succeeded needs no retry decision")

    def _backoff_s(self, attempts: int, random: float) -> float:
        doubled_s: float = self.first_backoff_s * 2 ** min(attempts, 16)
        return min(doubled_s, self.longest_backoff_s) * (0.5 + random / 2)
