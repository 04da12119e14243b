"""The steps around every handler, outermost first: observe, answer errors, refuse."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs, web

from bot.logs import AggregatedLog
from bot.web.connections import Connection
from bot.web.errors import closing_response, error_response, unavailable_response
from bot.web.request_headers import refusal_status

DRAINING = web.AppKey("draining", asyncio.Event)
"""Set once the server is shutting down."""

OBSERVED_PATHS = web.AppKey("observed_paths", frozenset[str])
"""The paths whose answers are timed: only the bot's own, because a sender can invent any number of others."""

NOTE_UNKNOWN_PATH: web.AppKey[Callable[[web.Request], Awaitable[None]]] = web.AppKey("note_unknown_path")
"""Called with each request whose path, or whose method on that path, the bot does not serve."""

OBSERVE_ANSWER: web.AppKey[Callable[[str, float], None]] = web.AppKey("observe_answer")
"""Called with the path and the seconds of each answer."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = structlog.get_logger(__name__)
_unverified = AggregatedLog(_log)


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the limits on connections that all headers have arrived, and time the answers of the bot's own routes."""
    started = time.perf_counter()
    connection = request.protocol
    if isinstance(connection, Connection):
        connection.request_started()
    try:
        return await handler(request)
    finally:
        path, app = plain_path(request.rel_url.raw_path), request.app
        if path in app[OBSERVED_PATHS]:
            app[OBSERVE_ANSWER](path, time.perf_counter() - started)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors generically; a fault of the bot is 500, which makes Ralio send the event again."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return error_response(error)
    except Exception:  # noqa: BLE001 - the last line of defence
        _log.exception("request_failed", method=request.method, path=request.path[:200])
        return web.json_response({"error": "internal error"}, status=500)


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse every request while shutting down, and bad headers always; answer `Expect` before the handler runs."""
    if request.app[DRAINING].is_set():
        return unavailable_response("closing")
    if (status := refusal_status(request)) is not None:
        _unverified.warning("request_refused", status=int(status), advice="see: bot/web/request_headers.py")
        return closing_response(status)
    if "%" in request.rel_url.raw_path:
        # No path of the bot has an escape. aiohttp would resolve "/%6detrics", which a proxy's rules may not match.
        await request.app[NOTE_UNKNOWN_PATH](request)
        raise web.HTTPNotFound
    is_route = request.match_info.route.method != hdrs.METH_ANY
    if "Expect" in request.headers and is_route:
        await _continue(request)
    return await handler(request)


def plain_path(path: str) -> str:
    """Return the path without doubled and trailing slashes."""
    if "//" not in path and not path.endswith("/"):
        return path
    return "/" + "/".join(part for part in path.split("/") if part)


async def leave_expectation(_request: web.Request) -> None:
    """Replace aiohttp's own answer to `Expect`, which comes before the middlewares and repeats the header's value."""


async def _continue(request: web.Request) -> None:
    """Answer `Expect: 100-continue`: some clients hold back the body until then (RFC 9110, 10.1.1)."""
    if request.headers["Expect"].lower() != "100-continue":
        raise web.HTTPExpectationFailed
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # it is not part of the answer
