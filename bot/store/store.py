"""The database as the rest of the bot sees it: hand it a command to write, or a query to read."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from bot.reviews.audit.entry import Keys
from bot.reviews.decision_update import DecisionSharing
from bot.reviews.policy import NO_POLICIES, Policy
from bot.store.engine import migrate
from bot.store.engine.protocol import Engine, Say, say_nothing
from bot.store.engine.sqlite import SqliteDatabase
from bot.store.engine.transaction import Reading
from bot.store.engine.writer import (
    QUEUE_LIMIT,
    ArgumentT,
    BatchedCommand,
    Command,
    OnBatch,
    ResultT,
    Writer,
    ignore_batch,
)
from bot.store.errors import StoreUnavailable
from bot.store.tables import audit

READ_LIMIT_S = 5.0
WRITE_CHECK_LIMIT_S = 5.0
WRITE_CHECK_LASTS_S = 10.0
"""However often readiness is checked, there is at most one wait for the disk in this time."""

AnswerT = TypeVar("AnswerT")
CommandT = TypeVar("CommandT")
Readings = Callable[[], AbstractAsyncContextManager[Reading]]


class Database(Protocol):
    """What the store needs of a kind of database."""

    read_errors: tuple[type[Exception], ...]

    @property
    def folder(self) -> Path | None:
        """Where its file is; None for a server's database."""
        ...

    def engine(self) -> Engine:
        """A writing connection for the writer's thread."""
        ...

    def explain(self, error: Exception) -> str:
        """Return what the driver says, without credentials."""
        ...

    async def connection_kind(self) -> str:
        """Return how the database is connected; StoreUnavailable if no promise can be kept that way."""
        ...

    def migrate(self, now: int, say: Say = say_nothing) -> list[str]:
        """Bring it to the newest schema; answers with the names of what was applied.

        `say` is called when another process must finish first.
        """
        ...

    def serving(self, now: int) -> AbstractAsyncContextManager[None]:
        """Hold the right to serve on the newest schema."""
        ...

    def maintaining(self) -> AbstractAsyncContextManager[None]:
        """Hold the right to write while a command runs; StoreInUse if a running server holds it."""
        ...

    def admin_socket(self) -> AbstractContextManager[Path | None]:
        """Give the path of the server's admin socket, for processes that get StoreInUse; None if they all can write."""
        ...

    def announced_socket(self) -> Path | None:
        """Return the path of the writing process's admin socket; None while it has none."""
        ...

    def readings(self) -> AbstractAsyncContextManager[Readings]:
        """Connections that can only read."""
        ...

    async def listen(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever another process committed something to deliver."""
        ...


def database_at(url: str) -> Database:
    """The database that DATABASE_URL names."""
    if url.startswith("sqlite:///"):
        return SqliteDatabase(Path(url.removeprefix("sqlite:///")))
    from bot.store.engine.postgres import PostgresDatabase  # noqa: PLC0415 - the driver takes time to load

    return PostgresDatabase(url)


class Store:
    """An open database: one writer, and connections that read."""

    def __init__(self, database: Database, writer: Writer, readings: Readings, apart: Readings) -> None:
        self._database = database
        self._writer = writer
        self._readings = readings
        self._apart = apart
        self._writable_until = 0.0
        self.has_failed = False
        """Whether the newest write failed because of the database."""

    async def write(self, command: Command[ArgumentT, ResultT], argument: ArgumentT) -> ResultT:
        """Run a command; what it wrote is durable when this returns. See Writer.submit for what it raises."""
        return await self._written(self._writer.submit, command, argument)

    async def write_batched(
        self, command: BatchedCommand[ArgumentT, ResultT], argument: ArgumentT
    ) -> ResultT:
        """Like `write`, for a command that handles all of its waiting callers at once and gains from that."""
        return await self._written(self._writer.submit_batched, command, argument)

    async def _written(
        self,
        submit: Callable[[CommandT, ArgumentT], Awaitable[ResultT]],
        command: CommandT,
        argument: ArgumentT,
    ) -> ResultT:
        try:
            result = await submit(command, argument)
        except StoreUnavailable:
            self._writable_until, self.has_failed = 0.0, True
            raise
        self.has_failed = False
        return result

    async def require_writable(self) -> None:
        """StoreUnavailable unless something could be written within the last 10 s.

        A database on a full disk, a read-only file or a locked one can still be read, and a write that changes nothing
        succeeds there: only a real write proves that writing works.
        """
        if time.monotonic() < self._writable_until:
            return
        try:
            async with asyncio.timeout(WRITE_CHECK_LIMIT_S):
                await self.write(migrate.rewrite, None)
        except TimeoutError as error:
            raise StoreUnavailable(f"nothing could be written within {WRITE_CHECK_LIMIT_S:g} s") from error
        self._writable_until = time.monotonic() + WRITE_CHECK_LASTS_S

    async def read(self, query: Callable[[Reading], Awaitable[AnswerT]]) -> AnswerT:
        """Run a query on a reading connection; StoreUnavailable after 5 s or when the database fails."""
        return await self._read(self._readings, query)

    async def read_apart(self, query: Callable[[Reading], Awaitable[AnswerT]]) -> AnswerT:
        """Like `read`, on a connection that serves nothing else: so operators and users don't slow each other down."""
        return await self._read(self._apart, query)

    async def _read(self, readings: Readings, query: Callable[[Reading], Awaitable[AnswerT]]) -> AnswerT:
        try:
            async with asyncio.timeout(READ_LIMIT_S), readings() as reading:
                return await query(reading)
        except TimeoutError as error:
            raise StoreUnavailable(f"the database did not answer within {READ_LIMIT_S:g} s") from error
        except self._database.read_errors as error:
            raise StoreUnavailable(f"the database cannot be read: {self._database.explain(error)}") from error

    async def listen(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever another instance has something to deliver; until cancelled."""
        await self._database.listen(wake)

    def admin_socket(self) -> AbstractContextManager[Path | None]:
        """Give the path of the admin socket for commands that cannot write; None if they all can."""
        return self._database.admin_socket()


@asynccontextmanager
async def open_store(
    url: str,
    now: int,
    on_commit: Callable[[], None],
    keys: Keys | None = None,
    queues: Mapping[str, Policy] = NO_POLICIES,
    on_batch: OnBatch = ignore_batch,
    sharing: DecisionSharing = DecisionSharing.NOTHING,
) -> AsyncIterator[Store]:
    """Open the database for serving: bring it to the newest schema, start the writer and the readers.

    `keys` seal the audit; `queues` are the rules by which deadlines and disagreements are found; `on_batch` is called
    with the number of writes in a transaction and the seconds it took; `sharing` is what the decision webhook gets.
    Raises StoreInUse when another process has the SQLite file, StoreUnavailable or SchemaProblem when the database
    cannot be written.
    """
    database = database_at(url)
    opened = _opened(database, on_commit, keys, queues, on_batch, sharing)
    async with database.serving(now), opened as store:
        await store.require_writable()
        await store.write(audit.begin, now)
        yield store


@asynccontextmanager
async def open_for_maintenance(
    database: Database,
    keys: Keys | None = None,
    queues: Mapping[str, Policy] = NO_POLICIES,
    sharing: DecisionSharing = DecisionSharing.NOTHING,
) -> AsyncIterator[Store]:
    """Open the database for a command that writes and ends; the schema is not touched.

    Raises StoreInUse if a running server must do it instead, StoreUnavailable or SchemaProblem when the database
    cannot be used.
    """
    async with database.maintaining():
        await asyncio.to_thread(migrate.require_newest, database.engine(), str(database))
        async with _opened(database, lambda: None, keys, queues, ignore_batch, sharing) as store:
            yield store


@asynccontextmanager
async def _opened(
    database: Database,
    on_commit: Callable[[], None],
    keys: Keys | None,
    queues: Mapping[str, Policy],
    on_batch: OnBatch,
    sharing: DecisionSharing,
) -> AsyncIterator[Store]:
    writer = Writer(database.engine(), on_commit, QUEUE_LIMIT, queues, keys, on_batch, sharing)
    await writer.start()
    try:
        async with database.readings() as readings, database.readings() as apart:
            yield Store(database, writer, readings, apart)
    finally:
        await writer.close()


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[Reading]:
    """A connection for reports that can only read; works while a server is running."""
    database = database_at(url)
    try:
        async with database.readings() as readings, readings() as connection:
            yield connection
    except database.read_errors as error:
        raise StoreUnavailable(f"the database cannot be read: {database.explain(error)}") from error
