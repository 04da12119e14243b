"""`POST /webhooks/ralio`: verify, read, record, answer. Nothing else happens before the answer.

Ralio repeats what ends in 5xx and never repeats what ends in 4xx
(https://doc.raliopay.com/webhooks-events/kyc/kyc-session-manual-review), so that our own troubles answer 503.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from functools import cache

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
from bot.web.answers import ConstantAnswer
from bot.web.bodies import BodyTooLarge, BodyTooSlow, read_body

RETRY_AFTER_S = 5
JSON = "application/json"

_log = structlog.get_logger(__name__)


def ralio_webhook(
    store: Store,
    secrets: Sequence[str],
    encoding: Encoding,
    max_body_bytes: int,
    clock: Clock,
    metrics: Metrics,
) -> Callable[[web.BaseRequest], Awaitable[web.Response]]:
    """The handler for Ralio's events, whose signatures have to be in this encoding."""
    log = _log.bind()  # bound once: this is the busiest line of the log

    async def receive(request: web.BaseRequest) -> web.Response:
        try:
            body = await read_body(request, max_body_bytes)
        except BodyTooLarge:
            metrics.webhook("too_large")
            _log.error(
                "webhook_too_large",
                limit_bytes=max_body_bytes,
                advice="raise MAX_BODY_BYTES: Ralio will not repeat it",
            )
            return _refused(413, f"the body is larger than {max_body_bytes} bytes")
        except BodyTooSlow:
            return _try_again("the body did not arrive in time")
        header = request.headers.get(signature.HEADER)
        found = signature.signed_as(body, header, secrets, encoding)
        if found is None:
            metrics.webhook("wrong_signature")
            _log.warning(
                "webhook_wrong_signature",
                signature=signature.encoding_of(header),
                advice="if it came from Ralio, check RALIO_WEBHOOK_SECRET and RALIO_SIGNATURE_ENCODING",
            )
            return _refused(401, f"{signature.HEADER} is missing or wrong")
        try:
            return await _take_in(body, found)
        except StoreUnavailable as error:
            metrics.webhook("unavailable")
            _log.error("webhook_not_recorded", reason=error.reason, error=str(error))
            return _try_again(error.reason)

    async def _take_in(body: bytes, found: Encoding) -> web.Response:
        match parse(body, clock()):
            case SessionEvent() as event:
                receipt = await store.write_batched(ralio_event.receive, event)
                metrics.webhook(receipt)
                log.info(
                    "webhook",
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
                _log.info("webhook", result="ignored", type=type_[:80], signature=found)
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


@cache
def _received(result: str) -> web.Response:
    """One of very few answers."""
    return ConstantAnswer(json.dumps({"received": True, "result": result}).encode(), JSON)


def _malformed(malformed: MalformedEvent) -> web.Response:
    status, error = (422, "not the documented shape") if malformed.is_json else (400, "not JSON")
    answer = {"received": False, "error": error, "detail": list(malformed.problems)}
    return web.json_response(answer, status=status)


def _refused(status: int, error: str) -> web.Response:
    return web.json_response({"received": False, "error": error}, status=status)


def _try_again(error: str) -> web.Response:
    answer = {"received": False, "error": error}
    return web.json_response(answer, status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
