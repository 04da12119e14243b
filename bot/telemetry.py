"""The log: one line an event, console or JSON, with nothing in it that is secret or personal."""

import logging
import sys
from collections import Counter
from typing import Any

import structlog

_CONTROL = {code: f"\\x{code:02x}" for code in [*range(32), 127, *range(128, 160)]}


def configure_logging(level: str, form: str, stream: Any = None) -> None:  # noqa: ANN401 - any text stream
    """Send all log lines to stderr (or the given stream), as `console` or `json`."""
    stream = stream or sys.stderr
    numeric = logging.getLevelNamesMapping()[level]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), sort_keys=False)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if form == "json" else _keep,
        _without_control_characters,
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


def _keep(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    return event


def _without_control_characters(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """No value can begin a new line or colour the terminal: a log line is one event."""
    return {
        key: value.translate(_CONTROL) if isinstance(value, str) and key != "exception" else value
        for key, value in event.items()
    }


class Counts:
    """How often each thing happened since the start, for the log and for operators."""

    TYPES_KEPT = 200

    def __init__(self) -> None:
        self.results: Counter[tuple[str, str]] = Counter()
        self.ignored_types: Counter[str] = Counter()

    def count(self, what: str, result: str) -> None:
        """One more of this kind that ended so."""
        self.results[what, str(result)] += 1

    def count_type(self, type_: str) -> None:
        """One more event of a type that the bot does not need; beyond 200 names they are counted as `other`."""
        known = type_ in self.ignored_types or len(self.ignored_types) < self.TYPES_KEPT
        self.ignored_types[type_[:80] if known else "other"] += 1
