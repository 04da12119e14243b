"""Sentry, where SENTRY_DSN is set: our own faults, by their kind and place in the code, and nothing else.

A report is made anew from what may leave: an exception's type and, for each frame, file, function and line. No message,
for it can repeat what somebody sent; no variables, no requests, no log lines, no name of the machine
(https://docs.sentry.io/platforms/python/data-management/sensitive-data/).
"""

from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_KEPT = ("event_id", "timestamp", "platform", "level", "release", "environment", "sdk")
_KEPT_OF_FRAMES = ("filename", "module", "function", "lineno", "in_app")


def report_faults(dsn: str, release: str) -> None:
    """From now on whatever is logged with its traceback is reported, too; needs the extra `sentry`."""
    import sentry_sdk  # noqa: PLC0415 - an extra

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        # They would watch requests, log lines and calls, and with them what these hold.
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=lambda event, _hint: scrubbed(event),  # type: ignore[arg-type,return-value]
    )
    structlog.configure(processors=[_reported, *structlog.get_config()["processors"]])


def scrubbed(event: Mapping[str, Any]) -> dict[str, Any]:
    """What may leave of one of Sentry's events (https://develop.sentry.dev/sdk/data-model/event-payloads/)."""
    values = (event.get("exception") or {}).get("values") or []
    kept = {name: event[name] for name in _KEPT if name in event}
    return kept | {"exception": {"values": [_exception(value) for value in values]}}


def _exception(value: Mapping[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames") or []
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "stacktrace": {
            "frames": [{name: frame.get(name) for name in _KEPT_OF_FRAMES} for frame in frames],
        },
    }


def _reported(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 - structlog's
    if event.get("exc_info"):
        import sentry_sdk  # noqa: PLC0415 - an extra

        sentry_sdk.capture_exception()
    return event
