"""One call of an attempt: how it ended, and what that leaves open."""

from dataclasses import dataclass

from bot.slack.api.call_results import CallResult
from bot.slack.api.client import Place


@dataclass(frozen=True, slots=True)
class Call:
    """How a call ended, which version it showed and when it began (milliseconds).

    `looking` says that nothing was sent. An earlier attempt then stays unresolved, unless `resolved` says that it left
    nothing. `sent` counts how often the message was sent: twice if Slack refused it and it was sent again in its plain
    form. `place` is where it was sent. `removed` says that a message was removed.
    """

    result: CallResult
    version: int
    began_at: int
    looking: bool = False
    resolved: bool = False
    sent: int = 1
    place: Place | None = None
    removed: bool = False
