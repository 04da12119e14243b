"""The metrics: what is counted, and under which names."""

import pytest

from bot.metrics import IGNORED_TYPES_KEPT, Metrics

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
