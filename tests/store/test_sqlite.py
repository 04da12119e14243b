"""SQLite is opened so that a commit is durable and nothing but the writer writes."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.store.engine.lock_file import LockFile
from bot.store.engine.migrate import migrations
from bot.store.engine.sqlite import SqliteDatabase
from bot.store.engine.sqlite_connection import COMMITS_PER_CHECKPOINT, LOG_LIMIT_BYTES
from bot.store.engine.transaction import Reading, Transaction
from bot.store.errors import SchemaProblem, StoreInUse, StoreUnavailable
from bot.store.store import Store, reading
from tests.store.old_database import migrate_to_newest
from tests.support.forked_command import run_at_once


@pytest.fixture
def database_url(database: Path) -> str:
    """These stories are about the file only."""
    return f"sqlite:///{database}"


async def test_the_live_connection_is_durable(store: Store) -> None:
    """synchronous=FULL in WAL mode: a 200 survives a loss of power."""

    def ask(transaction: Transaction, name: str) -> Any:
        return transaction.connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert await store.write(ask, "synchronous") == 2
    assert await store.write(ask, "journal_mode") == "wal"
    assert await store.write(ask, "foreign_keys") == 1


async def test_the_reader_cannot_write(store: Store, database_url: str) -> None:
    """Neither the server's nor that of a report."""

    async def write(reader: Reading) -> None:
        await reader.connection.execute("DELETE FROM events")

    with pytest.raises(Exception, match=r"readonly|cannot be read"):
        await store.read(write)
    with pytest.raises(StoreUnavailable, match="readonly"):
        async with reading(database_url) as reader:
            await write(reader)


async def test_the_log_is_brought_into_the_file_in_a_quiet_moment(store: Store, database: Path) -> None:
    """Long before it has its 16 MiB, for then a commit would have to wait for it."""

    def insert(transaction: Transaction, number: int) -> None:
        transaction.connection.execute(
            "INSERT INTO events (event_id, type, received_at) VALUES (?, 'test', 1)", (str(number),)
        )

    def in_the_file() -> int:
        """What is there without the log."""
        with closing(sqlite3.connect(f"file:{database}?immutable=1", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])

    for number in range(COMMITS_PER_CHECKPOINT):
        await store.write(insert, number)
    async with asyncio.timeout(5):
        while not in_the_file():
            await asyncio.sleep(0.005)


def test_migrating_twice_applies_once(database: Path) -> None:
    """The second run has nothing to do."""
    applied = SqliteDatabase(database).migrate(1)
    assert applied == [file.name.partition(".")[0] for _, file in migrations("sqlite")]
    assert SqliteDatabase(database).migrate(2) == []


def test_four_processes_migrate_at_once(database: Path) -> None:
    """One does it, the others wait and find it done."""
    applied = run_at_once(migrate_to_newest, f"sqlite:///{database}", 4)
    assert applied == [0, 0, 0, len(migrations("sqlite"))]


def test_a_newer_schema_is_refused(database: Path) -> None:
    """An old version of the bot must not work on what it does not know."""
    SqliteDatabase(database).migrate(1)
    connection = sqlite3.connect(database)
    connection.execute("INSERT INTO schema_versions VALUES (9999, 'from the future', 1)")
    connection.commit()
    connection.close()
    with pytest.raises(SchemaProblem, match="9999"):
        SqliteDatabase(database).migrate(2)


def test_the_lock_names_its_holder(database: Path) -> None:
    """And is free again once released."""
    lock = LockFile(database)
    lock.acquire()
    with pytest.raises(StoreInUse, match=r"pid \d+"):
        LockFile(database).acquire()
    lock.release()
    again = LockFile(database)
    again.acquire()
    again.release()


def test_four_eyes_are_two_people_in_the_database_too(database: Path) -> None:
    """Whatever a program does, nobody confirms their own decision."""
    SqliteDatabase(database).migrate(1)
    connection = sqlite3.connect(database)
    columns = "session_id, entity_type, queue, checks, session_state, session_event_at, session_event_id"
    values = "'s', 'user', 'user', '[]', 'REVIEW', 1, 'e', 'decided', 1"
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        connection.execute(
            f"INSERT INTO reviews ({columns}, status, version, decided_by, confirmed_by) VALUES ({values}, 'U1', 'U1')"  # noqa: S608
        )
    connection.close()


async def test_the_log_shrinks_after_a_long_reader(store: Store, database: Path) -> None:
    """A report that takes long holds back checkpoints; what the log grew to meanwhile does not stay on the disk."""

    def insert(transaction: Transaction, name: str) -> None:
        transaction.connection.execute(
            "INSERT INTO events (event_id, type, received_at, body) VALUES (?, 'test', 1, zeroblob(6000000))",
            (name,),
        )

    log = database.with_name(database.name + "-wal")
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        for number in range(4):
            await store.write(insert, f"long-{number}")
        assert log.stat().st_size > LOG_LIMIT_BYTES
    for number in range(2):
        await store.write(insert, f"later-{number}")
    assert log.stat().st_size <= LOG_LIMIT_BYTES
