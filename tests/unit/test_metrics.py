"""The metrics: what is counted, and under which names."""

import pytest

from bot.metrics import IGNORED_TYPES_KEPT, Metrics
from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours
from bot.reviews.review import Status
from bot.store.tables.deliveries import Backlog
from bot.store.tables.work_now import WorkNow
from bot.store.tables.worklist import QueueCounts

CONTROL = "".join(chr(code) for code in [*range(32), 127, *range(128, 160)])


def _nonzero(metrics: Metrics) -> dict[str, float]:
    """The series whose value is not zero; those without labels exist from the start."""
    lines = metrics.text().decode().splitlines()
    samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples if float(value)}


def test_each_kind_is_counted_by_its_result() -> None:
    """Prometheus gets one series per kind and result."""
    metrics = Metrics()
    for result in ("recorded", "recorded", "duplicate"):
        metrics.webhook(result)
    metrics.interaction("granted")
    metrics.ignored("payin_completed")
    assert _nonzero(metrics) == {
        'review_bot_webhooks_total{result="recorded"}': 2.0,
        'review_bot_webhooks_total{result="duplicate"}': 1.0,
        'review_bot_interactions_total{result="granted"}': 1.0,
        'review_bot_ignored_events_total{type="payin_completed"}': 1.0,
    }


def test_two_bots_in_one_process_count_separately() -> None:
    """No state is kept outside the object."""
    metrics = Metrics()
    metrics.webhook("recorded")
    assert _nonzero(Metrics()) == {}


def test_types_that_a_sender_chooses_do_not_fill_memory() -> None:
    """Beyond the limit new types count together; known types keep their own series."""
    metrics = Metrics()
    for number in range(IGNORED_TYPES_KEPT + 400):
        metrics.ignored(f"type_{number}")
    metrics.ignored("type_0")
    series = _nonzero(metrics)
    assert len(series) == IGNORED_TYPES_KEPT + 1
    assert series['review_bot_ignored_events_total{type="other"}'] == 400.0
    assert series['review_bot_ignored_events_total{type="type_0"}'] == 2.0


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 81,
        "jane.roe@example.com",
        'x"} 1\n',
        "a b",
        "\u00e9",
        "\udcff",
        "".join(map(chr, [*range(32), *range(127, 160)])),
    ],
)
def test_a_type_that_is_not_a_plain_word_is_not_repeated(name: str) -> None:
    """It could break the format or hold personal data."""
    metrics = Metrics()
    metrics.ignored(name)
    assert _nonzero(metrics) == {'review_bot_ignored_events_total{type="other"}': 1.0}


MINUTE_MS, DAY_MS = 60_000, 86_400_000


@pytest.mark.parametrize(
    ("now", "waited_s", "is_open"),
    [
        (4 * DAY_MS + 600 * MINUTE_MS, 3_600, 1),  # Monday at ten: since nine
        (4 * DAY_MS + 1_200 * MINUTE_MS, 8 * 3_600, 0),  # Monday at eight in the evening: a working day
        (5 * DAY_MS + 600 * MINUTE_MS, 9 * 3_600, 1),  # Tuesday at ten: the night did not count
    ],
)
def test_a_review_waits_in_its_queues_business_hours(now: int, waited_s: int, is_open: int) -> None:
    """It came on Saturday; a queue without hours of its own works all the time."""
    office = BusinessHours(days=frozenset(range(5)), opens_min=540, closes_min=1_020)
    metrics = Metrics({"user": office, "related-party": ROUND_THE_CLOCK})
    open_since = QueueCounts({Status.OPEN: 1}, oldest_open_at=2 * DAY_MS)
    nothing = Backlog(0, None, 0)
    counts = {"user": open_since, "related-party": open_since}
    metrics.state(now, WorkNow(counts, {}, nothing, 0, nothing, 0, {}))
    lines = metrics.text().decode().splitlines()
    assert f'review_bot_oldest_unclaimed_seconds{{queue="user"}} {waited_s}.0' in lines
    assert (
        f'review_bot_oldest_unclaimed_seconds{{queue="related-party"}} {(now - 2 * DAY_MS) // 1000}.0'
        in lines
    )
    assert f'review_bot_business_hours{{queue="user"}} {is_open}.0' in lines
    assert 'review_bot_business_hours{queue="related-party"} 1.0' in lines


def test_disagreements_begin_at_zero() -> None:
    """An alert sees the first one only if there was a sample before it."""
    metrics = Metrics()
    assert "review_bot_disagreements{" not in metrics.text().decode()
    metrics.state(0, WorkNow({}, {"contradicts": 2}, Backlog(0, None, 0), 0, Backlog(0, None, 0), 0, {}))
    lines = metrics.text().decode().splitlines()
    assert 'review_bot_disagreements{kind="contradicts"} 2.0' in lines
    assert 'review_bot_disagreements{kind="contradicts_earlier"} 0.0' in lines
