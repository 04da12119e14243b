"""The HTTP server: an ordinary aiohttp application behind the limits on connections."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence

from aiohttp import web

from bot.logs import AggregatedLog
from bot.web.connections import Connections
from bot.web.limits import Limits
from bot.web.middlewares import (
    DRAINING,
    NOTE_UNKNOWN_PATH,
    OBSERVE_ANSWER,
    OBSERVED_PATHS,
    Handler,
    answer_errors,
    leave_expectation,
    observe,
    refuse,
)

BACKLOG = 1_024
"""Connections that wait to be accepted."""

SHUTDOWN_S = 3.0


def _ignore_answer(_path: str, _took_s: float) -> None:
    """Observe nothing."""


async def _ignore_unknown_path(_request: web.Request) -> None:
    """Note nothing."""


class Server:
    """A listening server; after `drain` it answers 503 to new requests.

    `observe_answer` gets the path and the seconds of each answer, `note_unknown_path` each request that is answered
    with 404 or 405; `limits` apply to its connections. Trailing and doubled slashes of a path are ignored.
    """

    def __init__(
        self,
        routes: Sequence[web.RouteDef],
        observe_answer: Callable[[str, float], None] = _ignore_answer,
        limits: Limits | None = None,
        note_unknown_path: Callable[[web.Request], Awaitable[None]] = _ignore_unknown_path,
    ) -> None:
        self._app = _application(routes, observe_answer, note_unknown_path)
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        self._limits = limits or Limits()
        self._listening: asyncio.Server | None = None
        self._connections: Connections | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen and return the port, which the system chooses if `port` is 0."""
        await self._runner.setup()
        served = self._runner.server
        assert served is not None  # noqa: S101 - setup() made it
        self._connections = Connections(served, self._limits)
        loop = asyncio.get_running_loop()
        if host == "::":
            # The loop's own socket for it would refuse IPv4.
            both = socket.create_server((host, port), family=socket.AF_INET6, dualstack_ipv6=True)
            self._listening = await loop.create_server(self._connections, sock=both, backlog=BACKLOG)
        else:
            self._listening = await loop.create_server(
                self._connections, host, port, backlog=BACKLOG, reuse_address=True
            )
        return int(self._listening.sockets[0].getsockname()[1])

    async def drain(self) -> None:
        """Stop listening and finish the requests that have arrived."""
        self._app[DRAINING].set()
        if self._listening is not None:
            self._listening.close()
        await self._runner.cleanup()
        if self._connections is not None:
            self._connections.close()
        AggregatedLog.flush_all()


def _application(
    routes: Sequence[web.RouteDef],
    observe_answer: Callable[[str, float], None],
    note_unknown_path: Callable[[web.Request], Awaitable[None]],
) -> web.Application:
    application = web.Application(middlewares=[observe, answer_errors, refuse])
    application[DRAINING] = asyncio.Event()
    application[OBSERVED_PATHS] = frozenset(route.path for route in routes)
    application[OBSERVE_ANSWER] = observe_answer
    application[NOTE_UNKNOWN_PATH] = note_unknown_path
    application.add_routes(
        web.RouteDef(
            route.method, route.path, route.handler, {**route.kwargs, "expect_handler": leave_expectation}
        )
        for route in (*routes, *_fallbacks(routes))
    )
    return application


def _fallbacks(routes: Sequence[web.RouteDef]) -> Iterator[web.RouteDef]:
    """Routes for extra slashes, and for 405 and 404, because aiohttp's own answer `Expect` without the middlewares."""
    allowed: dict[str, set[str]] = {}
    for route in routes:
        allowed.setdefault(route.path, set()).update(
            {"GET", "HEAD"} if route.method == "GET" else {route.method}
        )
    for route in routes:
        yield web.RouteDef(route.method, _with_any_slashes(route.path), route.handler, dict(route.kwargs))
    for path, methods in allowed.items():
        refuse_method = _method_not_allowed(sorted(methods))
        yield web.route("*", path, refuse_method)
        yield web.route("*", _with_any_slashes(path), refuse_method)
    yield web.route("*", "/{path:.*}", _not_found)


def _with_any_slashes(path: str) -> str:
    """Return aiohttp's pattern for a path with doubled or trailing slashes; the plain path has a route of its own."""
    first, *others = path.strip("/").split("/")
    inner = "".join(f"{{slashes_{number}:/+}}{part}" for number, part in enumerate(others))
    return f"/{{before:/*}}{first}{inner}{{after:/*}}"


def _method_not_allowed(allowed: Sequence[str]) -> Handler:
    async def refuse_method(request: web.Request) -> web.Response:
        await request.app[NOTE_UNKNOWN_PATH](request)
        raise web.HTTPMethodNotAllowed(request.method, allowed)

    return refuse_method


async def _not_found(request: web.Request) -> web.Response:
    await request.app[NOTE_UNKNOWN_PATH](request)
    raise web.HTTPNotFound
