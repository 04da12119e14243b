"""The HTTP server: routes, limits, and answers that say nothing about what runs here."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web

from bot.web.connections import SERVER_NAME, Connections, Limits, closing_answer
from bot.web.heads import refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BACKLOG = 1_024
"""Connections that wait to be accepted."""

SHUTDOWN_S = 3.0

_log = structlog.get_logger(__name__)


class Server:
    """A listening server; once `drain` was called, new requests are asked to come again.

    `answered` is told the route and the seconds of every answer; `limits` are for its connections.
    """

    def __init__(
        self,
        routes: Sequence[web.RouteDef],
        answered: Callable[[str, float], None] = lambda _route, _took_s: None,
        limits: Limits | None = None,
    ) -> None:
        self._draining = False
        self._answered = answered
        self._limits = limits or Limits()
        self._listening: asyncio.Server | None = None
        self._connections: Connections | None = None
        application = web.Application(middlewares=[self._guard])
        application.add_routes(routes)
        application.on_response_prepare.append(_hide_version)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_S)

    async def start(self, host: str, port: int) -> int:
        """Listen; answers with the port, which the system chose where 0 was asked for."""
        await self._runner.setup()
        serve = self._runner.server
        assert serve is not None  # noqa: S101 - setup() made it
        self._connections = Connections(serve, self._limits)
        self._listening = await asyncio.get_running_loop().create_server(
            self._connections, host, port, backlog=BACKLOG, reuse_address=True
        )
        return int(self._listening.sockets[0].getsockname()[1])

    async def drain(self) -> None:
        """Stop listening and end what is being answered."""
        self._draining = True
        if self._listening is not None:
            self._listening.close()
        await self._runner.cleanup()
        if self._connections is not None:
            self._connections.close()

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
        if (status := refusal(request)) is not None:
            _log.warning("request_refused", status=int(status), advice="see: bot/web/heads.py")
            return closing_answer(status)
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
    response.headers["Server"] = SERVER_NAME
