"""Statements that read from SQLite: each is finished before the next one on its connection begins.

As long as one statement of a connection is unfinished, SQLite shows all of its statements the database as it was when
that one began. aiosql fetches the rows in a step of its own, so reads at the same time would show each other an older
state, for as long as they overlap. A query's cursor (`..._cursor`) still does: use it on a connection of its own.
"""

from collections.abc import AsyncIterator, Mapping
from sqlite3 import Row
from typing import Any

from aiosql.adapters.aiosqlite import AioSQLiteAdapter
from aiosqlite import Connection

Parameters = Mapping[str, Any]


class WholeResults(AioSQLiteAdapter):
    """aiosql's adapter for aiosqlite, except that a query runs and gives all of its rows in one step."""

    async def select(
        self, conn: Connection, _query_name: str, sql: str, parameters: Parameters, _record_class: None = None
    ) -> AsyncIterator[Row]:
        """The rows of a query."""
        for row in await conn.execute_fetchall(sql, parameters):
            yield row

    async def select_one(
        self, conn: Connection, _query_name: str, sql: str, parameters: Parameters, _record_class: None = None
    ) -> Row | None:
        """The first row of a query, None if there is none."""
        return next(iter(await conn.execute_fetchall(sql, parameters)), None)
