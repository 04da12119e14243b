"""SQLite: how it is opened so that a commit survives a loss of power and only one process writes.

`synchronous=NORMAL` would lose committed rows with the power, so FULL is set and asserted on the live connection. Two
writing connections can corrupt the log of SQLite before 3.51.3: a lock file keeps a second writing process out, and
everything else reads with `mode=ro`, which never checkpoints.
"""

import fcntl
import os
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

import aiosqlite

from bot.store.errors import StoreInUse, StoreUnavailable
from bot.store.transaction import Reading, Transaction, statements

BUSY_TIMEOUT_MS = 2_000

_PRAGMAS = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "busy_timeout": (str(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS),
    "temp_store": ("MEMORY", 2),
    "wal_autocheckpoint": ("1000", 1000),
}


class LockFile:
    """The right to write to one SQLite file, held by at most one process; the system frees it if the process dies."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def acquire(self, wait_s: float = 0.0) -> None:
        """Take the lock, waiting at most `wait_s` seconds; StoreInUse names the process that has it."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreUnavailable(f"cannot open the lock file {self._path}: {error.strerror}") from error
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() >= deadline:
                    holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
                    os.close(descriptor)
                    raise StoreInUse(
                        f"{self._path.with_suffix('')} is written by another process (pid {holder}): "
                        "stop it first, or use PostgreSQL for several processes"
                    ) from None
                time.sleep(0.05)
            else:
                break
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; without effect when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class SqliteEngine:
    """The one writing connection. All methods but the constructor belong to the writer's thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._transaction: Transaction | None = None

    def open(self) -> Transaction:
        """Connect and assert every pragma; StoreUnavailable says what is wrong."""
        try:
            connection = sqlite3.connect(self._path, isolation_level=None, cached_statements=256)
            self._connection = connection
            connection.row_factory = sqlite3.Row
            _set_pragmas(connection)
        except sqlite3.Error as error:
            self.close()
            raise StoreUnavailable(f"cannot open {self._path}: {error}") from error
        self._inode = self._identity()
        self._transaction = Transaction(connection, statements("sqlite", "sqlite3"))
        return self._transaction

    def begin(self) -> Transaction:
        """Open a transaction that may write from its first statement on."""
        if self._transaction is None:
            self.open()
        transaction = self._transaction
        assert transaction is not None  # noqa: S101 - open() sets it or raises
        if self._identity() != self._inode:
            # Writing on would go to a file that has no name any more: acknowledged, and lost.
            raise StoreUnavailable(f"{self._path} was removed or replaced under the running process")
        try:
            transaction.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise self.unavailable(error) from error
        return transaction

    def commit(self) -> None:
        """Make the transaction durable, or roll it back and raise StoreUnavailable."""
        assert self._connection is not None  # noqa: S101 - begin() came first
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.rollback()
            raise self.unavailable(error) from error

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

    def is_database_trouble(self, error: Exception) -> bool:
        """Whether the error is the database's (disk full, locked, damaged) and not the command's."""
        own = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.InterfaceError)
        return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, own)

    def close(self) -> None:
        """Close the connection; the next `begin` opens a new one."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._transaction = None

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


async def open_reader(path: Path) -> Reading:
    """A connection of its own that can only read, so that reports never touch the writer's."""
    if not path.exists():  # noqa: ASYNC240 - once, at the start
        raise StoreUnavailable(
            f"there is no database at {path}: run 'python -m bot migrate', or check DATABASE_URL"
        )
    try:
        connection = await aiosqlite.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"cannot open {path} for reading: {error}") from error
    connection.row_factory = sqlite3.Row
    await connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    await connection.execute("PRAGMA query_only = ON")
    return Reading(connection, statements("sqlite", "aiosqlite"))
