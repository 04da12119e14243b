"""Slack's `ts`: an id in the form `seconds.microseconds`, a string, never a float."""

import re
import time
from collections.abc import Callable

_MICROSECONDS = 1_000_000
_TS = re.compile(r"(\d{1,12})(?:\.(\d{1,6}))?", re.ASCII)


class Timestamps:
    """Gives out unique, strictly increasing `ts`, even when the clock stops or goes back."""

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self._last_us = 0

    def next(self) -> str:
        """Return the next `ts`."""
        self._last_us = max(self._now_ns() // 1000, self._last_us + 1)
        return f"{self._last_us // _MICROSECONDS}.{self._last_us % _MICROSECONDS:06d}"


def microseconds(ts: str) -> int:
    """Return a `ts` as microseconds, so that two can be compared; ValueError when it is none."""
    match = _TS.fullmatch(ts)
    if match is None:
        raise ValueError(f"not a ts: {ts[:40]!r}")
    return int(match[1]) * _MICROSECONDS + int((match[2] or "").ljust(6, "0"))
