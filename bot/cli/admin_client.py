"""How a command changes the database: by itself or, while a server holds the SQLite file, through that server."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

import aiohttp
from pydantic import TypeAdapter, ValidationError

from bot.clock import Clock, system_clock
from bot.reviews.audit.entry import Keys
from bot.reviews.decision_update import DecisionSharing
from bot.reviews.policy import NO_POLICIES, Policy
from bot.store.errors import StoreError, StoreInUse, StoreUnavailable
from bot.store.store import Database, Store, open_for_maintenance
from bot.web.admin_commands import AdminClient, AdminCommand, ArgumentT, ResultT

COMMAND_LIMIT_S = 30.0
REACH_LIMIT_S = 5.0
"""How long to wait for a server that is starting, or for another command that holds the database for a moment."""

REACH_AGAIN_S = 0.1
MAX_ANSWER_BYTES = 1_048_576


@asynccontextmanager
async def open_admin_client(
    database: Database,
    keys: Keys | None = None,
    queues: Mapping[str, Policy] = NO_POLICIES,
    sharing: DecisionSharing = DecisionSharing.NOTHING,
) -> AsyncIterator[AdminClient]:
    """Open the database, or else connect to the server that holds it.

    This process writes with `keys`, `queues` and `sharing`, see `open_store`. Raises StoreInUse if another process
    holds the database for more than five seconds and does not serve admin commands.
    """
    async with AsyncExitStack() as stack:
        opening = partial(open_for_maintenance, database, keys, queues, sharing)
        yield await _client(database, opening, stack)


async def _client(
    database: Database, opening: Callable[[], AbstractAsyncContextManager[Store]], stack: AsyncExitStack
) -> AdminClient:
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + REACH_LIMIT_S
    while True:
        try:
            store = await stack.enter_async_context(opening())
        except StoreInUse as in_use:
            path = database.announced_socket()
            if path is not None and await _listens(path):
                return SocketClient(await stack.enter_async_context(_session(path)))
            if loop.time() > give_up_at:
                raise StoreInUse(f"{in_use}; it doesn't accept admin commands either") from in_use
            await asyncio.sleep(REACH_AGAIN_S)
        else:
            return StoreClient(store, system_clock)


def _session(path: Path) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.UnixConnector(str(path)), timeout=aiohttp.ClientTimeout(total=COMMAND_LIMIT_S)
    )


async def _listens(path: Path) -> bool:
    """Return whether a server accepts connections there, without sending anything."""
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except PermissionError as error:
        raise StoreError(
            f"{path} belongs to the user that runs the server: run the command as that user"
        ) from error
    except OSError:
        return False
    writer.close()
    return True


class StoreClient:
    """Runs admin commands on an open store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self, command: AdminCommand[ArgumentT, ResultT], argument: ArgumentT) -> ResultT:
        """Run a command in this process."""
        return await command.run(self._store, argument, self._clock())


class SocketClient:
    """Sends admin commands to the running server and waits for at most 30 s each."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def run(self, command: AdminCommand[ArgumentT, ResultT], argument: ArgumentT) -> ResultT:
        """Let the server run a command; raises StoreUnavailable unless its answer is understood."""
        try:
            async with self._session.post(f"http://localhost{command.path}", json=asdict(argument)) as answer:
                if (answer.content_length or 0) > MAX_ANSWER_BYTES:
                    raise StoreUnavailable("the server's answer is too long: is it running another version?")
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StoreUnavailable(
                f"the server didn't report a result ({error!r}): run the command again, that is safe"
            ) from error
        if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
            raise StoreUnavailable(f"the server couldn't do it: {_error_in(body)}")
        try:
            return TypeAdapter(command.result).validate_json(body)
        except ValidationError as error:
            raise StoreUnavailable(
                "can't read the server's answer: is it running another version?"
            ) from error


def _error_in(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])[:1000]
    except (ValueError, TypeError, KeyError):
        return "it gave no reason; is it running another version?"
