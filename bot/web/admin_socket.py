"""`POST /maintenance/...`: the orders of commands that may not write themselves, over a Unix socket on this machine.

With SQLite one process writes. A command that finds the server at work hands it the order on a socket that only the
server's own user can open: that user could write the database as well, so that the socket gives nobody more than they
have, and no secret crosses it. It is not reachable through the public port.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import structlog
from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from bot.clock import Clock
from bot.handlers.maintenance import Replay, Requeue, StoreMaintainer
from bot.handlers.retention import Purge
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables.legal_holds import LiftHold, PlaceHold
from bot.web.request_body import BodyTooLarge, BodyTooSlow, read_body

REQUEUE_PATH = "/maintenance/requeue"
REPLAY_PATH = "/maintenance/replay"
PLACE_HOLD_PATH = "/maintenance/place-hold"
LIFT_HOLD_PATH = "/maintenance/lift-hold"
PURGE_PATH = "/maintenance/purge"
MAX_ORDER_BYTES = 4_096
SHUTDOWN_S = 1.0

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_log = structlog.get_logger(__name__)

OrderT = TypeVar("OrderT", Requeue, Replay, PlaceHold, LiftHold, Purge)
_WORDS_OF_PEOPLE = {"reason"}
Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def taking_orders(store: Store, clock: Clock) -> AsyncIterator[None]:
    """Take orders while the block runs, where the database asks for it; a bot that cannot serves all the same."""
    with store.order_socket() as path:
        if path is None:
            yield
            return
        runner = web.AppRunner(
            _application(StoreMaintainer(store, clock)),
            access_log=None,
            logger=logging.getLogger("bot.web.aiohttp"),
            shutdown_timeout=SHUTDOWN_S,
        )
        await runner.setup()
        listening = await _listening(runner, path)
        try:
            yield
        finally:
            if listening is not None:
                listening.close()
            await runner.cleanup()
            _remove(path)


async def _listening(runner: web.AppRunner, path: Path) -> asyncio.Server | None:
    """Listen; None where it is not possible, for some disks (network shares, mounted folders) know no sockets."""
    serve = runner.server
    assert serve is not None  # noqa: S101 - setup() made it
    try:
        return await asyncio.get_running_loop().create_unix_server(serve, sock=_private_socket(path))
    except OSError as error:
        advice = "stop the bot to run maintenance commands"
        _log.warning("no_maintenance_socket", path=str(path), error=str(error), advice=advice)
        return None


def _private_socket(path: Path) -> socket.socket:
    """A socket that nobody but this user can open, from its first moment on.

    It takes nobody in before it listens, and by then its mode is set; a umask for a moment would be one for all
    threads. What lies there already was left by a process that is dead: the caller holds the database's lock.
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
    """Remove a socket; a file of another kind is somebody's and stays."""
    with contextlib.suppress(OSError):
        if path.is_socket():
            path.unlink()


def _application(maintainer: StoreMaintainer) -> web.Application:
    application = web.Application()
    application.add_routes(
        [
            web.post(REQUEUE_PATH, _handler(Requeue, maintainer.requeue)),
            web.post(REPLAY_PATH, _handler(Replay, maintainer.replay)),
            web.post(PLACE_HOLD_PATH, _handler(PlaceHold, maintainer.place_hold)),
            web.post(LIFT_HOLD_PATH, _handler(LiftHold, maintainer.lift_hold)),
            web.post(PURGE_PATH, _handler(Purge, maintainer.purge)),
        ]
    )
    return application


def _handler(
    order_type: type[OrderT], carry_out: Callable[[OrderT], Awaitable["DataclassInstance"]]
) -> Handler:
    orders = TypeAdapter(order_type)

    async def handle(request: web.Request) -> web.Response:
        try:
            order = orders.validate_json(await read_body(request, MAX_ORDER_BYTES), strict=True)
        except (BodyTooLarge, BodyTooSlow, ValidationError):
            return web.json_response(
                {"error": "this is not an order that the server understands"}, status=400
            )
        try:
            done = await carry_out(order)
        except StoreUnavailable as error:
            return web.json_response({"error": str(error)}, status=503)
        details = {name: value for name, value in asdict(order).items() if name not in _WORDS_OF_PEOPLE}
        _log.info("maintenance", order=order_type.__name__.lower(), **details)
        return web.json_response(asdict(done))

    return handle
