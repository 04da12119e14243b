"""The connections of a server: how many there may be, and how long each may be silent.

aiohttp closes what is idle for long; this closes, much earlier, whoever does not come to the point. One timer looks at
all connections, so that a request costs next to nothing more. Nothing is answered to those who are dropped.
"""

import asyncio
import logging
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from aiohttp import web

SERVER_NAME = "bot"
"""Sent as `Server` in the place of names and versions."""

KEEP_ALIVE_S = 75.0
MAX_LINE_BYTES = 8_190
MAX_FIELD_BYTES = 8_190
MAX_FIELDS = 64

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What strangers may take of a server.

    `connections` at once: below the 1,024 files that a process may usually open. `head_s` from connecting, or from a
    later request's first bytes, to the end of its headers. `unread_s` for answers that nobody reads. `linger_s` for a
    body that nobody wants: it is read and thrown away, so that its sender gets to read the answer.
    """

    connections: int = 800
    head_s: float = 10.0
    unread_s: float = 10.0
    linger_s: float = 2.0
    look_every_s: float = 1.0


class Connections:
    """Makes the connections of a server, counts them and drops those that are beyond the limits."""

    def __init__(self, server: web.Server, limits: Limits) -> None:
        self._server = server
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._open: dict[Connection, asyncio.Transport] = {}
        self._headless: dict[Connection, float] = {}
        self._unread: dict[Connection, float] = {}
        self._dropped: dict[str, int] = {}
        self._timer = self._loop.call_later(limits.look_every_s, self._look)

    def __call__(self) -> "Connection":
        """A protocol for the connection that was just accepted."""
        return Connection(self, self._server, self._loop, self._limits.linger_s)

    def close(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def joined(self, newcomer: "Connection", transport: asyncio.Transport) -> None:
        """Somebody connected; where it is one too many, somebody else has to go, if anybody can be spared."""
        self._open[newcomer] = transport
        self._headless[newcomer] = self._loop.time()
        if len(self._open) > self._limits.connections:
            self._drop(self._dispensable(newcomer), "too_many")

    def left(self, connection: "Connection") -> None:
        """A connection is closed."""
        self._open.pop(connection, None)
        self._headless.pop(connection, None)
        self._unread.pop(connection, None)

    def received(self, connection: "Connection", *, whole: bool) -> None:
        """Bytes came that completed a request, or belong to one; or (not `whole`) only the beginning of its head."""
        if whole:
            self._headless.pop(connection, None)
        else:
            self._headless.setdefault(connection, self._loop.time())

    def _dispensable(self, newcomer: "Connection") -> "Connection":
        """Who has been without a whole request for longest, else an idle one, else the newcomer."""
        oldest = next(iter(self._headless))
        if oldest is not newcomer:
            return oldest
        return next((connection for connection in self._open if connection.is_idle), newcomer)

    def _look(self) -> None:
        """Drop whoever is late; all who were dropped since the last look are one line of the log."""
        now = self._loop.time()
        self._timer = self._loop.call_later(self._limits.look_every_s, self._look)
        for connection, since in list(self._headless.items()):
            if now - since < self._limits.head_s:
                break  # they stand in the order in which they began
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
        self.left(connection)
        self._dropped[why] = self._dropped.get(why, 0) + 1
        transport.abort()  # close() would wait until what is buffered has been read


class Connection(web.RequestHandler):
    """aiohttp's connection, which tells how far its requests are, and answers unreadable ones without an echo."""

    __slots__ = ("_connections",)

    def __init__(
        self, connections: Connections, server: web.Server, loop: asyncio.AbstractEventLoop, linger_s: float
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # aiohttp takes it, and writes none
            logger=logging.getLogger("bot.web.aiohttp"),
            keepalive_timeout=KEEP_ALIVE_S,
            lingering_time=linger_s,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_FIELD_BYTES,
            max_headers=MAX_FIELDS,
            # Signatures are over the bytes as they came.
            auto_decompress=False,
        )
        self._connections = connections

    @property
    def is_idle(self) -> bool:
        """Whether the next request is waited for."""
        return self._waiter is not None and not self._waiter.done()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        super().connection_made(transport)
        self._connections.joined(self, transport)  # type: ignore[arg-type]  # a server of streams has no others

    def connection_lost(self, exc: BaseException | None) -> None:
        """The connection is closed, by whomever."""
        self._connections.left(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Who still waits for a request after this has got a part of its head at most."""
        super().data_received(data)
        self._connections.received(self, whole=not self.is_idle)

    def resume_reading(self, resume_parser: bool = True) -> None:  # noqa: FBT001, FBT002 - aiohttp's own signature
        """After every body aiohttp reads on; that nothing was paused is the rule, and then there is nothing to do."""
        if self._reading_paused or self._buffer_paused:
            super().resume_reading(resume_parser)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What aiohttp answers by itself: mostly 400 for what is no HTTP. Its own message repeats what was sent."""
        del message
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("request_failed", exc_info=exc)
        else:
            _log.warning("request_unreadable", problem=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of another answer was sent already")
        return closing_answer(HTTPStatus(status))


def closing_answer(status: HTTPStatus) -> web.Response:
    """A short generic answer; the connection is closed after it."""
    answer = web.json_response(
        {"error": status.phrase.lower()}, status=status, headers={"Server": SERVER_NAME}
    )
    answer.force_close()
    return answer
