"""Limits on connections: how many there are, and how long each may take to send a request or to read an answer.

aiohttp closes connections that are idle for long; this drops much earlier the ones that never complete a request. One
timer checks all connections, which keeps the cost per request low. A dropped connection gets no answer.
"""

import asyncio
import logging
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus

import structlog
from aiohttp import web

from bot.web.errors import closing_response, error_response

SERVER_NAME = "bot"
"""Sent as `Server` instead of names and versions of software."""

MAX_LINE_BYTES = 8_190
MAX_FIELD_BYTES = 8_190
MAX_FIELDS = 64

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the server strangers can use.

    `connections` at once: below the 1,024 files that a process can usually open. `head_s` from connecting, or from the
    first bytes of a later request, to the end of its headers. `unread_s` for answers that the client does not read.
    `linger_s` for a body that no handler reads: it is read and thrown away, which lets its sender read the answer.
    `keep_alive_s` for an idle connection: longer than proxies keep theirs (Heroku's router 90 s, Caddy 120 s), because
    a request that a proxy sends while the bot closes the connection is lost.
    """

    connections: int = 800
    head_s: float = 10.0
    unread_s: float = 10.0
    linger_s: float = 2.0
    keep_alive_s: float = 130.0
    look_every_s: float = 1.0


class Connections:
    """Makes the connections of a server, counts them, and drops those that exceed the limits."""

    def __init__(self, server: web.Server, limits: Limits) -> None:
        self._server = server
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._open: dict[Connection, asyncio.Transport] = {}
        self._incomplete: dict[
            Connection, float
        ] = {}  # since when each sends its request headers, oldest first
        self._unread: dict[Connection, float] = {}
        self._dropped: dict[str, int] = {}
        self._timer = self._loop.call_later(limits.look_every_s, self._check)

    def __call__(self) -> "Connection":
        """Return the protocol for a connection that was just accepted."""
        return Connection(self, self._server, self._loop, self._limits)

    def close(self) -> None:
        """Stop checking."""
        self._timer.cancel()

    def opened(self, newcomer: "Connection", transport: asyncio.Transport) -> None:
        """Add a connection; at the limit, drop the most dispensable one."""
        self._open[newcomer] = transport
        self._incomplete[newcomer] = self._loop.time()
        if len(self._open) > self._limits.connections:
            self._drop(self._dispensable(newcomer), "too_many")

    def closed(self, connection: "Connection") -> None:
        """Forget a connection."""
        self._open.pop(connection, None)
        self._incomplete.pop(connection, None)
        self._unread.pop(connection, None)

    def request_started(self, connection: "Connection") -> None:
        """Note that all headers of a request have arrived."""
        self._incomplete.pop(connection, None)

    def bytes_received(self, connection: "Connection") -> None:
        """Note bytes outside any request: unless they complete its headers, the time for these runs from now.

        aiohttp starts a complete request within two iterations of the event loop. Look after these.
        """
        self._loop.call_soon(self._loop.call_soon, self._note_incomplete, connection, self._loop.time())

    def _note_incomplete(self, connection: "Connection", since: float) -> None:
        if connection.state is State.RECEIVING and connection in self._open:
            self._incomplete.setdefault(connection, since)

    def _dispensable(self, newcomer: "Connection") -> "Connection":
        """Choose the one that has sent no complete request for longest, else an idle one, else the newcomer."""
        oldest = next(iter(self._incomplete))
        if oldest is not newcomer:
            return oldest
        return next((connection for connection in self._open if connection.state is State.IDLE), newcomer)

    def _check(self) -> None:
        """Drop late connections; all that were dropped since the last check are one log line."""
        now = self._loop.time()
        self._timer = self._loop.call_later(self._limits.look_every_s, self._check)
        for connection, since in list(self._incomplete.items()):
            if now - since < self._limits.head_s:
                break  # the rest began later
            self._drop(connection, "no_request")
        for connection, transport in list(self._open.items()):
            if transport.get_write_buffer_size() == 0:
                self._unread.pop(connection, None)
            elif now - self._unread.setdefault(connection, now) >= self._limits.unread_s:
                self._drop(connection, "answer_not_read")
        if self._dropped:
            _log.warning("connections_dropped", open=len(self._open), **self._dropped)
            self._dropped = {}

    def _drop(self, connection: "Connection", why: str) -> None:
        transport = self._open[connection]
        self.closed(connection)
        self._dropped[why] = self._dropped.get(why, 0) + 1
        transport.abort()  # close() would wait until the client has read what is buffered


class State(Enum):
    """What a connection does now."""

    RECEIVING = auto()
    """Its next request is not complete: it just opened, or bytes have arrived since the last answer."""

    BUSY = auto()
    """The application has a request, until the answer is written and the whole body has arrived."""

    IDLE = auto()
    """Nothing has arrived since the last answer."""


class Connection(web.RequestHandler):
    """aiohttp's connection with a state of our own; it never echoes a request."""

    __slots__ = ("_connections", "state")

    def __init__(
        self, connections: Connections, server: web.Server, loop: asyncio.AbstractEventLoop, limits: Limits
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # aiohttp accepts it and writes no access log
            logger=logging.getLogger("bot.web.aiohttp"),
            keepalive_timeout=limits.keep_alive_s,
            lingering_time=limits.linger_s,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_FIELD_BYTES,
            max_headers=MAX_FIELDS,
            # Signatures are over the bytes as they were sent.
            auto_decompress=False,
        )
        self._connections = connections
        self.state = State.RECEIVING

    def request_started(self) -> None:
        """Mark the connection busy: all headers of a request have arrived."""
        self.state = State.BUSY
        self._connections.request_started(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        super().connection_made(transport)
        self._connections.opened(self, transport)  # type: ignore[arg-type]  # a stream server has only these

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection, whichever side closed it."""
        self._connections.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the bytes; unless they belong to a request, start the time limit for the next headers."""
        is_outside = bool(data) and self.state is not State.BUSY
        if is_outside:
            self.state = (
                State.RECEIVING
            )  # before parsing, which ends the request if these bytes complete its body
        super().data_received(data)
        if is_outside:
            self._connections.bytes_received(self)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Write every answer of the server, then wait for the next request once the body has arrived."""
        if isinstance(resp, web.HTTPException):
            resp = error_response(resp)  # raised before the middlewares, for a target that is not a path
        resp.headers["Server"] = SERVER_NAME
        finished = await super().finish_response(request, resp, start_time)
        request.content.on_eof(self._wait_for_next)
        return finished

    def _wait_for_next(self) -> None:
        self.state = State.IDLE

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is not HTTP with 400; aiohttp's own message repeats what was sent."""
        del message
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("request_failed", exc_info=exc)
        else:
            _log.warning("request_unreadable", problem=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("part of another answer was already sent")
        return closing_response(HTTPStatus(status))
