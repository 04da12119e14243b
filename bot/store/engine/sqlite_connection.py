"""The connection that writes to a SQLite file, opened so that a commit survives a power failure.

`synchronous=NORMAL` would lose committed rows in a power failure, so FULL is set and asserted on the live connection.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from bot.store.engine.file_modes import SIDE_FILES, create_private, keep_private, make_side_files_writable
from bot.store.engine.transaction import Transaction, statements
from bot.store.errors import StoreUnavailable

BUSY_TIMEOUT_MS = 2_000
LOG_LIMIT_BYTES = 16 * 1_048_576
"""The log is cut to this size once everything in it is in the database."""

_PRAGMAS = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "busy_timeout": (str(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS),
    "temp_store": ("MEMORY", 2),
    # 16 MiB: a commit that also has to run the checkpoint takes milliseconds longer. Only a writer that is never idle
    # gets that far, because `checkpoint` runs earlier.
    "wal_autocheckpoint": ("4000", 4000),
    # The log grows while a long reader holds back checkpoints. Without a limit it never shrinks again.
    "journal_size_limit": (str(LOG_LIMIT_BYTES), LOG_LIMIT_BYTES),
}
LEAST_FREE_MB = 64
"""What should be free on the disk: the log alone can take 17 MB, and a purge or a migration needs more."""

COMMITS_PER_CHECKPOINT = 32
"""About 2 MiB of log, whose checkpoint takes a millisecond or two; it runs when nothing waits to be written."""


class SqliteEngine:
    """The one writing connection; all methods but the constructor belong to one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._commits_since_checkpoint = 0

    def open(self) -> Transaction:
        """Connect and assert every pragma; StoreUnavailable says what is wrong."""
        _require_writable(self._path)
        try:
            create_private(self._path)
            keep_private(self._path)
        except OSError as error:
            raise StoreUnavailable(f"cannot open {self._path}: {error.strerror}") from error
        try:
            connection = sqlite3.connect(self._path, isolation_level=None, cached_statements=256)
            self._connection = connection
            connection.row_factory = sqlite3.Row
            _set_pragmas(connection)
        except sqlite3.Error as error:
            self.close()
            raise StoreUnavailable(f"cannot open {self._path}: {error}") from error
        self._inode = self._identity()
        return Transaction(connection, statements("sqlite", "sqlite3"))

    def begin(self) -> Transaction:
        """Open a transaction that can write from its first statement on."""
        if self._connection is None:
            self.open()
        assert self._connection is not None  # noqa: S101 - open() sets it or raises
        if self._identity() != self._inode:
            # Writing on would go to a file that has no name any more: acknowledged, and lost.
            raise StoreUnavailable(
                f"{self._path} was removed or replaced under the running process: put it back, or restart"
            )
        try:
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
        self._commits_since_checkpoint += 1

    @property
    def needs_checkpoint(self) -> bool:
        """Whether to run a checkpoint now, before a commit has to."""
        return self._commits_since_checkpoint >= COMMITS_PER_CHECKPOINT

    def checkpoint(self) -> None:
        """Checkpoint what no reader holds back; if that fails, the next commit tries again and reports the error."""
        self._commits_since_checkpoint = 0
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
        """The database's own error in our words, with what helps against a full disk."""
        is_full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        advice = f": free up at least {LEAST_FREE_MB} MB" if is_full else ""
        return StoreUnavailable(f"{self._path}: {error}{advice}")

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

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


def _require_writable(database: Path) -> None:
    """Raise StoreUnavailable for a database that can only be read, before SQLite opens it.

    SQLite would open it for reading and create `-wal` and `-shm` with the database's read-only mode.
    """
    if not database.exists():
        return
    if not _is_writable(database):
        raise StoreUnavailable(f"{database}: attempt to write a readonly database")
    make_side_files_writable(database)
    for suffix in SIDE_FILES:
        side_file = database.with_name(database.name + suffix)
        if side_file.exists() and not _is_writable(side_file):
            raise StoreUnavailable(f"{side_file}: attempt to write a readonly database")


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _set_pragmas(connection: sqlite3.Connection) -> None:
    for name, (wanted, expected) in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {wanted}")
        (actual,) = connection.execute(f"PRAGMA {name}").fetchone()
        if actual != expected:
            raise StoreUnavailable(
                f"PRAGMA {name} is {actual!r} instead of {expected!r}, so writes aren't durable"
            )
