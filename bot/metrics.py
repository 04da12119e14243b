"""The metrics since the start of the process, in the form that Prometheus scrapes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours
from bot.reviews.review import Disagreement
from bot.reviews.waiting_times import Span, WaitKind, snoozed_ms
from bot.store.tables.deliveries import Backlog
from bot.store.tables.work_now import WorkNow

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no annotation for it

IGNORED_TYPES_KEPT = 100
ANSWER_BUCKETS_S = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 10.0)
WRITE_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0)
DELIVERY_BUCKETS_S = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 3600.0)
WAIT_BUCKETS_S = (60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 259_200, 604_800)
BATCH_BUCKETS = (1, 2, 5, 10, 50, 100, 500)
UNAVAILABLE = "unavailable"
WEBHOOK_RESULTS = (
    "recorded",
    "duplicate",
    "ignored",
    "quarantined",
    "wrong_signature",
    "too_large",
    UNAVAILABLE,
)
"""How a webhook can end."""

_METRIC_WORD = re.compile(r"[A-Za-z0-9_]{1,80}", re.ASCII)


class StateGauges(Collector):
    """Gauges of what the database holds: without samples while it can't be read, because an old 0 would be wrong.

    `hours` are each queue's business hours, in which the waiting time of its reviews is counted.
    """

    def __init__(self, hours: Mapping[str, BusinessHours]) -> None:
        self._hours = hours
        self._now = 0
        self._work: WorkNow | None = None

    def set(self, now: int, work: WorkNow | None) -> None:
        """Show this state from now (milliseconds) on."""
        self._now, self._work = now, work

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return each gauge with its samples."""
        reviews = GaugeMetricFamily("review_bot_reviews", "Reviews in progress", labels=("queue", "status"))
        oldest = GaugeMetricFamily(
            "review_bot_oldest_unclaimed_seconds",
            "How long the oldest unclaimed review has waited, in its queue's business hours",
            labels=("queue",),
        )
        disagreements = GaugeMetricFamily(
            "review_bot_disagreements",
            "Ralio verdicts that don't match what was decided or proposed",
            labels=("kind",),
        )
        backlog = GaugeMetricFamily(
            "review_bot_deliveries", "Deliveries that Slack has not received yet", labels=("state",)
        )
        age = GaugeMetricFamily(
            "review_bot_backlog_age_seconds", "How long the oldest pending delivery has waited", labels=()
        )
        decisions = GaugeMetricFamily(
            "review_bot_decision_deliveries",
            "Decisions that the decision webhook has not received yet",
            labels=("state",),
        )
        decisions_age = GaugeMetricFamily(
            "review_bot_decision_backlog_age_seconds",
            "How long the oldest pending decision has waited",
            labels=(),
        )
        quarantined = GaugeMetricFamily("review_bot_quarantined_events", "Quarantined events", labels=())
        missing = GaugeMetricFamily(
            "review_bot_verdicts_missing", "Decisions without Ralio's verdict in time", labels=("queue",)
        )
        business_hours = GaugeMetricFamily(
            "review_bot_business_hours", "Whether it is a queue's business hours", labels=("queue",)
        )
        for queue, hours in self._hours.items():
            business_hours.add_metric((queue,), hours.next_opening(self._now) == self._now)
        if (work := self._work) is not None:
            for queue, total in work.verdicts_missing.items():
                missing.add_metric((queue,), total)
            for queue, counts in work.queues.items():
                for status, total in counts.by_status.items():
                    reviews.add_metric((queue, status), total)
                if counts.oldest_open_at is not None:
                    hours = self._hours.get(queue, ROUND_THE_CLOCK)
                    oldest.add_metric((queue,), hours.between(counts.oldest_open_at, self._now) / 1000)
            for kind in Disagreement:
                # From 0 on, or an alert could not see the first one.
                disagreements.add_metric((kind,), work.disagreements.get(kind, 0))
            backlog.add_metric(("pending",), work.backlog.pending)
            backlog.add_metric(("held",), work.backlog.held)
            age.add_metric((), _age_s(work.backlog, self._now))
            decisions.add_metric(("pending",), work.decisions.pending)
            decisions.add_metric(("held",), work.decisions.held)
            decisions_age.add_metric((), _age_s(work.decisions, self._now))
            quarantined.add_metric((), work.quarantined)
        yield from (
            reviews,
            oldest,
            disagreements,
            backlog,
            age,
            decisions,
            decisions_age,
            quarantined,
            missing,
            business_hours,
        )


