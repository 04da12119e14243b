"""Log one line when an outage begins and one when it ends, instead of one per attempt."""

import time
from typing import Any


class OutageLog:
    """Logs the first of several failures in a row, and the first success after them with how many there were.

    `began` and `ended` are the names of the two log events; the failures in between are logged at level DEBUG.
    """

    def __init__(self, log: Any, began: str, ended: str) -> None:  # noqa: ANN401 - structlog's lazy proxy has no useful type
        self._log = log
        self._began = began
        self._ended = ended
        self._failures = 0
        self._since_s = 0.0

    def failed(self, level: str = "warning", **fields: object) -> None:
        """Note a failure."""
        self._failures += 1
        if self._failures == 1:
            self._since_s = time.monotonic()
        else:
            level = "debug"
        getattr(self._log, level)(self._began, **fields)

    def recovered(self, **fields: object) -> None:
        """Note a success; nothing is logged unless a failure came before it."""
        if not self._failures:
            return
        lasted_s = round(time.monotonic() - self._since_s, 1)
        self._log.info(self._ended, failures=self._failures, lasted_s=lasted_s, **fields)
        self._failures = 0
