"""Requests to paths that the bot does not serve: counted, logged, and reported if Ralio signed them."""

from collections.abc import Sequence

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.metrics import Metrics
from bot.ralio import signature
from bot.ralio.signature import Encoding
from bot.web.intake_watch import IntakeWatch
from bot.web.request_body import BodyTooLarge, BodyTooSlow, read_body

LOG_EVERY_MS = 10_000
SHOWN_LENGTH = 100

_log = structlog.get_logger(__name__)


class UnknownPaths:
    """Notes such requests; the log gets one line per ten seconds, however many come."""

    def __init__(
        self,
        secrets: Sequence[str],
        encoding: Encoding,
        max_body_bytes: int,
        clock: Clock,
        metrics: Metrics,
        watch: IntakeWatch,
    ) -> None:
        self._secrets = secrets
        self._encoding = encoding
        self._max_body_bytes = max_body_bytes
        self._clock = clock
        self._metrics = metrics
        self._watch = watch
        self._logged_at: int | None = None
        self._unlogged = 0

    async def note(self, request: web.Request) -> None:
        """Count and log a request that gets 404 or 405."""
        path = request.rel_url.raw_path[:SHOWN_LENGTH]
        if await self._is_ralios(request):
            self._metrics.unknown_path("yes")
            _log.error(
                "webhook_at_wrong_path",
                path=path,
                method=request.method,
                advice="set the path in Ralio's portal to /webhooks/ralio: Ralio won't send it again",
            )
            self._watch.wrong_path(path)
            return
        self._metrics.unknown_path("no")
        self._log(request.method, path)

    async def _is_ralios(self, request: web.Request) -> bool:
        header = ",".join(request.headers.getall(signature.HEADER, ()))
        signatures = signature.signatures_in(header)
        if not signatures:
            return False
        try:
            body = await read_body(request, self._max_body_bytes)
        except (BodyTooLarge, BodyTooSlow):
            return False
        return signature.signed_as(body, signatures, self._secrets, self._encoding) is not None

    def _log(self, method: str, path: str) -> None:
        now = self._clock()
        if self._logged_at is not None and now - self._logged_at < LOG_EVERY_MS:
            self._unlogged += 1
            return
        _log.warning("path_unknown", method=method, path=path, more_since_last_line=self._unlogged)
        self._logged_at, self._unlogged = now, 0
