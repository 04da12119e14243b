"""The HTTP server: routes, limits, and answers that say nothing about what runs here.

It is aiohttp's low-level server with a table of routes: all paths are fixed, so that a look into a dictionary does what
would else be aiohttp's resolver and middlewares, at a tenth of the time.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import cast

import structlog
from aiohttp import web

from bot.web.answers import ConstantAnswer
from bot.web.heads import refusal
from bot.web.limits import SERVER_NAME, Connections, Limits, closing_answer

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

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
        self._routes = _table(routes)
        self._served: web.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; answers with the port, which the system chose where 0 was asked for."""
        self._served = web.Server(self._answer)
        self._connections = Connections(self._served, self._limits)
        self._listening = await asyncio.get_running_loop().create_server(
            self._connections, host, port, backlog=BACKLOG, reuse_address=True
        )
        return int(self._listening.sockets[0].getsockname()[1])

    async def drain(self) -> None:
        """Stop listening and end what is being answered."""
        self._draining = True
        if self._listening is not None:
            self._listening.close()
        if self._served is not None:
            self._served.pre_shutdown()
            await self._served.shutdown(SHUTDOWN_S)
        if self._connections is not None:
            self._connections.close()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        handlers = self._routes.get(path)
        began = time.perf_counter()
        response = await self._guarded(request, handlers)
        if handlers is not None:
            self._answered(path, time.perf_counter() - began)
        if isinstance(response, ConstantAnswer):
            response = response.to(request)
        response.headers["Server"] = SERVER_NAME
        return response

    async def _guarded(
        self, request: web.BaseRequest, handlers: Mapping[str, Handler] | None
    ) -> web.StreamResponse:
        """Short generic answers for what goes wrong; our own faults are 500, which Ralio repeats."""
        if self._draining:
            return web.json_response({"error": "closing"}, status=503, headers={"Retry-After": "5"})
        if (status := refusal(request)) is not None:
            _log.warning("request_refused", status=int(status), advice="see: bot/web/heads.py")
            return closing_answer(status)
        try:
            handler = _handler(request, handlers)
            if "Expect" in request.headers:
                await _go_on(request)
            return await handler(request)
        except web.HTTPException as error:
            return _generic(error)
        except Exception:  # noqa: BLE001 - the last line of defence
            _log.exception("request_failed", method=request.method, path=request.path[:200])
            return web.json_response({"error": "internal error"}, status=500)


def _table(routes: Sequence[web.RouteDef]) -> Mapping[str, Mapping[str, Handler]]:
    """The handlers by path and method; what can be asked for with GET can be with HEAD."""
    table: dict[str, dict[str, Handler]] = {}
    for route in routes:
        handlers = table.setdefault(route.path, {})
        methods = ("GET", "HEAD") if route.method == "GET" else (route.method,)
        handlers |= dict.fromkeys(methods, cast(Handler, route.handler))
    return table


def _handler(request: web.BaseRequest, handlers: Mapping[str, Handler] | None) -> Handler:
    if handlers is None:
        raise web.HTTPNotFound
    handler = handlers.get(request.method)
    if handler is None:
        raise web.HTTPMethodNotAllowed(request.method, sorted(handlers))
    return handler


async def _go_on(request: web.BaseRequest) -> None:
    """Answer `Expect: 100-continue`, without which some clients keep their body back (RFC 9110, 10.1.1)."""
    if request.headers["Expect"].lower() != "100-continue":
        raise web.HTTPExpectationFailed
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # it is no part of the answer


def _generic(error: web.HTTPException) -> web.Response:
    allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    return web.json_response({"error": error.reason.lower()}, status=error.status, headers=allowed)
