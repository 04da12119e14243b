"""The server's connections: how many there are, and how long each can take to send a request or to read an answer.

aiohttp closes connections that are idle for long; this drops much earlier the ones that never complete a request. One
timer checks all connections, which keeps the cost per request low. A dropped connection gets no answer.
"""

import asyncio
import logging
from enum import Enum, auto
from http import HTTPStatus

import structlog
from aiohttp import web

from bot.logs import AggregatedLog
from bot.web.body_budget import BodyBudget
from bot.web.errors import closing_response, error_response
from bot.web.limits import (
    MAX_FIELD_BYTES,
    MAX_FIELDS,
    MAX_LINE_BYTES,
    MAX_PIPELINED,
    READ_BUFFER_BYTES,
    UNREAD_S,
    Limits,
)

SERVER_NAME = "bot"
"""Sent as `Server` instead of names and versions of software."""

_log = structlog.get_logger(__name__)
_unverified = AggregatedLog(_log)


class Connections:
    """Makes the connections of a server, counts them, and drops those that exceed the limits.

    Only work behind a verified signature is protected. Everything else makes room for a newcomer at the limit. What a
    stranger does in the meantime, such as a request that is answered, does not make a connection any younger.
    """

    def __init__(self, server: web.Server, limits: Limits) -> None:
        self._server = server
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self.bodies = BodyBudget(limits.body_bytes)
        self.now = self._loop.time
        self._open: dict[Connection, None] = {}  # in order of connecting, or of their last verified request
        self._idle: set[Connection] = set()
        self._incomplete: dict[
            Connection, float
        ] = {}  # since when each sends its request headers, oldest first
        self._dropped: dict[str, int] = {}
        self._timer = self._loop.call_later(limits.look_every_s, self._check)

    def __call__(self) -> "Connection":
        """Return the protocol for a connection that was just accepted."""
        return Connection(self, self._server, self._loop, self._limits)

    @property
    def is_crowded(self) -> bool:
        """Whether more than three quarters of the connections are open: strangers then get one answer each."""
        return len(self._open) * 4 > self._limits.connections * 3

    def close(self) -> None:
        """Stop checking."""
        self._timer.cancel()
        self._log_dropped()

    def opened(self, newcomer: "Connection") -> None:
        """Add a connection; at the limit, drop the most dispensable one."""
        self._open[newcomer] = None
        self._incomplete[newcomer] = self.now()
        if len(self._open) > self._limits.connections:
            self._drop(self._dispensable(newcomer), "too_many")

    def closed(self, connection: "Connection") -> None:
        """Forget a connection."""
        self._open.pop(connection, None)
        self._idle.discard(connection)
        self._incomplete.pop(connection, None)

    def request_started(self, connection: "Connection") -> None:
        """Note that all headers of a request have arrived."""
        self._idle.discard(connection)
        self._incomplete.pop(connection, None)

    def renew(self, connection: "Connection") -> None:
        """Let a connection count as new again, because of a verified request."""
        if connection in self._open:
            del self._open[connection]
            self._open[connection] = None

    def became_idle(self, connection: "Connection") -> None:
        """Note that a request is answered and nothing of the next one has arrived."""
        self._incomplete.pop(connection, None)
        if connection in self._open:
            self._idle.add(connection)

    def bytes_received(self, connection: "Connection") -> None:
        """Note bytes outside any request: unless they complete its headers, the time for these runs from now."""
        self._idle.discard(connection)
        if connection.is_trusted:
            self.renew(connection)
        if connection in self._open:
            self._incomplete.setdefault(connection, self.now())

    def _dispensable(self, newcomer: "Connection") -> "Connection":
        """Choose the oldest stranger that is not idle, else the oldest idle one, else the newcomer.

        A stranger is a connection without a verified request so far. Idle ones go first while they are more than half:
        otherwise strangers could fill the server with them, and the few places left would change hands faster than a
        request can arrive.
        """
        now = self.now()
        idle = next((each for each in self._open if each in self._idle), None)
        if idle is not None and len(self._idle) * 2 > self._limits.connections:
            return idle
        waiting = (each for each in self._open if each is not newcomer and each.is_dispensable(now))
        trusted = None
        for each in waiting:
            if not each.is_trusted:
                return each
            trusted = trusted or each
        return idle or trusted or newcomer

    def _check(self) -> None:
        """Drop late connections; all that were dropped since the last check are one log line."""
        now = self.now()
        self._timer = self._loop.call_later(self._limits.look_every_s, self._check)
        for connection, since in list(self._incomplete.items()):
            if now - since < self._limits.head_s:
                break  # the rest began later
            self._drop(connection, "no_request")
        for connection in list(self._open):
            if connection.unread_s(now) >= self._limits.unread_s:
                self._drop(connection, "answer_not_read")
        self._log_dropped()

    def _log_dropped(self) -> None:
        if self.bodies.evicted:
            self._dropped["body_too_slow"] = self.bodies.evicted
            self.bodies.evicted = 0
        if self._dropped:
            _log.warning("connections_dropped", open=len(self._open), **self._dropped)
            self._dropped = {}

    def _drop(self, connection: "Connection", why: str) -> None:
        transport = connection.transport
        self.closed(connection)
        self._dropped[why] = self._dropped.get(why, 0) + 1
        if transport is not None:
            transport.abort()  # close() would wait until the client has read what is buffered


