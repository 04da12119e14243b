"""The only source of time: whole milliseconds since 1970 in UTC, injected wherever it is needed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]
"""Returns now, in milliseconds since 1970, UTC."""


def system_clock() -> int:
    """Return the machine's time in milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def iso(at_ms: int | None) -> str | None:
    """Return a time as every command prints it: ISO 8601 in UTC with milliseconds; None stays None."""
    if at_ms is None:
        return None
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
