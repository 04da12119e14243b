"""How fast Slack may be spoken to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.rate_limit import POST_BURST, Bucket, bucket

NOW = 1_773_765_688_447


def _bucket(*, per_second: float = 1.0, burst: float = 3, pace: float = 1.0) -> Bucket:
    return bucket(per_second, burst, pace, NOW)


def test_a_fresh_bucket_allows_its_burst() -> None:
    """After a pause a few messages may go at once."""
    assert _bucket().available(NOW) == POST_BURST


def test_what_is_taken_is_gone_until_it_refills() -> None:
    """Then one a second."""
    full = _bucket()
    full.take(NOW, 3)
    allowed = [full.available(NOW + milliseconds) for milliseconds in (0, 999, 1_000, 1_999, 2_000, 3_000)]
    assert allowed == [0, 0, 1, 1, 2, 3]


def test_no_pause_allows_more_than_the_burst() -> None:
    """A night without reviews does not end in a flood."""
    assert _bucket().available(NOW + 86_400_000) == 3


@pytest.mark.parametrize(
    ("pace", "at_once", "in_the_next_second"),
    [(1.0, 3, 1), (10.0, 30, 10), (0.5, 3, 0), (10_000.0, 30_000, 10_000)],
)
def test_the_pace_scales_what_slack_allows(pace: float, at_once: int, in_the_next_second: int) -> None:
    """A slower pace keeps the burst, or nothing could ever be sent."""
    scaled = _bucket(pace=pace)
    assert scaled.available(NOW) == at_once
    scaled.take(NOW, at_once)
    assert scaled.available(NOW + 1_000) == in_the_next_second


def test_a_closed_bucket_allows_nothing_until_it_opens() -> None:
    """Slack asked to wait."""
    closed = _bucket()
    closed.close(NOW + 30_000)
    assert [closed.available(NOW), closed.available(NOW + 29_999), closed.available(NOW + 30_000)] == [
        0,
        0,
        3,
    ]


def test_a_shorter_wish_does_not_open_earlier() -> None:
    """Two calls may be told to wait, for different times."""
    closed = _bucket()
    closed.close(NOW + 30_000)
    closed.close(NOW + 1_000)
    assert closed.opens_at(NOW) == NOW + 30_000


def test_a_bucket_with_something_left_is_open_now() -> None:
    """There is nothing to wait for."""
    assert _bucket().opens_at(NOW) == NOW


def test_an_empty_bucket_opens_when_one_call_has_refilled() -> None:
    """Not earlier, or the delivery worker would turn for nothing."""
    empty = _bucket(per_second=0.5)
    empty.take(NOW, 3)
    assert empty.opens_at(NOW) == NOW + 2_000
    assert empty.opens_at(NOW + 500) == NOW + 2_000


def test_the_longer_of_refilling_and_waiting_counts() -> None:
    """Both have to be over."""
    empty = _bucket()
    empty.take(NOW, 3)
    empty.close(NOW + 400)
    assert empty.opens_at(NOW) == NOW + 1_000


def test_a_clock_that_goes_backwards_gives_nothing_and_takes_nothing() -> None:
    """The machine's time may be set right while the bot runs."""
    full = _bucket()
    full.take(NOW, 2)
    assert full.available(NOW - 3_600_000) == 1
    assert full.available(NOW - 3_600_000 + 1_000) == 2


_clock_readings = st.lists(st.integers(NOW - 10_000, NOW + 10_000), min_size=1, max_size=30)


@settings(max_examples=200, deadline=None)
@given(_clock_readings, st.floats(0.01, 100), st.integers(1, 60))
def test_no_clock_however_wild_gives_more_than_the_burst(
    readings: list[int], per_second: float, burst: int
) -> None:
    """Between two takings at most the burst is allowed, and never less than nothing."""
    wild = _bucket(per_second=per_second, burst=burst)
    for now in readings:
        allowed = wild.available(now)
        assert 0 <= allowed <= burst
        assert wild.opens_at(now) >= now
        wild.take(now, allowed)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=40), st.floats(0.1, 20), st.integers(1, 30))
def test_over_any_time_no_more_goes_than_the_burst_and_the_rate(
    pauses: list[int], per_second: float, burst: int
) -> None:
    """However greedy the sender is."""
    greedy = _bucket(per_second=per_second, burst=burst)
    now, sent = NOW, 0
    for pause in pauses:
        now += pause
        allowed = greedy.available(now)
        greedy.take(now, allowed)
        sent += allowed
        assert sent <= burst + (now - NOW) / 1000 * per_second + 1e-6


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 30), st.floats(0.1, 100), st.integers(0, 60_000), st.integers(0, 5_000))
def test_a_bucket_is_open_when_it_said_that_it_opens(
    taken: int, per_second: float, closed_ms: int, later_ms: int
) -> None:
    """To the millisecond, so that the delivery worker sleeps as long as it can and no longer."""
    bucket_ = _bucket(per_second=per_second, burst=30)
    bucket_.take(NOW, taken)
    bucket_.close(NOW + closed_ms)
    opens_at = bucket_.opens_at(NOW + later_ms)
    assert bucket_.available(opens_at + 1) >= 1


def test_a_shared_bucket_that_was_overdrawn_is_empty_and_not_less() -> None:
    """Fewer than none would be read as any number by a LIMIT."""
    shared = _bucket(per_second=1.0, burst=3)
    shared.take(NOW, 6)
    assert shared.available(NOW) == 0
