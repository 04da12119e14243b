"""What the bot asked the Web API for, newest last, and how each call ended."""

import time
from collections import deque
from dataclasses import dataclass

from bot.demo.records import Json

KEPT_CALLS = 20_000


@dataclass(slots=True)
class LoggedCall:
    """A call: `outcome` is `pending`, `ok`, an error code, `dropped`, `not_json` or `server_error`.

    `at` is unix time in seconds; `status` the HTTP status, or None while none was sent.
    """

    method: str
    arguments: Json
    channel: str | None
    at: float
    outcome: str = "pending"
    status: int | None = None


class CallLog:
    """The newest calls, up to `KEPT_CALLS`."""

    def __init__(self) -> None:
        self._calls: deque[LoggedCall] = deque(maxlen=KEPT_CALLS)

    def begin(self, method: str, arguments: Json, channel: str | None) -> LoggedCall:
        """Note a call on its arrival; the caller fills in how it ended."""
        call = LoggedCall(method, arguments, channel, time.time())
        self._calls.append(call)
        return call

    def newest(self, method: str | None, limit: int) -> list[LoggedCall]:
        """Return up to `limit` newest calls in order of arrival, of one method when named."""
        calls = [call for call in self._calls if method in (None, call.method)]
        return calls[-limit:] if limit > 0 else []

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()
