"""Numbered migrations: each SQL file in `migrations/` once, in order, in a transaction of its own."""

import re
import sqlite3
from pathlib import Path

from bot.store.errors import SchemaProblem, StoreUnavailable
from bot.store.sqlite import LockFile, SqliteEngine

_FOLDER = Path(__file__).parent / "migrations"
_SQLITE_WORDS = {"row_id": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB"}
_VERSIONS = """
CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)
"""


def migrations() -> list[tuple[int, Path]]:
    """The files with their numbers, lowest first."""
    return sorted((int(path.name[:4]), path) for path in _FOLDER.glob("[0-9]*.sql"))


def newest() -> int:
    """The schema that this version of the bot needs."""
    return migrations()[-1][0]


def migrate_sqlite(path: Path, now: int, lock_wait_s: float = 30.0) -> list[str]:
    """Bring the file to the newest schema under the writer's lock; answers with the names that were applied.

    Safe to run twice and from two processes. When nothing is missing the lock is not needed, so that it can also be
    called beside a running server. Raises StoreInUse, StoreUnavailable or SchemaProblem.
    """
    if path.exists() and sqlite_version(path) == newest():
        return []
    lock = LockFile(path)
    lock.acquire(lock_wait_s)
    try:
        return apply_sqlite(path, now)
    finally:
        lock.release()


def apply_sqlite(path: Path, now: int) -> list[str]:
    """Apply what is missing; the caller holds the lock."""
    engine = SqliteEngine(path)
    try:
        connection = engine.open().connection
        connection.execute(_VERSIONS)
        applied = [_apply(engine, version, file, now) for version, file in migrations()]
    except sqlite3.Error as error:
        raise StoreUnavailable(f"cannot migrate {path}: {error}") from error
    finally:
        engine.close()
    _refuse_newer(sqlite_version(path), str(path))
    return [name for name in applied if name]


def sqlite_version(path: Path) -> int:
    """The number of the newest migration in the file; 0 for an empty one."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA query_only = ON")
        (version,) = connection.execute("SELECT max(version) FROM schema_versions").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return 0
        raise StoreUnavailable(f"cannot read {path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(f"cannot read {path}: {error}") from error
    finally:
        connection.close()
    return version or 0


def _apply(engine: SqliteEngine, version: int, file: Path, now: int) -> str | None:
    transaction = engine.begin()
    connection = transaction.connection
    try:
        known = connection.execute("SELECT 1 FROM schema_versions WHERE version = ?", (version,)).fetchone()
        if known:
            engine.rollback()
            return None
        for statement in statements_of(file.read_text(encoding="utf-8"), _SQLITE_WORDS):
            connection.execute(statement)
        connection.execute("INSERT INTO schema_versions VALUES (?, ?, ?)", (version, file.stem, now))
    except Exception:
        engine.rollback()
        raise
    engine.commit()
    return file.stem


def statements_of(script: str, words: dict[str, str]) -> list[str]:
    """The statements of a migration with the database's own words put in; comments are dropped first."""
    bare = re.sub(r"--[^\n]*", "", script)
    for name, word in words.items():
        bare = bare.replace(f"{{{name}}}", word)
    return [statement.strip() for statement in bare.split(";") if statement.strip()]


def _refuse_newer(version: int, where: str) -> None:
    if version > newest():
        raise SchemaProblem(
            f"{where} has schema {version}, this version of the bot knows {newest()}: deploy the newer version"
        )
