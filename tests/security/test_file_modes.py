"""No other user of the machine can read the reviews or keep the bot from starting, whatever the umask."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.store.engine.lock_file import LockFile
from bot.store.engine.sqlite import SqliteDatabase
from tests.support import ralio
from tests.support.bot import running
from tests.support.slack import LocalSlack

FILES = ["reviews.db", "reviews.db-shm", "reviews.db-wal", "reviews.db.lock", "reviews.db.sock"]


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277], ids=oct)
async def test_a_running_bot_keeps_its_files_to_its_user(
    tmp_path: Path, slack: LocalSlack, mask: int
) -> None:
    """The database, its log, the lock file and the admin socket."""
    with _umask(mask):
        async with running(f"sqlite:///{tmp_path / 'reviews.db'}", slack) as bot:
            await bot.ralio.send(ralio.event())
            assert await asyncio.to_thread(_modes, tmp_path) == dict.fromkeys(FILES, 0o600)
            await bot.settled()
    assert set(_modes(tmp_path).values()) == {0o600}


def test_files_of_earlier_versions_are_closed_to_others(tmp_path: Path) -> None:
    """They were 0644; a file that only its owner can read stays read-only."""
    database = tmp_path / "reviews.db"
    SqliteDatabase(database).migrate(1)
    reader = sqlite3.connect(database)
    reader.execute("SELECT count(*) FROM events")
    for path in tmp_path.iterdir():
        path.chmod(0o644)
    engine = SqliteDatabase(database).engine()
    engine.open()
    lock = LockFile(database)
    lock.acquire()
    assert set(_modes(tmp_path).values()) == {0o600}
    lock.release()
    engine.close()
    reader.close()


def test_a_lock_file_without_our_own_right_is_mended(tmp_path: Path) -> None:
    """A umask can take it away; root would not notice."""
    lock = LockFile(tmp_path / "reviews.db")
    lock.acquire()
    lock.release()
    (tmp_path / "reviews.db.lock").chmod(0o400)
    lock.acquire()
    lock.release()
    assert _modes(tmp_path) == {"reviews.db.lock": 0o600}