class State(Enum):
    """What a connection does now."""

    RECEIVING = auto()
    """Its next request is not complete: it just opened, or bytes have arrived since the last answer."""

    UNVERIFIED = auto()
    """All headers of a request have arrived. It lasts until the answer is written and the whole body has arrived."""

    VERIFIED = auto()
    """As before, and the body's signature is verified: there is work that must not be interrupted."""

    IDLE = auto()
    """Nothing has arrived since the last answer."""


def protect(request: web.BaseRequest) -> None:
    """Protect a request's connection until the answer, because its signature is verified."""
    connection = request.protocol
    if isinstance(connection, Connection):
        connection.request_verified()


class Connection(web.RequestHandler):
    """aiohttp's connection with a state of our own; it never echoes a request."""

    __slots__ = ("_connections", "_in_a_row", "_unread_since", "is_trusted", "state")

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
            # A request that waits for its turn buffers up to twice as much of its body, outside the budget of bodies.
            read_bufsize=READ_BUFFER_BYTES,
        )
        self._connections = connections
        self._unread_since = 0.0
        self._in_a_row = 0  # answers since the last bytes arrived
        self.is_trusted = False  # whether a request on it was verified
        self.state = State.RECEIVING

    @property
    def bodies(self) -> BodyBudget:
        """The budget that this connection shares with all others."""
        return self._connections.bodies

    def request_started(self) -> None:
        """Note that all headers of a request have arrived."""
        self.state = State.UNVERIFIED
        self._connections.request_started(self)

    def request_verified(self) -> None:
        """Protect the connection until the answer: the signature of the request is verified."""
        self.state = State.VERIFIED
        self.is_trusted = True
        self._connections.renew(self)

    def unread_s(self, now: float) -> float:
        """Return for how many seconds there has been a part of an answer that the client does not fetch."""
        is_unread = self.transport is not None and self.transport.get_write_buffer_size() > 0
        return now - self._unread_since if is_unread else 0.0

    def is_dispensable(self, now: float) -> bool:
        """Whether a newcomer can take its place although it is not idle."""
        if self.state in (State.RECEIVING, State.UNVERIFIED):
            return True
        return self.unread_s(now) >= UNREAD_S

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        super().connection_made(transport)
        self._connections.opened(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection, whichever side closed it."""
        self._connections.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the bytes; unless they belong to a request, start the time limit for the next headers."""
        is_outside = bool(data) and self.state in (State.RECEIVING, State.IDLE)
        if is_outside:
            self.state = (
                State.RECEIVING
            )  # before parsing, which ends the request if these bytes complete its body
        if data:
            self._in_a_row = 0
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
        self.bodies.release(self)
        self._in_a_row += 1
        if not self.is_trusted and (self._connections.is_crowded or self._in_a_row >= MAX_PIPELINED):
            resp.force_close()  # what a stranger sent behind this request is not read
        if self.transport is not None and self.transport.get_write_buffer_size() == 0:
            self._unread_since = self._connections.now()
        finished = await super().finish_response(request, resp, start_time)
        request.content.on_eof(self._wait_for_next)
        return finished

    def _wait_for_next(self) -> None:
        self.state = State.IDLE
        self._connections.became_idle(self)

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
            _unverified.warning("request_unreadable", problem=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("part of another answer was already sent")
        return closing_response(HTTPStatus(status))
