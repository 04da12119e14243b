"""From every schema that was ever released to the newest: nothing is lost, and the result is like a new database."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.handlers.requeue import Requeue, Requeued, requeue
from bot.store.engine import migrate
from bot.store.engine.migrate import migrations
from bot.store.store import database_at, open_store
from bot.store.tables import deliveries, leases
from bot.store.tables.leases import LeaseRequest
from tests.store.old_database import (
    REFUSED,
    all_rows,
    fill,
    indexes,
    is_sqlite,
    migrate_to_newest,
    open_rows,
    schema,
)
from tests.store.old_rows import HELD, LEASED, NOW, PENDING, rows_until
from tests.support.forked_command import run_at_once
from tests.support.look import look_into
from tests.support.postgres import PostgresServer

RELEASED = [version for version, _ in migrations("sqlite")]
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


@pytest.mark.parametrize("version", [0, RELEASED[-1]])
def test_processes_that_migrate_at_once(database_url: str, bring_to: Old, version: int) -> None:
    """One of them does it, and the others wait for it."""
    if version:
        bring_to(version)
    newer = [each for each in RELEASED if each > version]
    assert run_at_once(migrate_to_newest, database_url, AT_ONCE) == [0] * (AT_ONCE - 1) + [len(newer)]
    assert run_at_once(migrate_to_newest, database_url, AT_ONCE) == [0] * AT_ONCE


@pytest.mark.parametrize("version", RELEASED)
def test_an_upgrade_loses_nothing(database_url: str, bring_to: Old, version: int) -> None:
    """Every row is there, and rows go on counting; a second run has nothing to do."""
    bring_to(version)
    fill(database_url, version)
    before, old_indexes = all_rows(database_url), indexes(database_url)
    assert [table for table, rows in before.items() if not rows] == [], "add rows for these to old_rows.py"

    newer = [each for each in RELEASED if each > version]
    assert len(database_at(database_url).migrate(2)) == len(newer)
    assert database_at(database_url).migrate(2) == []

    after = all_rows(database_url)
    for table, rows in before.items():
        assert [
            {name: now[name] for name in old} for old, now in zip(rows, after[table], strict=True)
        ] == rows
    assert old_indexes <= indexes(database_url)
    versions = look_into(database_url, "SELECT version FROM schema_versions ORDER BY version")
    assert [row["version"] for row in versions] == RELEASED


@pytest.mark.parametrize("version", RELEASED)
def test_an_upgraded_database_keeps_its_rules(database_url: str, bring_to: Old, version: int) -> None:
    """Nothing comes twice that may come once, nothing refers to what is not there, and numbers are not used again."""
    bring_to(version)
    fill(database_url, version)
    database_at(database_url).migrate(2)
    with open_rows(database_url) as rows:
        for table, row in rows_until(version):
            comes_once = row.get("unique_key") or row.get("review_id") or table in COME_ONCE
            if comes_once:
                with pytest.raises(REFUSED):
                    rows.insert(table, row)
            if row.get("review_id") is not None:
                with pytest.raises(REFUSED):
                    rows.insert(table, {**row, "review_id": 999_999})
        for table, fresh in (
            ("events", {"event_id": "fresh", "session_id": "fresh"}),
            ("reviews", {"session_id": "fresh"}),
            ("deliveries", {"unique_key": "fresh", "kind": "private_note", "review_id": None}),
        ):
            (row,) = [row for name, row in rows_until(1) if name == table][:1]
            removed = rows.remove_last(table)
            assert rows.insert(table, {**row, **fresh}) > removed
        with pytest.raises(REFUSED, match="only appended to"):
            rows.remove_last("audit")


@pytest.mark.parametrize("version", RELEASED[:-1])
def test_an_upgraded_schema_is_the_new_one(
    database_url: str, bring_to: Old, version: int, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Column by column, constraint by constraint, index by index."""
    bring_to(version)
    fill(database_url, version)
    database_at(database_url).migrate(2)
    if is_sqlite(database_url):
        new = f"sqlite:///{tmp_path / 'new.db'}"
        database_at(new).migrate(1)
        assert schema(database_url) == schema(new)
    else:
        with postgres.database() as new:
            assert schema(database_url) == schema(new)


def test_a_proposal_that_waited_is_still_unconfirmed(database_url: str, bring_to: Old) -> None:
    """Nothing else is: what was decided or closed before was not proposed."""
    bring_to(5)
    fill(database_url, 5)
    database_at(database_url).migrate(2)
    assert look_into(database_url, "SELECT session_id FROM reviews WHERE unconfirmed") == [
        {"session_id": "s-8"}
    ]


@pytest.mark.parametrize("version", RELEASED)
async def test_deliveries_go_on_after_an_upgrade(database_url: str, bring_to: Old, version: int) -> None:
    """What waited is due, what was begun has an open question, what is held waits for an operator."""
    bring_to(version)
    fill(database_url, version)
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
    before = schema(database_url)
    next_file.write_text("CREATE TABLE first (id BIGINT);\nALTER TABLE nowhere ADD COLUMN second TEXT;\n")
    for _ in range(2):
        with pytest.raises(Exception, match="nowhere"):
            database_at(database_url).migrate(2)
        assert schema(database_url) == before
    next_file.write_text("CREATE TABLE first (id BIGINT);\nALTER TABLE first ADD COLUMN second TEXT;\n")
    assert database_at(database_url).migrate(3) == [next_file.stem]
    assert look_into(database_url, "SELECT id, second FROM first") == []
