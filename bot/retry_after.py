"""The header `Retry-After` of an HTTP answer (RFC 9110 section 10.2.3), in its form of seconds."""

import math
from collections.abc import Mapping

LONGEST_WAIT_S = 3_600.0


def retry_after_s(headers: Mapping[str, str]) -> float:
    """How long a server asks callers to wait, in seconds, at most an hour; 0 if missing or unreadable."""
    try:
        wanted_s = float(headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0
    return min(max(wanted_s, 0.0), LONGEST_WAIT_S) if math.isfinite(wanted_s) else 0.0
