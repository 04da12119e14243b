"""The log and the metrics, with nothing in them that is secret or personal.

The log has one line an event, for people (`console`) or as JSON; the metrics are counts since the start.
"""

import json
import logging
import re
import sys
import time
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from bot.reviews.waiting_times import WaitKind
from bot.store.tables.work_now import WorkNow

disable_created_metrics()  # type: ignore[no-untyped-call]

IGNORED_TYPES_KEPT = 100
ANSWER_BUCKETS_S = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 10.0)
WRITE_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0)
DELIVERY_BUCKETS_S = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 3600.0)
WAIT_BUCKETS_S = (60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 259_200, 604_800)
BATCH_BUCKETS = (1, 2, 5, 10, 50, 100, 500)
_METRIC_WORD = re.compile(r"[A-Za-z0-9_]{1,80}", re.ASCII)
_encode = json.JSONEncoder(default=repr).encode


def configure_logging(level: str, form: str, stream: Any = None) -> None:  # noqa: ANN401 - any text stream
    """Send all log lines to stderr (or the given stream), as `console` or `json`."""
    stream = stream or sys.stderr
    numeric = logging.getLevelNamesMapping()[level]
    renderer = _renderer(form, in_colours=stream.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _stamped,
        structlog.processors.format_exc_info,
        _printable,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard module: only what is wrong with them, in the same form.
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(numeric, logging.WARNING))


def _renderer(form: str, *, in_colours: bool) -> Any:  # noqa: ANN401 - a processor of structlog
    if form == "json":
        return structlog.processors.JSONRenderer(serializer=_as_json)
    if not in_colours:
        return _plain_line
    return structlog.dev.ConsoleRenderer(
        sort_keys=False,
        # The default prints every local variable: secrets and bodies.
        exception_formatter=structlog.dev.plain_traceback,
    )


def _as_json(event: object, **_: object) -> str:
    """In ASCII, so that nothing inside a list or mapping can colour a terminal either."""
    return _encode(event)


def _plain_line(_logger: Any, _name: str, event: dict[str, Any]) -> str:  # noqa: ANN401 - see _renderer
    """What the console shows, without colours and columns: where nobody looks at a terminal, time counts."""
    exception = event.pop("exception", None)
    words = [event.pop("timestamp"), f"[{event.pop('level')}]", str(event.pop("event"))]
    words += [f"{name}={_plain_value(value)}" for name, value in event.items()]
    line = " ".join(words)
    return f"{line}\n{exception}" if exception else line


def _plain_value(value: object) -> str:
    """A word as it is; everything else so that its end can be told."""
    if isinstance(value, str):
        return repr(value) if " " in value or not value else value
    return repr(value)


