"""Queries from outside to a database of either kind that is in use."""

import re
import sqlite3
from contextlib import closing
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

_KEPT: dict[str, psycopg.Connection[DictRow]] = {}
"""The connection to the PostgreSQL database that was looked into last: stories poll, and connecting takes longer."""


def look_into(database_url: str, query: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Ask the database; parameters are written `:name`."""
    if not database_url.startswith("sqlite:///"):
        return _look_into_postgres(database_url, re.sub(r"(?<!:):(\w+)", r"%(\1)s", query).encode(), values)
    path = database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values or {})]


def look_away() -> None:
    """Close the kept connection: a database that is copied must have none."""
    while _KEPT:
        _, connection = _KEPT.popitem()
        connection.close()


def _look_into_postgres(
    database_url: str, query: bytes, values: dict[str, Any] | None
) -> list[dict[str, Any]]:
    if database_url not in _KEPT:
        look_away()
        _KEPT[database_url] = psycopg.connect(database_url, autocommit=True, row_factory=dict_row)
        return _KEPT[database_url].execute(query, values).fetchall()
    try:
        return _KEPT[database_url].execute(query, values).fetchall()
    except psycopg.OperationalError:
        # The story ended the server's connections, this one too.
        look_away()
        return _look_into_postgres(database_url, query, values)
