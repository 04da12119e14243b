"""The log: one line per event, as text (`console`) or as JSON.

Nothing secret or personal is logged. Timestamps, escaping and the plain renderer are written by hand: structlog's own
take 30 microseconds of CPU more per event, about a fifth of what a webhook takes.
"""

import asyncio
import json
import logging
import sys
import time
from functools import lru_cache
from typing import Any, ClassVar, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_encode = json.JSONEncoder(default=repr).encode


def configure_logging(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send all log lines to stderr (or the given stream), as `console` or `json`."""
    stream = stream or sys.stderr
    numeric = logging.getLevelNamesMapping()[level]
    renderer = _renderer(form, in_colours=stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _add_timestamp,
        structlog.processors.format_exc_info,
        _drop_missing,
        _escape_values,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard module. Show only their warnings and errors, in the same form.
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(numeric, logging.WARNING))


def _renderer(form: str, *, in_colours: bool) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(serializer=_as_json)
    if not in_colours:
        return _plain_line
    return structlog.dev.ConsoleRenderer(
        sort_keys=False,
        # The default prints every local variable, including secrets and request bodies.
        exception_formatter=structlog.dev.plain_traceback,
    )


def _as_json(event: object, **_: object) -> str:
    """Encode in ASCII: nothing inside a list or mapping can colour a terminal either."""
    return _encode(event)


def _plain_line(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    """Render the console's line without colours and columns, which matter only on a terminal and take time."""
    exception = event.pop("exception", None)
    parts = [event.pop("timestamp"), f"[{event.pop('level')}]", str(event.pop("event"))]
    # What would have no visible end is quoted.
    parts += [
        f"{name}={value if isinstance(value, str) and value and ' ' not in value else repr(value)}"
        for name, value in event.items()
    ]
    line = " ".join(parts)
    return f"{line}\n{exception}" if exception else line


def _add_timestamp(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Add the time in ISO 8601 as structlog does, but format each second only once."""
    second, microsecond = divmod(time.time_ns() // 1_000, 1_000_000)
    event["timestamp"] = f"{_formatted_second(second)}.{microsecond:06}Z"
    return event


@lru_cache(maxsize=2)
def _formatted_second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _drop_missing(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Leave out fields without a value, such as the review of a click about an unknown session."""
    if None in event.values():
        return {name: value for name, value in event.items() if value is not None}
    return event


def _escape_values(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Keep values from starting a new line or colouring the terminal: one log line is one event.

    A traceback keeps its lines, each indented; none looks like an event of its own.
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
    """Replace what is not printable (control characters, line separators, changes of direction) by its number."""
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)


AGGREGATED_EVERY_S = 1.0
MAX_AGGREGATED = 50


class AggregatedLog:
    """Logs what unauthenticated senders can cause at any rate: one line per second and kind of event, with a count.

    Fields must come from a small fixed set, never from the request. Beyond 50 kinds within a second they are left out.
    """

    _waiting: ClassVar[set["AggregatedLog"]] = set()

    def __init__(self, log: Any) -> None:  # noqa: ANN401 - structlog's lazy proxy has no useful type
        self._log = log
        self._counts: dict[tuple[str, str, tuple[tuple[str, object], ...]], int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def warning(self, event: str, **fields: object) -> None:
        """Count a warning."""
        self._count("warning", event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Count an error."""
        self._count("error", event, fields)

    def flush(self) -> None:
        """Log what was counted since the last time."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._waiting.discard(self)
        counts, self._counts = self._counts, {}
        for (level, event, fields), count in counts.items():
            getattr(self._log, level)(event, count=count, **dict(fields))

    @classmethod
    def flush_all(cls) -> None:
        """Log everything that was counted; called before the event loop ends."""
        for each in list(cls._waiting):
            each.flush()

    def _count(self, level: str, event: str, fields: dict[str, object]) -> None:
        key = (level, event, tuple(fields.items()))
        if key not in self._counts and len(self._counts) >= MAX_AGGREGATED:
            key = (level, event, ())
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(AGGREGATED_EVERY_S, self.flush)
            self._waiting.add(self)
