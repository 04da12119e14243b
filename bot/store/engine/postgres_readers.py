"""Connections to PostgreSQL that can only read.

A connection is made when a query needs one, and at once again after an outage: a pool that backs off would keep the
delivery worker waiting for minutes after the database is back.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg.rows import DictRow

from bot.store.engine.postgres_session import PostgresAddress
from bot.store.engine.transaction import Reading, statements

READERS = 4
TRUSTED_S = 1.0
"""A connection that was idle for longer is tried before it is used."""

_Connection = psycopg.AsyncConnection[DictRow]


class PostgresReaders:
    """At most four reading connections at once; `close` them at the end."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._free = asyncio.Semaphore(READERS)
        self._idle: list[tuple[_Connection, float]] = []

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Reading]:
        """Lend a connection; after an error or a cancellation it is not used again."""
        async with self._free:
            connection = await self._usable()
            try:
                yield Reading(connection, statements("postgres", "apsycopg"))
            except BaseException:
                await connection.close()
                raise
            self._idle.append((connection, time.monotonic()))

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            await self._idle.pop()[0].close()

    async def _usable(self) -> _Connection:
        while self._idle:
            connection, used_at = self._idle.pop()
            if time.monotonic() - used_at < TRUSTED_S:
                return connection
            try:
                await connection.execute("")
            except psycopg.Error:
                await connection.close()
            except BaseException:
                await connection.close()
                raise
            else:
                return connection
        return await self._connect()

    async def _connect(self) -> _Connection:
        connection = await self._address.connect_async()
        try:
            await connection.execute("SET default_transaction_read_only = on")
        except BaseException:
            await connection.close()
            raise
        return connection
