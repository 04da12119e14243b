"""What happens to a delivery after a call that did not succeed: tried again and when, looked for, or held. Pure."""

from dataclasses import dataclass

from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import CALL_LIMIT_S

SETTLE_MARGIN_S = 3.0
"""Slack may accept a message some time after we stopped waiting for its answer."""

SETTLE_S = CALL_LIMIT_S + SETTLE_MARGIN_S
"""Counted from the start of a call: only after this it is known whether the call left a message."""

START_LIMIT_S = 3.0
"""A call has to begin this soon after its lease; a process that stalled for longer may not send any more."""

LEASE_S = START_LIMIT_S + SETTLE_S
"""Whoever takes over an expired lease finds an attempt that has settled."""

FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 30.0
OUTAGE_ATTEMPTS = 3_000
"""While Slack is away: about a day of an attempt every half minute."""

REFUSED_ATTEMPTS = 10
"""While Slack answers, and refuses."""

TOKEN_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What to note. `again_in_s` counts from now; `held` ends the attempts until an operator requeues."""

    again_in_s: float
    attempts: int
    unresolved: bool
    held: bool = False
    repost: bool = False


def next_step(result: CallResult, attempts: int, call_began_s_ago: float, random: float) -> RetryDecision:
    """Decide after a call that ended in anything but DONE; `random` in [0, 1) spreads the attempts.

    A card's update may be repeated at will, yet one that Slack accepts late would overwrite a newer one, so that it
    settles too.
    """
    backoff_s = min(FIRST_BACKOFF_S * 2 ** min(attempts, 16), LONGEST_BACKOFF_S) * (0.5 + random / 2)
    match result.kind:
        case ResultKind.WAIT:
            return RetryDecision(result.retry_after_s, attempts, unresolved=False)
        case ResultKind.TOKEN_WRONG:
            return RetryDecision(TOKEN_WAIT_S, attempts, unresolved=False)
        case ResultKind.UNKNOWN:
            settled_in_s = max(0.0, SETTLE_S - call_began_s_ago)
            held = attempts + 1 >= OUTAGE_ATTEMPTS
            return RetryDecision(max(settled_in_s, backoff_s), attempts + 1, unresolved=True, held=held)
        case ResultKind.AWAY:
            return RetryDecision(
                backoff_s, attempts + 1, unresolved=False, held=attempts + 1 >= OUTAGE_ATTEMPTS
            )
        case ResultKind.MESSAGE_GONE:
            held = attempts + 1 >= REFUSED_ATTEMPTS
            return RetryDecision(0.0, attempts + 1, unresolved=False, held=held, repost=True)
        case ResultKind.CHANNEL_WRONG | ResultKind.PAYLOAD_WRONG:
            return RetryDecision(0.0, attempts + 1, unresolved=False, held=True)
        case ResultKind.NOT_DONE:
            held = attempts + 1 >= REFUSED_ATTEMPTS
            return RetryDecision(backoff_s, attempts + 1, unresolved=False, held=held)
        case ResultKind.DONE:
            raise ValueError("a call that succeeded needs no next step")
