"""Only writing tells whether a database can be written: a check that really writes, and changes nothing."""

from pathlib import Path
from typing import Any

from bot.store.engine import migrate
from bot.store.store import Store
from tests.support.look import look_into


def _written(database_url: str) -> int:
    """How far the database's log has come, in bytes."""
    if database_url.startswith("sqlite:///"):
        return Path(database_url.removeprefix("sqlite:///") + "-wal").stat().st_size
    (row,) = look_into(database_url, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS bytes")
    return int(row["bytes"])


def _versions(database_url: str) -> list[dict[str, Any]]:
    return look_into(database_url, "SELECT * FROM schema_versions ORDER BY version")


def _row_versions(database_url: str) -> object:
    """What changes with every write to the row, also with one that leaves its values as they were."""
    if database_url.startswith("sqlite:///"):
        return _written(database_url)
    return look_into(database_url, "SELECT CAST(ctid AS TEXT) AS place FROM schema_versions ORDER BY version")


async def test_a_check_writes_to_the_disk_and_changes_nothing(store: Store, database_url: str) -> None:
    """A statement that leaves a row as it is would never reach the disk."""
    versions, written = _versions(database_url), _written(database_url)
    await store.write(migrate.rewrite, None)
    assert _written(database_url) > written
    assert _versions(database_url) == versions


async def test_a_check_lasts_for_a_while(store: Store, database_url: str) -> None:
    """However often a platform asks, the disk is waited for once."""
    await store.require_writable()
    before = _row_versions(database_url)
    for _ in range(20):
        await store.require_writable()
    assert _row_versions(database_url) == before
