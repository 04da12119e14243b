"""A database of an older schema: filled with old rows and looked into, with one connection for many statements."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from bot.store.store import database_at
from tests.store.old_rows import Row, rows_until
from tests.support.look import look_into

REFUSED = (sqlite3.IntegrityError, psycopg.IntegrityError)
"""How each kind of database refuses a statement that breaks its rules."""


class Rows:
    """A connection that inserts and removes rows as the bot would; each statement is a transaction of its own."""

    def __init__(self, connection: sqlite3.Connection | psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._columns: dict[str, list[str]] = {}

    def insert(self, table: str, row: Row) -> int:
        """Insert a row; answers with the value of its first column, which is its number if it has one."""
        if table == "audit" and self._has("audit_head"):
            # Entries are numbered by the chain's end since there is a chain; the next start seals these.
            number = self._run("UPDATE audit_head SET id = id + 1 RETURNING id", ())
            row = {"id": number, **row}
        names, places = ", ".join(row), ", ".join("?" * len(row))
        first = "id" if "id" in self._columns_of(table) else next(iter(row))
        statement = f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {first}"  # noqa: S608 - names of ours
        return int(self._run(statement, tuple(row.values())))

    def remove_last(self, table: str) -> int:
        """Remove the newest row; answers with its number."""
        newest = f"SELECT max(id) FROM {table}"  # noqa: S608 - names of ours
        return int(self._run(f"DELETE FROM {table} WHERE id = ({newest}) RETURNING id", ()))  # noqa: S608

    def _has(self, table: str) -> bool:
        return bool(self._columns_of(table))

    def _columns_of(self, table: str) -> list[str]:
        """The names of a table's columns; none if there is no such table."""
        if table not in self._columns:
            if isinstance(self._connection, sqlite3.Connection):
                found = self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
            else:
                query = "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
                found = self._connection.execute(query, (table,)).fetchall()
            self._columns[table] = [name for (name,) in found]
        return self._columns[table]

    def _run(self, statement: str, values: tuple[Any, ...]) -> Any:
        """Run a statement that answers with one value; parameters are written `?`."""
        if isinstance(self._connection, sqlite3.Connection):
            with self._connection:
                return self._connection.execute(statement, values).fetchone()[0]
        row = self._connection.execute(statement.replace("?", "%s").encode(), values).fetchone()
        assert row is not None
        return row[0]


@contextmanager
def open_rows(database_url: str) -> Iterator[Rows]:
    """Connect to a database of either kind."""
    if is_sqlite(database_url):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            yield Rows(connection)
    else:
        with psycopg.connect(database_url, autocommit=True) as postgres:
            yield Rows(postgres)


def fill(database_url: str, version: int) -> None:
    """Insert every row that fits the schema of this number."""
    with open_rows(database_url) as rows:
        for table, row in rows_until(version):
            rows.insert(table, row)


def migrate_to_newest(database_url: str) -> int:
    """Bring it to the newest schema; answers with how many migrations that took."""
    return len(database_at(database_url).migrate(2))


def is_sqlite(database_url: str) -> bool:
    """Whether it is a file."""
    return database_url.startswith("sqlite:///")


def all_rows(database_url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, except of the one that counts migrations."""
    if is_sqlite(database_url):
        query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        query = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    tables = sorted({row["name"] for row in look_into(database_url, query)} - {"schema_versions"})
    return {
        table: look_into(database_url, f"SELECT * FROM {table} ORDER BY 1, 2")  # noqa: S608 - names of ours
        for table in tables
    }


def schema(database_url: str) -> list[dict[str, Any]]:
    """Everything that the database says of tables, columns, constraints and indexes."""
    if is_sqlite(database_url):
        return look_into(
            database_url, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
        )
    columns = """
        SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
    """
    constraints = """
        SELECT CAST(CAST(conrelid AS regclass) AS text) AS on, conname, pg_get_constraintdef(oid) AS is
        FROM pg_constraint
        WHERE connamespace = CAST('public' AS regnamespace) ORDER BY 1, 2
    """
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"
    return [row for query in (columns, constraints, indexes) for row in look_into(database_url, query)]


def indexes(database_url: str) -> set[str]:
    """Their names; those that belong to a constraint are named by the database."""
    if is_sqlite(database_url):
        query = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    else:
        query = "SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public'"
    return {row["name"] for row in look_into(database_url, query)}