class Metrics:
    """Counters, gauges and histograms; every metric name of the bot is in this one file.

    `hours` are each queue's business hours, none for tests of other things.
    """

    def __init__(self, hours: Mapping[str, BusinessHours] | None = None) -> None:
        self._registry = CollectorRegistry()
        self._webhooks = self._counter("review_bot_webhooks", "Ralio's webhooks, by result", "result")
        self._ignored = self._counter(
            "review_bot_ignored_events", "Ralio's events of types that the bot doesn't use", "type"
        )
        self._clicks = self._counter("review_bot_interactions", "Slack's interactions, by result", "result")
        self._types: set[str] = set()
        self._refused = 0
        self._unknown_paths = self._counter(
            "review_bot_unknown_paths", "Requests to paths that the bot does not serve", "signed"
        )
        self._state = StateGauges(hours or {})
        self._registry.register(self._state)
        self._ready = self._gauge("review_bot_ready", "Whether the bot is ready, as /readyz reports")
        self._problems = self._gauge("review_bot_problem", "Whether /readyz names this problem", "name")

        self._attempts = self._counter(
            "review_bot_delivery_attempts",
            "Attempts to show something in Slack, or to send a decision",
            "kind",
            "result",
        )
        self._shown = self._histogram(
            "review_bot_shown_seconds",
            "Time from a change, such as a click, until Slack showed it or the decision webhook received it",
            DELIVERY_BUCKETS_S,
            "kind",
        )
        self._waits = {
            WaitKind.CLAIM: self._histogram(
                "review_bot_time_to_claim_seconds",
                "Time from opening to the first claim",
                WAIT_BUCKETS_S,
                "queue",
            ),
            WaitKind.DECIDE: self._histogram(
                "review_bot_time_to_decide_seconds",
                "Time from opening to the decision, or to its confirmation where one is needed",
                WAIT_BUCKETS_S,
                "queue",
            ),
        }
        self._snoozed = self._histogram(
            "review_bot_time_snoozed_seconds",
            "How long decided reviews had been snoozed",
            WAIT_BUCKETS_S,
            "queue",
        )
        self._answers = self._histogram(
            "review_bot_answer_seconds", "How long answers took, by route", ANSWER_BUCKETS_S, "route"
        )
        self._writes = self._histogram(
            "review_bot_write_seconds",
            "How long the writer's transactions took, including the commit",
            WRITE_BUCKETS_S,
        )
        self._batches = self._histogram(
            "review_bot_write_batch", "How many writes shared a transaction", BATCH_BUCKETS
        )
        self._begin_at_zero()
        # Every request updates these two. Look up each series only once.
        self._webhook, self._answer = cache(self._webhooks.labels), cache(self._answers.labels)

    def webhook(self, result: str) -> None:
        """Count one of Ralio's webhooks by its result."""
        self._webhook(result).inc()
        self._refused += result == UNAVAILABLE

    def ignored(self, type_: str) -> None:
        """Count an event whose type the bot does not use; types beyond the first 100 count as `other`."""
        name = type_ if _METRIC_WORD.fullmatch(type_) else "other"
        if name not in self._types and len(self._types) >= IGNORED_TYPES_KEPT:
            name = "other"
        self._types.add(name)
        self._ignored.labels(name).inc()

    def interaction(self, result: str) -> None:
        """Count a click or another interaction by its result."""
        self._clicks.labels(result).inc()
        self._refused += result == UNAVAILABLE

    def delivery(self, kind: str, result: str, since_s: float) -> None:
        """Count a delivery attempt by its result, and how long after the change Slack showed it."""
        self._attempts.labels(kind, result).inc()
        if result == "done":
            self._shown.labels(kind).observe(max(0.0, since_s))

    def waited(self, span: Span, queue: str) -> None:
        """Observe how long a review of this queue waited for what a person has now done, and was snoozed."""
        self._waits[span.kind].labels(queue).observe(max(0, span.end - span.start) / 1000)
        if span.pauses:
            self._snoozed.labels(queue).observe(snoozed_ms(span) / 1000)

    def answered(self, route: str, took_s: float) -> None:
        """Observe how long the answer to a request took, by route."""
        self._answer(route).observe(took_s)

    def written(self, batch: int, took_s: float) -> None:
        """Observe a transaction of the writer: how many writes it held and how long it took."""
        self._writes.observe(took_s)
        self._batches.observe(batch)

    def unknown_path(self, signed: str) -> None:
        """Count a request to a path that is not served; `signed` is `yes` if Ralio's signature verified, or `no`."""
        self._unknown_paths.labels(signed).inc()

    def state(self, now: int, work: WorkNow | None) -> None:
        """Set the state gauges to the work as it is `now` (milliseconds); None removes them all."""
        self._state.set(now, work)

    def readiness(self, problems: Mapping[str, bool]) -> None:
        """Set which problems there are, by name."""
        self._ready.set(not any(problems.values()))
        for name, is_there in problems.items():
            self._problems.labels(name).set(is_there)

    @property
    def refused_requests(self) -> int:
        """How many requests of Ralio and Slack could not be recorded so far."""
        return self._refused

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)

    def _begin_at_zero(self) -> None:
        """Export what alerts ask for from the start: Prometheus sees no increase in a series that begins at 1."""
        for result in WEBHOOK_RESULTS:
            self._webhooks.labels(result)
        for result in ("wrong_signature", "not_understood", UNAVAILABLE, "failed"):
            self._clicks.labels(result)
        for signed in ("yes", "no"):
            self._unknown_paths.labels(signed)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self._registry)

    def _histogram(self, name: str, meaning: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, meaning, labels, registry=self._registry, buckets=buckets)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, registry=self._registry)


def _age_s(backlog: Backlog, now: int) -> float:
    return 0 if backlog.oldest_at is None else (now - backlog.oldest_at) / 1000
