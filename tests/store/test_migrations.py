"""From every schema that was ever released to the newest: nothing is lost, and the result is like a new database."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.handlers.requeue import Requeue, Requeued, requeue
from bot.store.engine import migrate
from bot.store.engine.migrate import migrations
from bot.store.store import database_at, open_store
from bot.store.tables import deliveries, leases
from bot.store.tables.leases import LeaseRequest
from tests.store.old_rows import HELD, LEASED, NOW, PENDING, Row, rows_until
from tests.support.bot import look_into
from tests.support.postgres import PostgresServer

RELEASED = [version for version, _ in migrations("sqlite")]
MIGRATE = (
    "import sys; from bot.store.store import database_at; print(len(database_at(sys.argv[1]).migrate(2)))"
)
AT_ONCE = 3
COME_ONCE = ("events", "reviews", "audit_purged", "answered_requests", "audit_texts", "reminders")

Old = Callable[[int], None]


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, database: Path) -> Iterator[str]:
    """A database of each kind without anything in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{database}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        with server.empty_database() as url:
            yield url


@pytest.fixture
def bring_to(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Old:
    """Bring the database to an earlier schema, as that release did: it had fewer files."""

    def bring(version: int) -> None:
        folder = tmp_path / f"migrations-{version}"
        folder.mkdir()
        for path in migrate._FOLDER.glob("[0-9]*.sql"):  # noqa: SLF001 - what a release is made of
            if int(path.name[:4]) <= version:
                shutil.copy(path, folder)
        with monkeypatch.context() as patch:
            patch.setattr(migrate, "_FOLDER", folder)
            database_at(database_url).migrate(1)

    return bring


def _is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite:///")


def _run(database_url: str, statement: str, values: tuple[Any, ...]) -> Any:
    """Run a statement that answers with one value; parameters are written `?`."""
    if _is_sqlite(database_url):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute("PRAGMA foreign_keys = ON")
            return connection.execute(statement, values).fetchone()[0]
    with psycopg.connect(database_url) as postgres:
        row = postgres.execute(statement.replace("?", "%s").encode(), values).fetchone()
        assert row is not None
        return row[0]


def _insert(database_url: str, table: str, row: Row) -> int:
    """Insert a row as the bot would; answers with the value of its first column, which is its number if it has one."""
    if table == "audit" and "audit_head" in _tables(database_url):
        # Entries are numbered by the chain's end since there is a chain; the next start seals these.
        number = _run(database_url, "UPDATE audit_head SET id = id + 1 RETURNING id", ())
        row = {"id": number, **row}
    names, places = ", ".join(row), ", ".join("?" * len(row))
    first = "id" if "id" in _columns(database_url, table) else next(iter(row))
    statement = f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {first}"  # noqa: S608 - names of ours
    return int(_run(database_url, statement, tuple(row.values())))


def _columns(database_url: str, table: str) -> list[str]:
    if _is_sqlite(database_url):
        found = look_into(database_url, "SELECT name FROM pragma_table_info(:of)", {"of": table})
    else:
        query = "SELECT column_name AS name FROM information_schema.columns WHERE table_name = :of"
        found = look_into(database_url, query, {"of": table})
    return [row["name"] for row in found]


def _remove_last(database_url: str, table: str) -> int:
    """Remove the newest row; answers with its number."""
    newest = f"SELECT max(id) FROM {table}"  # noqa: S608 - names of ours
    return int(_run(database_url, f"DELETE FROM {table} WHERE id = ({newest}) RETURNING id", ()))  # noqa: S608


def _all_rows(database_url: str) -> dict[str, list[dict[str, Any]]]:
    return {
        table: look_into(database_url, f"SELECT * FROM {table} ORDER BY 1, 2")  # noqa: S608 - names of ours
        for table in _tables(database_url)
    }


def _tables(database_url: str) -> list[str]:
    if _is_sqlite(database_url):
        query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        query = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    return sorted({row["name"] for row in look_into(database_url, query)} - {"schema_versions"})


def _schema(database_url: str) -> list[dict[str, Any]]:
    """Everything that the database says of tables, columns, constraints and indexes."""
    if _is_sqlite(database_url):
        return look_into(
            database_url, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
        )
    columns = """
        SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
    """
    constraints = """
        SELECT CAST(CAST(conrelid AS regclass) AS text) AS on, conname, pg_get_constraintdef(oid) AS is
        FROM pg_constraint
        WHERE connamespace = CAST('public' AS regnamespace) ORDER BY 1, 2
    """
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"
    return [row for query in (columns, constraints, indexes) for row in look_into(database_url, query)]


def _indexes(database_url: str) -> set[str]:
    """Their names; those that belong to a constraint are named by the database."""
    if _is_sqlite(database_url):
        query = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    else:
        query = "SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public'"
    return {row["name"] for row in look_into(database_url, query)}


def _migrate_at_once(database_url: str) -> list[int]:
    """Several processes at once; answers with how many migrations each applied, fewest first."""
    command = [sys.executable, "-c", MIGRATE, database_url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(AT_ONCE)]
    return sorted(int(process.communicate(timeout=60)[0]) for process in processes)


@pytest.mark.parametrize("version", [0, RELEASED[len(RELEASED) // 2], RELEASED[-1]])
def test_processes_that_migrate_at_once(database_url: str, bring_to: Old, version: int) -> None:
    """One of them does it, and the others wait for it."""
    if version:
        bring_to(version)
    newer = [each for each in RELEASED if each > version]
    assert _migrate_at_once(database_url) == [0] * (AT_ONCE - 1) + [len(newer)]
    assert _migrate_at_once(database_url) == [0] * AT_ONCE


@pytest.mark.parametrize("version", RELEASED)
def test_an_upgrade_loses_nothing(database_url: str, bring_to: Old, version: int) -> None:
    """Every row is there, and rows go on counting; a second run has nothing to do."""
    bring_to(version)
    for table, row in rows_until(version):
        _insert(database_url, table, row)
    before, indexes = _all_rows(database_url), _indexes(database_url)
    assert [table for table, rows in before.items() if not rows] == [], "add rows for these to old_rows.py"

    newer = [each for each in RELEASED if each > version]
    assert len(database_at(database_url).migrate(2)) == len(newer)
    assert database_at(database_url).migrate(2) == []

    after = _all_rows(database_url)
    for table, rows in before.items():
        assert [
            {name: now[name] for name in old} for old, now in zip(rows, after[table], strict=True)
        ] == rows
    assert indexes <= _indexes(database_url)
    versions = look_into(database_url, "SELECT version FROM schema_versions ORDER BY version")
    assert [row["version"] for row in versions] == RELEASED


@pytest.mark.parametrize("version", RELEASED)
def test_an_upgraded_database_keeps_its_rules(database_url: str, bring_to: Old, version: int) -> None:
    """Nothing comes twice that may come once, nothing refers to what is not there, and numbers are not used again."""
    bring_to(version)
    for table, row in rows_until(version):
        _insert(database_url, table, row)
    database_at(database_url).migrate(2)
    wrong = (sqlite3.IntegrityError, psycopg.IntegrityError)
    for table, row in rows_until(version):
        comes_once = row.get("unique_key") or row.get("review_id") or table in COME_ONCE
        if comes_once:
            with pytest.raises(wrong):
                _insert(database_url, table, row)
        if row.get("review_id") is not None:
            with pytest.raises(wrong):
                _insert(database_url, table, {**row, "review_id": 999_999})
    for table, fresh in (
        ("events", {"event_id": "fresh", "session_id": "fresh"}),
        ("reviews", {"session_id": "fresh"}),
        ("deliveries", {"unique_key": "fresh", "kind": "private_note", "review_id": None}),
    ):
        (row,) = [row for name, row in rows_until(1) if name == table][:1]
        removed = _remove_last(database_url, table)
        assert _insert(database_url, table, {**row, **fresh}) > removed
    with pytest.raises(wrong, match="only appended to"):
        _remove_last(database_url, "audit")


@pytest.mark.parametrize("version", RELEASED[:-1])
def test_an_upgraded_schema_is_the_new_one(
    database_url: str, bring_to: Old, version: int, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Column by column, constraint by constraint, index by index."""
    bring_to(version)
    for table, row in rows_until(version):
        _insert(database_url, table, row)
    database_at(database_url).migrate(2)
    if _is_sqlite(database_url):
        new = f"sqlite:///{tmp_path / 'new.db'}"
        database_at(new).migrate(1)
        assert _schema(database_url) == _schema(new)
    else:
        with postgres.database() as new:
            assert _schema(database_url) == _schema(new)


def test_a_proposal_that_waited_is_still_unconfirmed(database_url: str, bring_to: Old) -> None:
    """Nothing else is: what was decided or closed before was not proposed."""
    bring_to(5)
    for table, row in rows_until(5):
        _insert(database_url, table, row)
    database_at(database_url).migrate(2)
    assert look_into(database_url, "SELECT session_id FROM reviews WHERE unconfirmed") == [
        {"session_id": "s-8"}
    ]


@pytest.mark.parametrize("version", RELEASED)
async def test_deliveries_go_on_after_an_upgrade(database_url: str, bring_to: Old, version: int) -> None:
    """What waited is due, what was begun has an open question, what is held waits for an operator."""
    bring_to(version)
    for table, row in rows_until(version):
        _insert(database_url, table, row)
    async with open_store(database_url, NOW, lambda: None) as store:
        request = LeaseRequest(deliveries.posts("user"), "C1", 10, "token", NOW, NOW + 14_000)
        leased = {delivery.review_id: delivery for delivery in await store.write(leases.lease, request)}
        assert leased.keys() == {PENDING, LEASED}
        assert [leased[review].is_unresolved for review in (PENDING, LEASED)] == [False, True]
        assert await requeue(store, Requeue(None), NOW) == Requeued(1)
        (held,) = await store.write(leases.lease, request)
        assert held.review_id == HELD


def test_a_migration_that_fails_leaves_nothing(
    database_url: str, bring_to: Old, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first statement is undone with its second; once it is mended, it is applied."""
    bring_to(RELEASED[-1])
    folder = tmp_path / f"migrations-{RELEASED[-1]}"
    next_file = folder / f"{RELEASED[-1] + 1:04}_next.sql"
    monkeypatch.setattr(migrate, "_FOLDER", folder)
    before = _schema(database_url)
    next_file.write_text("CREATE TABLE first (id BIGINT);\nALTER TABLE nowhere ADD COLUMN second TEXT;\n")
    for _ in range(2):
        with pytest.raises(Exception, match="nowhere"):
            database_at(database_url).migrate(2)
        assert _schema(database_url) == before
    next_file.write_text("CREATE TABLE first (id BIGINT);\nALTER TABLE first ADD COLUMN second TEXT;\n")
    assert database_at(database_url).migrate(3) == [next_file.stem]
    assert look_into(database_url, "SELECT id, second FROM first") == []
