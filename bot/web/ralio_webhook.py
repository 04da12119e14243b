"""`POST /webhooks/ralio`: verify, parse, record, answer. Nothing else happens before the answer.

Ralio sends an event again after a 5xx and never after a 4xx
(https://doc.raliopay.com/webhooks-events/kyc/kyc-session-manual-review). The bot's own problems therefore answer 503.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.handlers import ralio_event
from bot.logs import AggregatedLog
from bot.metrics import Metrics
from bot.outage_log import OutageLog
from bot.ralio import signature
from bot.ralio.events import IgnoredEvent, MalformedEvent, parse
from bot.ralio.signature import Encoding, Signature
from bot.reviews.review import SessionEvent
from bot.store.errors import StoreBusy, StoreClosing, StoreUnavailable
from bot.store.store import Store
from bot.store.tables import events
from bot.web.connections import protect
from bot.web.errors import RETRY_AFTER_S
from bot.web.intake_watch import IntakeWatch
from bot.web.request_body import BodyTooLarge, BodyTooSlow, read_body

_log = structlog.get_logger(__name__)
_unverified = AggregatedLog(_log)


def ralio_webhook(
    store: Store,
    secrets: Sequence[str],
    encoding: Encoding,
    max_body_bytes: int,
    clock: Clock,
    metrics: Metrics,
    watch: IntakeWatch,
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return the handler for Ralio's events, whose signatures must have this encoding."""
    outage = OutageLog(_log, "webhook_not_recorded", "webhooks_recorded_again")
    log = _log.bind()  # once, because this is the busiest log line

    async def receive(request: web.Request) -> web.Response:
        # Repeated headers mean the same as one with commas (RFC 9110 section 5.3).
        header = ",".join(request.headers.getall(signature.HEADER, ()))
        signatures = signature.signatures_in(header)
        if not signatures:  # before the body: strangers' bodies are not worth memory
            return _wrong_signature(signatures, metrics, watch)
        body = await _body(request, max_body_bytes, metrics, watch)
        if not isinstance(body, bytes):
            return body
        found = signature.signed_as(body, signatures, secrets, encoding)
        if found is None:
            return _wrong_signature(signatures, metrics, watch)
        protect(request)
        watch.signature_accepted()
        try:
            return await _record(body, found)
        except StoreUnavailable as error:
            metrics.webhook("unavailable")
            _log_not_recorded(error, outage)
            return _unavailable(error.reason)

    async def _record(body: bytes, found: Encoding) -> web.Response:
        match parse(body, clock()):
            case SessionEvent() as event:
                receipt = await store.write_batched(ralio_event.receive, event)
                outage.recovered()
                metrics.webhook(receipt)
                log.info(
                    "webhook_received",
                    result=receipt,
                    type=event.type,
                    session_id=event.session_id,
                    event_id=event.event_id,
                    signature=found,
                )
                return _received(receipt)
            case IgnoredEvent(type_):
                metrics.webhook("ignored")
                metrics.ignored(type_)
                _log.info("webhook_received", result="ignored", type=type_[:80], signature=found)
                return _received("ignored")
            case MalformedEvent() as malformed:
                await store.write(events.quarantine, malformed)
                outage.recovered()
                metrics.webhook("quarantined")
                _log.error(
                    "webhook_quarantined",
                    problems=list(malformed.problems),
                    signature=found,
                    advice="see: python -m bot events --quarantined",
                )
                return _malformed(malformed)

    return receive


def _log_not_recorded(error: StoreUnavailable, outage: OutageLog) -> None:
    """Log that Ralio must repeat a webhook: once per outage, or once a second while there are too many."""
    if isinstance(error, StoreBusy | StoreClosing):
        _unverified.error("webhook_not_recorded", reason=error.reason)
    else:
        outage.failed("error", reason=error.reason, error=str(error))


async def probe(_request: web.Request) -> web.Response:
    """Answer GET and HEAD, which portals use to probe an address."""
    return web.Response(text="This endpoint receives Ralio's webhooks by POST.")


async def _body(
    request: web.Request, limit_bytes: int, metrics: Metrics, watch: IntakeWatch
) -> bytes | web.Response:
    """Return the raw bytes, or the answer if they are too many or too slow."""
    try:
        return await read_body(request, limit_bytes)
    except BodyTooLarge:
        metrics.webhook("too_large")
        _unverified.error(
            "webhook_too_large",
            limit_bytes=limit_bytes,
            advice="raise MAX_BODY_BYTES: Ralio won't send it again",
        )
        watch.too_large(limit_bytes)
        return _rejected(413, f"the body is larger than {limit_bytes} bytes")
    except BodyTooSlow:
        _unverified.warning("webhook_body_too_slow")
        return _unavailable("the body did not arrive in time")


def _wrong_signature(signatures: Sequence[Signature], metrics: Metrics, watch: IntakeWatch) -> web.Response:
    metrics.webhook("wrong_signature")
    _unverified.warning(
        "webhook_wrong_signature",
        signature=signatures[0].encoding if signatures else None,
        advice="if it came from Ralio, check RALIO_WEBHOOK_SECRET and RALIO_SIGNATURE_ENCODING",
    )
    watch.signature_refused()
    return _rejected(401, f"{signature.HEADER} is missing or wrong")


def _received(result: str) -> web.Response:
    body = f'{{"received": true, "result": "{result}"}}'.encode()
    return web.Response(body=body, content_type="application/json")  # without a charset, as documented


def _malformed(malformed: MalformedEvent) -> web.Response:
    status, error = (422, "not the documented shape") if malformed.is_json else (400, "not JSON")
    answer = {"received": False, "error": error, "detail": list(malformed.problems)}
    return web.json_response(answer, status=status)


def _rejected(status: int, error: str) -> web.Response:
    return web.json_response({"received": False, "error": error}, status=status)


def _unavailable(error: str) -> web.Response:
    answer = {"received": False, "error": error}
    return web.json_response(answer, status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
