"""The server's side of the admin commands, over a Unix socket on this machine.

With SQLite, one process writes. A command that finds the server running sends its work to a socket that only the
server's own user can open. That user could write the database as well: the socket grants nothing new, and no secret
crosses it. The public port does not serve it.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import structlog
from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from bot.clock import Clock
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.web.admin_commands import ADMIN_COMMANDS, AdminCommand, ArgumentT, ResultT
from bot.web.request_body import BodyTooLarge, BodyTooSlow, read_body

MAX_ARGUMENT_BYTES = 4_096
SHUTDOWN_S = 1.0
NOT_LOGGED = {"reason"}
"""Fields of arguments that a person wrote: they can hold personal data."""

STORE = web.AppKey("store", Store)
CLOCK: web.AppKey[Clock] = web.AppKey("clock")

Handler = Callable[[web.Request], Awaitable[web.Response]]

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def admin_socket(store: Store, clock: Clock) -> AsyncIterator[None]:
    """Serve admin commands while the block runs, if the database needs it; without a socket the bot still runs."""
    with store.admin_socket() as path:
        if path is None:
            yield
            return
        runner = web.AppRunner(
            _application(store, clock),
            access_log=None,
            logger=logging.getLogger("bot.web.aiohttp"),
            shutdown_timeout=SHUTDOWN_S,
        )
        await runner.setup()
        listening = await _listen(runner, path)
        try:
            yield
        finally:
            if listening is not None:
                listening.close()
            await runner.cleanup()
            _remove(path)


async def _listen(runner: web.AppRunner, path: Path) -> asyncio.Server | None:
    """Listen; None where the disk has no sockets, such as some network shares and mounted folders."""
    served = runner.server
    assert served is not None  # noqa: S101 - setup() made it
    try:
        # web.SockSite would treat it as a TCP socket, and web.UnixSite would open it for all users at first.
        return await asyncio.get_running_loop().create_unix_server(served, sock=_private_socket(path))
    except OSError as error:
        advice = "stop the bot to run maintenance commands"
        _log.warning("admin_socket_failed", path=str(path), error=str(error), advice=advice)
        return None


def _private_socket(path: Path) -> socket.socket:
    """Return a socket that only this user can open, from its first moment on.

    It accepts no connection before it listens, and its mode is set by then; a umask would apply to all threads. A
    socket that already exists was left by a dead process, because the caller holds the database's lock.
    """
    _remove(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(path))
        path.chmod(0o600)
        bound.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    except BaseException:
        bound.close()
        raise
    return bound


def _remove(path: Path) -> None:
    """Remove a socket; leave a file of another kind alone."""
    with contextlib.suppress(OSError):
        if path.is_socket():
            path.unlink()


def _application(store: Store, clock: Clock) -> web.Application:
    application = web.Application()
    application[STORE] = store
    application[CLOCK] = clock
    application.add_routes(web.post(command.path, _handler(command)) for command in ADMIN_COMMANDS)
    return application


def _handler(command: AdminCommand[ArgumentT, ResultT]) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = await read_body(request, MAX_ARGUMENT_BYTES)
            # Made for each command, because most servers never get one, and making them all delays every start.
            argument = TypeAdapter(command.argument).validate_json(body, strict=True)
        except (BodyTooLarge, BodyTooSlow, ValidationError):
            return web.json_response({"error": "the server doesn't know this command"}, status=400)
        try:
            result = await command.run(request.app[STORE], argument, request.app[CLOCK]())
        except StoreUnavailable as error:
            return web.json_response({"error": str(error)}, status=503)
        logged = {name: value for name, value in asdict(argument).items() if name not in NOT_LOGGED}
        _log.info("admin_command_finished", command=command.name, **logged)
        return web.json_response(asdict(result))

    return handle
