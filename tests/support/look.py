"""Queries from outside to a database of either kind that is in use."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any, Protocol

import psycopg
from psycopg.rows import DictRow, dict_row


class Look(Protocol):
    """A query from outside; parameters are written `:name`."""

    def __call__(self, query: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows."""
        ...


_KEPT: dict[str, psycopg.Connection[DictRow]] = {}
"""The connection to the PostgreSQL database that was looked into last: stories poll, and connecting takes longer."""


def look_into(database_url: str, query: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Ask the database; parameters are written `:name`."""
    with looking_into(database_url) as look:
        return look(query, values)


@contextmanager
def looking_into(database_url: str) -> Iterator[Look]:
    """Ask the database several times: opening an SQLite file takes a hundred times as long as a short query of it."""
    if not database_url.startswith("sqlite:///"):
        yield partial(_look_into_postgres, database_url)
        return
    path = database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield lambda query, values=None: [dict(row) for row in connection.execute(query, values or {})]


def look_away() -> None:
    """Close the kept connection: a database that is copied must have none."""
    while _KEPT:
        _, connection = _KEPT.popitem()
        connection.close()


def _look_into_postgres(
    database_url: str, query: str, values: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    statement = re.sub(r"(?<!:):(\w+)", r"%(\1)s", query).encode()
    if database_url not in _KEPT:
        look_away()
        _KEPT[database_url] = psycopg.connect(database_url, autocommit=True, row_factory=dict_row)
        return _KEPT[database_url].execute(statement, values).fetchall()
    try:
        return _KEPT[database_url].execute(statement, values).fetchall()
    except psycopg.OperationalError:
        # The story ended the server's connections, this one too.
        look_away()
        return _look_into_postgres(database_url, query, values)
