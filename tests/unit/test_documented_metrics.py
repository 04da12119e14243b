"""The table of the metrics is what the bot tells: each with its type, its labels and its meaning."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from bot.reviews.business_hours import ROUND_THE_CLOCK
from bot.reviews.review import Pause, Status
from bot.reviews.waiting_times import Span, WaitKind
from bot.store.tables.deliveries import Backlog
from bot.store.tables.work_now import WorkNow
from bot.store.tables.worklist import QueueCounts

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
OF_EVERY_HISTOGRAM = {"le"}


def _everything_once() -> Metrics:
    """After each thing has happened once, so that each label shows."""
    metrics = Metrics({"user": ROUND_THE_CLOCK})
    metrics.webhook("recorded")
    metrics.ignored("payin_completed")
    metrics.interaction("granted")
    metrics.delivery("card", "done", 1.0)
    for step in WaitKind:
        metrics.waited(Span(step, "UANA", 0, 1_000, (Pause(100, 200),)), "user")
    metrics.answered("/webhooks/ralio", 1.0)
    metrics.written(1, 1.0)
    queues = {"user": QueueCounts({Status.OPEN: 1}, oldest_open_at=1)}
    metrics.unknown_path("yes")
    metrics.readiness({"database": True})
    metrics.state(
        2, WorkNow(queues, {"contradicts": 1}, Backlog(1, 1, 1), 1, Backlog(1, 1, 1), 0, {"user": 1})
    )
    return metrics


def _told() -> dict[str, tuple[str, ...]]:
    rows: dict[str, tuple[str, ...]] = {}
    for family in text_string_to_metric_families(_everything_once().text().decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - OF_EVERY_HISTOGRAM
        assert family.samples
        rows[name] = (family.type, ", ".join(f"`{label}`" for label in sorted(labels)), family.documentation)
    return rows


def _documented() -> dict[str, tuple[str, ...]]:
    lines = [line for line in PAGE.splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {
        name.strip("`"): (kind, labels, meaning.partition(": ")[0]) for name, kind, labels, meaning in rows
    }


def test_the_table_is_what_the_bot_tells() -> None:
    """Neither more nor less; behind a colon it may say more about the meaning."""
    assert _documented() == _told()