def _stamped(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """As structlog's own in ISO 8601, but the second is put into words only once."""
    second, microsecond = divmod(time.time_ns() // 1_000, 1_000_000)
    event["timestamp"] = f"{_second_in_words(second)}.{microsecond:06}Z"
    return event


@lru_cache(maxsize=2)
def _second_in_words(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _printable(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """No value can begin a new line or colour the terminal: a log line is one event.

    A traceback keeps its lines, each of them indented, so that none looks like an event of its own.
    """
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = _without_control(key, value)
    return event


def _without_control(key: str, value: str) -> str:
    if key == "exception":
        return "\n".join(f"    {_escaped(line)}" for line in value.split("\n"))
    return _escaped(value)


def _escaped(text: str) -> str:
    """Whatever is not printable (control characters, line separators, changes of direction) by its number."""
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)


class Counts:
    """How often each thing happened since the start, as Prometheus reads it; every name is in this one list."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._webhooks = self._counter("review_bot_webhooks", "Ralio's webhooks by how they ended", "result")
        self._ignored = self._counter(
            "review_bot_ignored_events", "Ralio's events that are not needed", "type"
        )
        self._clicks = self._counter(
            "review_bot_interactions", "Slack's interactions by how they ended", "result"
        )
        self._types: set[str] = set()
        self._reviews = self._gauge("review_bot_reviews", "Reviews in work", "queue", "status")
        self._oldest = self._gauge(
            "review_bot_oldest_unclaimed_seconds", "How long the oldest unclaimed review waits", "queue"
        )
        self._disagreements = self._gauge(
            "review_bot_disagreements", "Verdicts of Ralio that do not fit what was decided", "kind"
        )
        self._backlog = self._gauge("review_bot_deliveries", "What Slack has not got yet", "state")
        self._backlog_age = self._gauge(
            "review_bot_backlog_age_seconds", "How long the oldest pending delivery waits"
        )
        self._quarantined = self._gauge("review_bot_quarantined_events", "Events that wait in the quarantine")

        self._attempts = self._counter(
            "review_bot_delivery_attempts", "Attempts to show something in Slack", "kind", "result"
        )
        self._shown = self._histogram(
            "review_bot_shown_seconds",
            "How long after a change, such as a click's, Slack showed it",
            DELIVERY_BUCKETS_S,
            "kind",
        )
        self._waits = {
            WaitKind.CLAIM: self._histogram(
                "review_bot_time_to_claim_seconds",
                "How long reviews waited from being opened to their first claim",
                WAIT_BUCKETS_S,
                "queue",
            ),
            WaitKind.DECIDE: self._histogram(
                "review_bot_time_to_decide_seconds",
                "How long it took from being opened to the decision, or its confirmation where one is needed",
                WAIT_BUCKETS_S,
                "queue",
            ),
        }
        self._answers = self._histogram(
            "review_bot_answer_seconds", "How long answers took, by route", ANSWER_BUCKETS_S, "route"
        )
        self._writes = self._histogram(
            "review_bot_write_seconds",
            "How long a transaction of the writer took, commit included",
            WRITE_BUCKETS_S,
        )
        self._batches = self._histogram(
            "review_bot_write_batch", "How many writes shared a transaction", BATCH_BUCKETS
        )
        # Counted with every request: the series are looked up once.
        self._webhook, self._answer = cache(self._webhooks.labels), cache(self._answers.labels)

    def webhook(self, result: str) -> None:
        """A webhook ended so."""
        self._webhook(result).inc()

    def ignored(self, type_: str) -> None:
        """An event of a type that is not needed; names beyond the first 100 are counted as `other`."""
        name = type_ if _METRIC_WORD.fullmatch(type_) else "other"
        if name not in self._types and len(self._types) >= IGNORED_TYPES_KEPT:
            name = "other"
        self._types.add(name)
        self._ignored.labels(name).inc()

    def interaction(self, result: str) -> None:
        """A click, or another interaction, ended so."""
        self._clicks.labels(result).inc()

    def delivery(self, kind: str, result: str, since_s: float) -> None:
        """An attempt at a delivery ended so, this long after the change that Slack is to show."""
        self._attempts.labels(kind, result).inc()
        if result == "done":
            self._shown.labels(kind).observe(max(0.0, since_s))

    def waited(self, step: WaitKind, queue: str, took_s: float) -> None:
        """A person took the step that a review of this queue had waited for."""
        self._waits[step].labels(queue).observe(max(0.0, took_s))

    def answered(self, route: str, took_s: float) -> None:
        """A request was answered; Ralio's webhooks and Slack's clicks are told apart by their routes."""
        self._answer(route).observe(took_s)

    def written(self, batch: int, took_s: float) -> None:
        """The writer ended a transaction, for as many writes as waited."""
        self._writes.observe(took_s)
        self._batches.observe(batch)

    def standing(self, now: int, work: WorkNow) -> None:
        """How things stand at `now` (milliseconds); what is gone since the last time is no longer told."""
        for gauge in (self._reviews, self._oldest, self._disagreements):
            gauge.clear()
        for queue, counts in work.queues.items():
            for status, total in counts.by_status.items():
                self._reviews.labels(queue, status).set(total)
            if counts.oldest_open_at is not None:
                self._oldest.labels(queue).set((now - counts.oldest_open_at) / 1000)
        for kind, total in work.disagreements.items():
            self._disagreements.labels(kind).set(total)
        self._backlog.labels("pending").set(work.backlog.pending)
        self._backlog.labels("held").set(work.backlog.held)
        oldest_at = work.backlog.oldest_at
        self._backlog_age.set(0 if oldest_at is None else (now - oldest_at) / 1000)
        self._quarantined.set(work.quarantined)

    def text(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self._registry)

    def _histogram(self, name: str, meaning: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, meaning, labels, registry=self._registry, buckets=buckets)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, registry=self._registry)
