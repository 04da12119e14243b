"""How a command changes the database: by itself or, while a server holds the SQLite file, through that server."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from pydantic import TypeAdapter, ValidationError

from bot.clock import system_clock
from bot.handlers.maintenance import Maintainer, Replay, ReplayedPage, Requeue, Requeued, StoreMaintainer
from bot.handlers.retention import Purge, Purged
from bot.reviews.audit.entry import Keys
from bot.reviews.policy import NO_POLICIES, Policy
from bot.store.errors import StoreError, StoreInUse, StoreUnavailable
from bot.store.store import Database, open_for_maintenance
from bot.store.tables.legal_holds import HoldAnswer, LiftHold, PlaceHold
from bot.web.admin_socket import LIFT_HOLD_PATH, PLACE_HOLD_PATH, PURGE_PATH, REPLAY_PATH, REQUEUE_PATH

ORDER_LIMIT_S = 30.0
REACH_LIMIT_S = 5.0
"""A server that starts just now, or another command that holds the database for a moment, is waited for."""

REACH_AGAIN_S = 0.1
MAX_ANSWER_BYTES = 1_048_576

AnswerT = TypeVar("AnswerT")


@asynccontextmanager
async def maintainer_of(
    database: Database, keys: Keys | None = None, queues: Mapping[str, Policy] = NO_POLICIES
) -> AsyncIterator[Maintainer]:
    """Who may write now: this process, or else the server that has the database.

    `keys` and `queues` are what this process writes by, see `open_store`. Raises StoreInUse when somebody has the
    database for longer than five seconds who takes no orders.
    """
    async with AsyncExitStack() as stack:
        yield await _found_maintainer(database, keys, queues, stack)


async def _found_maintainer(
    database: Database, keys: Keys | None, queues: Mapping[str, Policy], stack: AsyncExitStack
) -> Maintainer:
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + REACH_LIMIT_S
    while True:
        try:
            store = await stack.enter_async_context(open_for_maintenance(database, keys, queues))
        except StoreInUse as in_use:
            path = database.announced_socket()
            if path is not None and await _listens(path):
                return ServerMaintainer(await stack.enter_async_context(_session(path)))
            if loop.time() > give_up_at:
                raise StoreInUse(f"{in_use}; it takes no orders either") from in_use
            await asyncio.sleep(REACH_AGAIN_S)
        else:
            return StoreMaintainer(store, system_clock)


def _session(path: Path) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.UnixConnector(str(path)), timeout=aiohttp.ClientTimeout(total=ORDER_LIMIT_S)
    )


async def _listens(path: Path) -> bool:
    """Whether somebody answers there; nothing is asked yet."""
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except PermissionError as error:
        raise StoreError(
            f"{path} belongs to the user that the server runs as: run the command as that user"
        ) from error
    except OSError:
        return False
    writer.close()
    return True


class ServerMaintainer:
    """Hands orders to the running server and waits for at most 30 s each."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def requeue(self, order: Requeue) -> Requeued:
        """Let the server make held deliveries due."""
        return await self._ask(REQUEUE_PATH, asdict(order), Requeued)

    async def replay(self, order: Replay) -> ReplayedPage:
        """Let the server read quarantined bodies again."""
        return await self._ask(REPLAY_PATH, asdict(order), ReplayedPage)

    async def place_hold(self, order: PlaceHold) -> HoldAnswer:
        """Let the server keep a session."""
        return await self._ask(PLACE_HOLD_PATH, asdict(order), HoldAnswer)

    async def lift_hold(self, order: LiftHold) -> HoldAnswer:
        """Let the server lift a hold."""
        return await self._ask(LIFT_HOLD_PATH, asdict(order), HoldAnswer)

    async def purge(self, order: Purge) -> Purged:
        """Let the server remove a page of what is old."""
        return await self._ask(PURGE_PATH, asdict(order), Purged)

    async def _ask(self, path: str, order: dict[str, Any], answer_type: type[AnswerT]) -> AnswerT:
        try:
            async with self._session.post(f"http://localhost{path}", json=order) as answer:
                if (answer.content_length or 0) > MAX_ANSWER_BYTES:
                    raise StoreUnavailable("the server's answer is too long: is it of another version?")
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StoreUnavailable(
                f"the server did not say how it ended ({error!r}): run the command again, that is safe"
            ) from error
        if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
            raise StoreUnavailable(f"the server could not do it: {_error_in(body)}")
        try:
            return TypeAdapter(answer_type).validate_json(body)
        except ValidationError as error:
            raise StoreUnavailable(
                "the server's answer is not understood: is it of another version?"
            ) from error


def _error_in(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])[:1000]
    except (ValueError, TypeError, KeyError):
        return "it did not say why; is it of another version?"
