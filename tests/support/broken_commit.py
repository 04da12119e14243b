"""Something between the bot and PostgreSQL that breaks the connection when a commit is under way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg.conninfo import conninfo_to_dict

COMMIT = b"COMMIT\x00"


class BrokenCommits:
    """The way to a database; of the next `breaks` commits, each reaches it and its answer never comes back."""

    def __init__(self, url: str) -> None:
        self._given: dict[str, Any] = conninfo_to_dict(url)
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0
        self.breaks = 0

    @property
    def url(self) -> str:
        """The database, by this way."""
        return f"postgres://{self._given['user']}@127.0.0.1:{self._port}/{self._given['dbname']}"

    async def listen(self) -> asyncio.Server:
        """Take connections."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        return server

    async def close(self) -> None:
        """End what is still connected."""
        for end in self._ends:
            end.close()
        await asyncio.gather(*self._tasks)
        for end in self._ends:
            with contextlib.suppress(OSError):
                await end.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = f"{self._given['host']}/.s.PGSQL.{self._given.get('port') or 5432}"
        database_reader, database_writer = await asyncio.open_unix_connection(path)
        self._ends |= {writer, database_writer}
        committing = asyncio.Event()
        for work in (
            self._ask(reader, database_writer, committing),
            self._answer(database_reader, writer, committing),
        ):
            self._tasks.add(asyncio.create_task(work))

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, committing: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if self.breaks and data.endswith(COMMIT):
                    self.breaks -= 1
                    committing.set()
                writer.write(data)
        writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, committing: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while (data := await reader.read(65_536)) and not committing.is_set():
                writer.write(data)
        writer.close()


@asynccontextmanager
async def breaking_commits(url: str) -> AsyncIterator[BrokenCommits]:
    """A way to the database, over its Unix socket, that can be told to break its connections at a commit."""
    through = BrokenCommits(url)
    server = await through.listen()
    try:
        yield through
    finally:
        server.close()
        await through.close()
