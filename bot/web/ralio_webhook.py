"""`POST /webhooks/ralio`: verify, parse, record, answer. Nothing else happens before the answer.

Ralio sends an event again after a 5xx and never after a 4xx
(https://doc.raliopay.com/webhooks-events/kyc/kyc-session-manual-review). The bot's own problems therefore answer 503.
"""

import json
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.handlers import ralio_event
from bot.metrics import Metrics
from bot.ralio import signature
from bot.ralio.events import IgnoredEvent, MalformedEvent, parse
from bot.ralio.signature import Encoding
from bot.reviews.review import SessionEvent
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import events
from bot.web.errors import RETRY_AFTER_S
from bot.web.intake_watch import IntakeWatch
from bot.web.request_body import BodyTooLarge, BodyTooSlow, read_body

_log = structlog.get_logger(__name__)


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
    log = _log.bind()  # once, because this is the busiest log line

    async def receive(request: web.Request) -> web.Response:
        try:
            body = await read_body(request, max_body_bytes)
        except BodyTooLarge:
            metrics.webhook("too_large")
            _log.error(
                "webhook_too_large",
                limit_bytes=max_body_bytes,
                advice="raise MAX_BODY_BYTES: Ralio will not repeat it",
            )
            watch.too_large(max_body_bytes)
            return _rejected(413, f"the body is larger than {max_body_bytes} bytes")
        except BodyTooSlow:
            return _unavailable("the body did not arrive in time")
        header = request.headers.get(signature.HEADER)
        found = signature.signed_as(body, header, secrets, encoding)
        if found is None:
            metrics.webhook("wrong_signature")
            _log.warning(
                "webhook_wrong_signature",
                signature=signature.encoding_of(header),
                advice="if it came from Ralio, check RALIO_WEBHOOK_SECRET and RALIO_SIGNATURE_ENCODING",
            )
            watch.signature_refused()
            return _rejected(401, f"{signature.HEADER} is missing or wrong")
        watch.signature_accepted()
        try:
            return await _record(body, found)
        except StoreUnavailable as error:
            metrics.webhook("unavailable")
            _log.error("webhook_not_recorded", reason=error.reason, error=str(error))
            return _unavailable(error.reason)

    async def _record(body: bytes, found: Encoding) -> web.Response:
        match parse(body, clock()):
            case SessionEvent() as event:
                receipt = await store.write_batched(ralio_event.receive, event)
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
                metrics.webhook("quarantined")
                _log.error(
                    "webhook_quarantined",
                    problems=list(malformed.problems),
                    signature=found,
                    advice="see: python -m bot events --quarantined",
                )
                return _malformed(malformed)

    return receive


async def probe(_request: web.Request) -> web.Response:
    """Answer GET and HEAD, with which portals try an address out."""
    return web.Response(text="Ralio's webhooks are received here by POST.")


def _received(result: str) -> web.Response:
    body = json.dumps({"received": True, "result": result}).encode()
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
