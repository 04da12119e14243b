"""The HTTP server: routes, limits, and answers that say nothing about what runs here."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

KEEP_ALIVE_S = 75.0
SHUTDOWN_S = 3.0

_log = structlog.get_logger(__name__)


class Server:
    """A listening server; once `drain` was called, new requests are asked to come again.

    `answered` is told the route and the seconds of every answer.
    """

    def __init__(
        self,
        routes: Sequence[web.RouteDef],
        answered: Callable[[str, float], None] = lambda _route, _took_s: None,
    ) -> None:
        self._draining = False
        self._answered = answered
        application = web.Application(middlewares=[self._guard])
        application.add_routes(routes)
        application.on_response_prepare.append(_hide_version)
        self._runner = web.AppRunner(
            application,
            access_log=None,
            logger=logging.getLogger("bot.web.aiohttp"),
            keepalive_timeout=KEEP_ALIVE_S,
            shutdown_timeout=SHUTDOWN_S,
            # Signatures are over the bytes as they came.
            auto_decompress=False,
        )

    async def start(self, host: str, port: int) -> int:
        """Listen; answers with the port, which the system chose where 0 was asked for."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, backlog=1024, reuse_address=True)
        await site.start()
        address = self._runner.addresses[0]
        return int(address[1])

    async def drain(self) -> None:
        """Stop listening and end what is being answered."""
        self._draining = True
        await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Short generic answers for what goes wrong; our own faults are 500, which Ralio repeats."""
        began = time.perf_counter()
        try:
            return await self._guarded(request, handler)
        finally:
            resource = request.match_info.route.resource
            if resource is not None:
                self._answered(resource.canonical, time.perf_counter() - began)

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._draining:
            return web.json_response({"error": "closing"}, status=503, headers={"Retry-After": "5"})
        try:
            return await handler(request)
        except web.HTTPException as error:
            return _generic(error)
        except Exception:  # noqa: BLE001 - the last line of defence
            _log.exception("request_failed", method=request.method, path=request.path[:200])
            return web.json_response({"error": "internal error"}, status=500)


def _generic(error: web.HTTPException) -> web.Response:
    allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    return web.json_response({"error": error.reason.lower()}, status=error.status, headers=allowed)


async def _hide_version(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "bot"
