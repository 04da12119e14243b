"""Time is whole milliseconds in UTC."""

import time

import pytest

from bot.clock import iso, system_clock


@pytest.mark.parametrize(
    ("at_ms", "shown"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_773_765_688_447, "2026-03-17T16:41:28.447Z"),
        (1_773_765_688_999, "2026-03-17T16:41:28.999Z"),
        (None, None),
    ],
)
def test_a_time_is_shown_in_utc_to_the_millisecond(at_ms: int | None, shown: str | None) -> None:
    """As every command prints it; an unknown time stays None."""
    assert iso(at_ms) == shown


def test_the_clock_is_the_machines_own() -> None:
    """In whole milliseconds."""
    before = int(time.time() * 1000)
    assert before <= system_clock() + 1 <= before + 60_000
