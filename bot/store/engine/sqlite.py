"""SQLite: only one process writes to a file, through one connection.

Two writing connections can corrupt the log of SQLite before 3.51.3: a lock file keeps a second writing process out, and
everything else reads with `mode=ro`, which never checkpoints.
"""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import aiosqlite

from bot.store.engine import migrate
from bot.store.engine.file_modes import make_side_files_writable
from bot.store.engine.lock_file import LockFile
from bot.store.engine.protocol import Say, say_nothing
from bot.store.engine.sqlite_connection import BUSY_TIMEOUT_MS, SqliteEngine
from bot.store.engine.transaction import Reading, statements
from bot.store.engine.whole_results import WholeResults
from bot.store.errors import StoreInUse, StoreUnavailable

WORDS = {"row_id": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB"}

MIGRATION_WAIT_S = 60.0
"""How long to wait for another process that migrates."""

SERVING_WAIT_S = 2.0
SOCKET_PATH_LIMIT = 100
"""In bytes. The operating system's limit for the path of a Unix socket is 104 (macOS) or 108 (Linux)."""

_SOCKET_NAME = "orders.sock"


class SqliteDatabase:
    """A SQLite file, written by at most one process."""

    read_errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = LockFile(path)

    def __str__(self) -> str:
        return str(self.path)

    @property
    def folder(self) -> Path | None:
        """The folder of the file."""
        return self.path.parent

    def engine(self) -> SqliteEngine:
        """The writing connection; the caller holds the lock."""
        return SqliteEngine(self.path)

    def explain(self, error: Exception) -> str:
        """Return the driver's message with the file's name."""
        return f"{self}: {error}"

    async def connection_kind(self) -> str:
        """Return how the database is connected."""
        return "reachable"

    def migrate(self, now: int, say: Say = say_nothing) -> list[str]:
        """Bring the file to the newest schema under the writer's lock; answers with the names that were applied.

        Safe to run twice and from two processes. When nothing is missing the lock is not needed, so that it can also
        be called while a server is running. Raises StoreInUse, StoreUnavailable or SchemaProblem.
        """
        if self.path.exists() and self._version() == migrate.newest():
            return []
        try:
            self._lock.acquire()
        except StoreInUse:
            say(f"{self}: another process is writing; waiting up to {MIGRATION_WAIT_S:g} s")
            self._lock.acquire(MIGRATION_WAIT_S)
        try:
            return self._apply(now)
        finally:
            self._lock.release()

    @asynccontextmanager
    async def serving(self, now: int) -> AsyncIterator[None]:
        """The right to serve, on the newest schema; StoreInUse when another process has it."""
        await asyncio.to_thread(self._lock.acquire, SERVING_WAIT_S)
        try:
            migrate.log_applied(await asyncio.to_thread(self._apply, now))
            yield
        finally:
            self._lock.release()

    @asynccontextmanager
    async def maintaining(self) -> AsyncIterator[None]:
        """The right to write while a command runs; StoreInUse at once if another process has it."""
        self._require_file()
        self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def admin_socket(self) -> Iterator[Path]:
        """Give the path of the lock holder's admin socket; other processes read it in the lock file.

        The socket is beside the database. If that path is too long for a socket, it is in a temporary folder that only
        the holder's user can enter. In both cases only users who could write the database can replace the socket,
        because the lock file with its path is beside the database too.
        """
        beside = self.path.absolute().with_name(self.path.name + ".sock")
        if _is_short_enough(beside):
            self._lock.announce(beside)
            yield beside
            return
        folder = _private_folder()
        path = beside if folder is None else folder / _SOCKET_NAME
        try:
            self._lock.announce(path)
            yield path
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def announced_socket(self) -> Path | None:
        """Where the process that has the lock accepts admin commands; None if it accepts none."""
        return self._lock.announced()

    @asynccontextmanager
    async def readings(self) -> AsyncIterator[Callable[[], AbstractAsyncContextManager[Reading]]]:
        """A separate read-only connection, so reports never touch the writer's."""
        self._require_file()
        try:
            connection = await aiosqlite.connect(f"file:{quote(str(self.path))}?mode=ro", uri=True)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"cannot open {self.path} for reading: {error}") from error
        connection.row_factory = sqlite3.Row
        await connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        await connection.execute("PRAGMA query_only = ON")

        @asynccontextmanager
        async def one() -> AsyncIterator[Reading]:
            yield Reading(connection, statements("sqlite", WholeResults))

        try:
            yield one
        finally:
            await connection.close()
            make_side_files_writable(self.path)

    async def listen(self, _wake: Callable[[], None]) -> None:
        """No other process writes: there is nothing to listen for."""

    def _apply(self, now: int) -> list[str]:
        engine = self.engine()
        try:
            engine.open()
            return migrate.apply(engine, "sqlite", WORDS, str(self), now)
        finally:
            engine.close()

    def _require_file(self) -> None:
        if not self.path.parent.is_dir():
            raise StoreUnavailable(
                f"there is no folder for {self.path}: run 'mkdir -p {self.path.parent}', or check DATABASE_URL"
            )
        if not self.path.exists():
            raise StoreUnavailable(
                f"there is no database at {self.path}: run 'python -m bot migrate', or check DATABASE_URL"
            )

    def _version(self) -> int:
        """The schema's number; 0 for a file without one."""
        connection = sqlite3.connect(f"file:{quote(str(self.path))}?mode=ro", uri=True)
        try:
            (version,) = connection.execute("SELECT max(version) FROM schema_versions").fetchone()
        except sqlite3.OperationalError:
            # No table yet, or no way to read: applying finds out and says so.
            return 0
        except sqlite3.DatabaseError as error:
            raise StoreUnavailable(f"cannot read {self.path}: {error}") from error
        finally:
            connection.close()
            make_side_files_writable(self.path)
        return version or 0


def _is_short_enough(path: Path) -> bool:
    return len(os.fsencode(path)) <= SOCKET_PATH_LIMIT


def _private_folder() -> Path | None:
    """A new folder whose path is short enough for a socket: in TMPDIR, or in /tmp if TMPDIR's path is too long.

    None if neither can be used: binding a socket then fails, and the server logs that it accepts no admin commands.
    """
    for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes a private folder there
        with suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix="review-bot-", dir=parent)).absolute()
            if _is_short_enough(folder / _SOCKET_NAME):
                return folder
            folder.rmdir()
    return None
