"""SQLite: how it is opened so that a commit survives a loss of power and only one process writes.

`synchronous=NORMAL` would lose committed rows with the power, so FULL is set and asserted on the live connection. Two
writing connections can corrupt the log of SQLite before 3.51.3: a lock file keeps a second writing process out, and
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

from bot.store import migrate
from bot.store.errors import StoreUnavailable
from bot.store.lock_file import LockFile
from bot.store.transaction import Reading, Transaction, statements

WORDS = {"row_id": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB"}

BUSY_TIMEOUT_MS = 2_000
MIGRATION_WAIT_S = 30.0
SERVING_WAIT_S = 2.0
SOCKET_PATH_LIMIT = 100
"""The system's own limit for the path of a Unix socket is 104 or 108 bytes."""

_PRAGMAS = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "busy_timeout": (str(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS),
    "temp_store": ("MEMORY", 2),
    # 16 MiB of log: a commit that has to bring it into the file takes milliseconds, and has to only where no moment is
    # quiet.
    "wal_autocheckpoint": ("4000", 4000),
}
COMMITS_TO_TIDY = 32
"""After so many the log is brought into the file in a quiet moment: 2 MiB of it, which takes a millisecond."""


class SqliteEngine:
    """The one writing connection, for one thread at a time."""

    is_local = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._waits_ms = BUSY_TIMEOUT_MS
        self._commits = 0

    def open(self) -> Transaction:
        """Connect and assert every pragma; StoreUnavailable says what is wrong."""
        try:
            connection = sqlite3.connect(
                self._path, isolation_level=None, cached_statements=256, check_same_thread=False
            )
            self._connection = connection
            connection.row_factory = sqlite3.Row
            _set_pragmas(connection)
            self._waits_ms = BUSY_TIMEOUT_MS
        except sqlite3.Error as error:
            self.close()
            raise StoreUnavailable(f"cannot open {self._path}: {error}") from error
        self._inode = self._identity()
        return Transaction(connection, statements("sqlite", "sqlite3"))

    def begin(self, *, waits: bool = True) -> Transaction:
        """Open a transaction that may write from its first statement on."""
        if self._connection is None:
            if not waits:
                raise StoreUnavailable(f"{self._path} is not open")
            self.open()
        assert self._connection is not None  # noqa: S101 - open() sets it or raises
        if self._identity() != self._inode:
            # Writing on would go to a file that has no name any more: acknowledged, and lost.
            raise StoreUnavailable(
                f"{self._path} was removed or replaced under the running process: put it back, or restart"
            )
        try:
            self._wait(BUSY_TIMEOUT_MS if waits else 0)
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise self.unavailable(error) from error
        return Transaction(self._connection, statements("sqlite", "sqlite3"))

    def commit(self, _transaction: Transaction) -> None:
        """Make the transaction durable, or roll it back and raise StoreUnavailable."""
        assert self._connection is not None  # noqa: S101 - begin() came first
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.rollback()
            raise self.unavailable(error) from error
        self._commits += 1

    @property
    def is_untidy(self) -> bool:
        """Whether the log should be brought into the file before a commit has to do so."""
        return self._commits >= COMMITS_TO_TIDY

    def tidy(self) -> None:
        """Bring the log into the file as far as nobody reads it; a commit would try again, and say what is wrong."""
        self._commits = 0
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def run_script(self, script: str) -> None:
        """Run a migration's statements one by one: executescript would commit first."""
        assert self._connection is not None  # noqa: S101 - begin() came first
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                self._connection.execute(statement)
                statement = ""

    def rollback(self) -> None:
        """Undo the open transaction, if there is one; a connection that cannot even do that is thrown away."""
        if self._connection is None or not self._connection.in_transaction:
            return
        try:
            self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            self.close()

    def unavailable(self, error: Exception) -> StoreUnavailable:
        """The database's own trouble in our words."""
        return StoreUnavailable(f"{self._path}: {error}")

    def is_conflict(self, _error: Exception) -> bool:
        """Never: there is one writer."""
        return False

    def is_database_trouble(self, error: Exception) -> bool:
        """Whether the error is the database's (disk full, locked, damaged) and not the command's."""
        own = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.InterfaceError)
        return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, own)

    def close(self) -> None:
        """Close the connection; the next `begin` opens a new one."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _wait(self, limit_ms: int) -> None:
        """Let statements wait for whoever has the file locked; said only when it changes, as it costs a statement."""
        assert self._connection is not None  # noqa: S101 - the caller looked
        if limit_ms != self._waits_ms:
            self._connection.execute(f"PRAGMA busy_timeout = {limit_ms}")
            self._waits_ms = limit_ms

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


def _set_pragmas(connection: sqlite3.Connection) -> None:
    for name, (wanted, expected) in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {wanted}")
        (actual,) = connection.execute(f"PRAGMA {name}").fetchone()
        if actual != expected:
            raise StoreUnavailable(
                f"PRAGMA {name} is {actual!r} instead of {expected!r}: durability is not given"
            )


class SqliteDatabase:
    """A SQLite file, written by at most one process."""

    read_errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = LockFile(path)

    def __str__(self) -> str:
        return str(self.path)

    def engine(self) -> SqliteEngine:
        """The writing connection; the caller holds the lock."""
        return SqliteEngine(self.path)

    def migrate(self, now: int) -> list[str]:
        """Bring the file to the newest schema under the writer's lock; answers with the names that were applied.

        Safe to run twice and from two processes. When nothing is missing the lock is not needed, so that it can also
        be called beside a running server. Raises StoreInUse, StoreUnavailable or SchemaProblem.
        """
        if self.path.exists() and self._version() == migrate.newest():
            return []
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
            await asyncio.to_thread(self._apply, now)
            yield
        finally:
            self._lock.release()

    @asynccontextmanager
    async def maintaining(self) -> AsyncIterator[None]:
        """The right to write for the length of a command; StoreInUse at once when another process has it."""
        self._require_file()
        self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def order_socket(self) -> Iterator[Path | None]:
        """Where the holder of the lock takes the orders of others, told to them in the lock file.

        It lies beside the database. Where that path is longer than a socket's may be, it lies in a temporary folder
        that only the holder's user may enter. Either way nobody can put another socket there who could not write
        the database itself: the way to it stands in the lock file, which lies beside the database, too.
        """
        beside = self.path.absolute().with_name(self.path.name + ".sock")
        if len(os.fsencode(beside)) <= SOCKET_PATH_LIMIT:
            self._lock.announce(beside)
            yield beside
            return
        folder = Path(tempfile.mkdtemp(prefix="review-bot-"))
        try:
            self._lock.announce(folder / "orders.sock")
            yield folder / "orders.sock"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def announced_socket(self) -> Path | None:
        """Where the process that has the lock takes orders; None as long as it takes none."""
        return self._lock.announced()

    @asynccontextmanager
    async def readings(self) -> AsyncIterator[Callable[[], AbstractAsyncContextManager[Reading]]]:
        """A connection of its own that can only read, so that reports never touch the writer's."""
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
            yield Reading(connection, statements("sqlite", "aiosqlite"))

        try:
            yield one
        finally:
            await connection.close()

    async def listen(self, _wake: Callable[[], None]) -> None:
        """Nobody else writes: there is nothing to listen for."""

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
        return version or 0
