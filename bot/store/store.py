"""The database as the rest of the bot sees it: hand it a command to write, or a query to read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import aiosqlite

from bot.store import sqlite
from bot.store.errors import StoreUnavailable
from bot.store.migrate import apply_sqlite
from bot.store.transaction import Reading
from bot.store.writer import ArgumentT, Command, ResultT, Writer

READ_LIMIT_S = 5.0
LOCK_WAIT_S = 2.0

AnswerT = TypeVar("AnswerT")


class Store:
    """An open database: one writer and one reader."""

    def __init__(self, writer: Writer, reading: Reading) -> None:
        self._writer = writer
        self._reading = reading

    async def write(self, command: Command[ArgumentT, ResultT], argument: ArgumentT) -> ResultT:
        """Run a command of this package; durable when it answers. See Writer.submit for what it raises."""
        return await self._writer.submit(command, argument)

    async def read(self, query: Callable[[Reading], Awaitable[AnswerT]]) -> AnswerT:
        """Run a query on the reading connection; StoreUnavailable after 5 s or when the database fails."""
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                return await query(self._reading)
        except TimeoutError as error:
            raise StoreUnavailable(f"the database did not answer within {READ_LIMIT_S:g} s") from error
        except aiosqlite.Error as error:
            raise StoreUnavailable(f"the database cannot be read: {error}") from error


@asynccontextmanager
async def open_store(path: Path, now: int, on_commit: Callable[[], None]) -> AsyncIterator[Store]:
    """Open the database for serving: lock it, bring it to the newest schema, start the writer and the reader.

    Raises StoreInUse when another process has it, StoreUnavailable or SchemaProblem when it cannot be used.
    """
    lock = sqlite.LockFile(path)
    await asyncio.to_thread(lock.acquire, LOCK_WAIT_S)
    try:
        await asyncio.to_thread(apply_sqlite, path, now)
        writer = Writer(sqlite.SqliteEngine(path), on_commit)
        await writer.start()
        try:
            async with reading(path) as connection:
                yield Store(writer, connection)
        finally:
            await writer.close()
    finally:
        lock.release()


@asynccontextmanager
async def reading(path: Path) -> AsyncIterator[Reading]:
    """A connection for reports that can only read; works beside a running server."""
    connection = await sqlite.open_reader(path)
    try:
        yield connection
    finally:
        await connection.connection.close()
