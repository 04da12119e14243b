"""The percentiles and durations of `stats`."""

import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.stats import duration, percentile


@given(st.lists(st.integers(0, 10**7), min_size=2))
def test_percentiles_are_those_of_the_standard_library(values: list[int]) -> None:
    """Up to half a second apart, because they are whole seconds."""
    ordered = sorted(values)
    p90 = statistics.quantiles(ordered, n=10, method="inclusive")[8]
    assert percentile(Counter(ordered), 0.5) == pytest.approx(statistics.median(ordered), abs=0.5)
    assert percentile(Counter(ordered), 0.9) == pytest.approx(p90, abs=0.501)


def test_percentiles_of_few_values() -> None:
    """Without a value there is no percentile; a single value is every percentile."""
    assert percentile(Counter(), 0.5) is None
    assert percentile(Counter([7]), 0.9) == 7
    assert percentile(Counter([1, 2]), 0.5) == 2


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "-"),
        (0, "0s"),
        (59, "59s"),
        (60, "1m 0s"),
        (3_599, "59m 59s"),
        (3_660, "1h 1m"),
        (90_000, "1d 1h"),
        (864_000, "10d 0h"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: int | None, shown: str) -> None:
    """Without one there is a dash."""
    assert duration(seconds) == shown
