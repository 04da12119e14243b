"""Report faults of the bot to Sentry if SENTRY_DSN is set: their type and place in the code, and nothing else.

A report is built from what is allowed to leave: an exception's type and, for each frame, file, function and line. It
has no message, because that can repeat what a user sent, and no variables, requests, log lines or machine name
(https://docs.sentry.io/platforms/python/data-management/sensitive-data/).
"""

from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from bot.outbound import AUTHORIZATION, OutboundProxy

_KEPT = ("event_id", "timestamp", "platform", "level", "release", "environment", "sdk")
_KEPT_OF_FRAMES = ("filename", "module", "function", "lineno", "in_app")


def report_faults(dsn: str, release: str, proxy: OutboundProxy | None = None) -> None:
    """From now on, also report everything that is logged with a traceback; needs the extra `sentry`."""
    import sentry_sdk  # noqa: PLC0415 - an extra

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        # Integrations would collect requests, log lines and calls, with the personal data in them.
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        # Empty texts keep it from using the environment's proxies.
        http_proxy=proxy.url if proxy else "",
        https_proxy=proxy.url if proxy else "",
        proxy_headers={AUTHORIZATION: proxy.authorization} if proxy and proxy.authorization else None,
        before_send=lambda event, _hint: scrubbed(event),  # type: ignore[arg-type,return-value]
    )
    structlog.configure(processors=[_reported, *structlog.get_config()["processors"]])


def scrubbed(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a Sentry event that is allowed to leave (https://develop.sentry.dev/sdk/data-model/event-payloads/)."""
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
