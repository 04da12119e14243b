"""Numbered migrations: each SQL file in `migrations/` once, in order, in a transaction of its own.

`NNNN_name.sql` is for both databases. Where they must differ there are two files instead, `NNNN_name.sqlite.sql` and
`NNNN_name.postgres.sql`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from bot.store.engine.protocol import Engine
from bot.store.engine.transaction import DATABASES, Reading, Transaction
from bot.store.errors import SchemaProblem, StoreUnavailable

_FOLDER = Path(__file__).parents[1] / "migrations"
_VERSIONS = """
CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)
"""

_log = structlog.get_logger(__name__)


def migrations(database: str) -> list[tuple[int, Path]]:
    """The files for `sqlite` or `postgres` with their numbers, lowest first."""
    others = {f".{other}" for other in DATABASES if other != database}
    files = (path for path in _FOLDER.glob("[0-9]*.sql") if not others & set(path.suffixes))
    return sorted((int(path.name[:4]), path) for path in files)


def newest() -> int:
    """The schema that this version of the bot needs."""
    return migrations(DATABASES[0])[-1][0]


def apply(engine: Engine, database: str, words: Mapping[str, str], where: str, now: int) -> list[str]:
    """Apply what is missing; the caller holds the database's lock. Returns the names that were applied.

    `database` says which files count, `words` are its own for what they leave open. Creates nothing when nothing is
    missing. Raises StoreUnavailable or SchemaProblem.
    """
    found = _version_or_none(engine.begin())
    engine.rollback()
    if found is not None and found > newest():
        raise SchemaProblem(
            f"{where} has schema {found}, this version of the bot knows {newest()}: deploy the newer version"
        )
    if found == newest():
        return []
    transaction = engine.begin()
    transaction.connection.execute(_VERSIONS)
    engine.commit(transaction)
    applied = [_apply(engine, version, file, words, now) for version, file in migrations(database)]
    return [name for name in applied if name]


def log_applied(names: Sequence[str]) -> None:
    """Log each migration that a start applied."""
    for name in names:
        _log.info("migration_applied", name=name)


def log_waiting(sentence: str) -> None:
    """Log that a start waits for another process that migrates."""
    _log.info("migration_waiting", reason=sentence)


def require_newest(engine: Engine, where: str) -> None:
    """Raise SchemaProblem unless the database has the schema that this version of the bot needs; opens and closes."""
    try:
        found = _version(engine.begin())
    except StoreUnavailable:
        raise
    except Exception as error:
        raise SchemaProblem(f"{where} has no schema: run 'python -m bot migrate'") from error
    finally:
        engine.close()
    if found != newest():
        raise SchemaProblem(
            f"{where} has schema {found}, this version of the bot needs {newest()}: run 'python -m bot migrate' or "
            "deploy the newer version"
        )


def require_writable(engine: Engine) -> None:
    """Raise StoreUnavailable unless a change can be written and committed; opens and closes."""
    try:
        transaction = engine.begin()
        rewrite(transaction, None)
        engine.commit(transaction)
    except StoreUnavailable:
        raise
    except Exception as error:
        engine.rollback()
        raise engine.unavailable(error) from error
    finally:
        engine.close()


def require_creatable(engine: Engine) -> None:
    """Raise StoreUnavailable unless a migration could create tables; nothing is kept. Opens and closes."""
    try:
        engine.begin()
        engine.run_script("CREATE TABLE table_of_a_check (n INTEGER);\n")
    except StoreUnavailable:
        raise
    except Exception as error:
        raise engine.unavailable(error) from error
    finally:
        engine.rollback()
        engine.close()


def rewrite(transaction: Transaction, _nothing: None) -> None:
    """Write something without changing anything, to find out whether the database can be written."""
    # SQLite writes nothing when a value stays the same, so change it and change it back.
    for _ in range(2):
        transaction.sql.negate_newest_migration(transaction.connection)


async def version(reading: Reading) -> int:
    """The schema of a database that another process may be serving."""
    row = await reading.sql.schema_version(reading.connection)
    return int(row["version"] or 0)


def _apply(engine: Engine, version: int, file: Path, words: Mapping[str, str], now: int) -> str | None:
    name = file.name.partition(".")[0]
    transaction = engine.begin()
    if version <= _version(transaction):
        engine.rollback()
        return None
    try:
        engine.run_script(_worded(file.read_text(encoding="utf-8"), words))
        transaction.sql.note_migration(transaction.connection, version=version, name=name, applied_at=now)
    except Exception as error:
        engine.rollback()
        if engine.is_database_trouble(error):
            raise engine.unavailable(error) from error
        raise
    engine.commit(transaction)
    return name


def _version_or_none(transaction: Transaction) -> int | None:
    """Return the schema's number; None before the first migration."""
    row = transaction.sql.has_schema(transaction.connection)
    return _version(transaction) if row["has_schema"] else None


def _version(transaction: Transaction) -> int:
    row = transaction.sql.schema_version(transaction.connection)
    return int(row["version"] or 0)


def _worded(script: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        script = script.replace(f"{{{name}}}", word)
    return script
