"""What `check` says about a database."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from bot.cli.check.line import CheckLine, State
from bot.cli.check.store import database_lines
from bot.clock import system_clock
from bot.reviews.audit.entry import Keys
from bot.store.store import database_at, open_store
from tests.support.postgres import PostgresServer

NO_KEYS = Keys([])


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'reviews.db'}"


def make_conninfo_url(url: str, options: str) -> str:
    """Return the URL with options for the session."""
    return f"{url}{'&' if '?' in url else '?'}options={quote(options)}"


async def lines_about(url: str, keys: Keys = NO_KEYS) -> list[CheckLine]:
    """Return all lines about the database."""
    return [line async for line in database_lines(url, keys)]


async def test_a_database_without_a_schema_fails_with_advice(url: str) -> None:
    """Nothing is said about an audit that can't be read."""
    (line,) = await lines_about(url)
    assert line.check == "database"
    assert line.state is State.FAILED
    assert "python -m bot migrate" in line.advice


async def test_a_migrated_database_passes(url: str) -> None:
    """So does its audit; without a key it says what that is worth."""
    database_at(url).migrate(system_clock())
    database, disk, audit = await lines_about(url)
    assert disk.check == "disk"
    assert database.check == "database"
    assert database.state is State.PASSED
    assert "reachable, writable, durable" in database.message
    assert audit.check == "audit"
    assert audit.state is State.PASSED
    assert "plain hashes" in audit.message


async def test_a_database_that_a_server_holds_passes(url: str) -> None:
    """It is read beside the server."""
    async with open_store(url, 1, lambda: None, NO_KEYS):
        database, *_ = await lines_about(url)
    assert database.state is State.PASSED
    assert "in use by a running server" in database.message


async def test_a_key_seals_the_audit(url: str) -> None:
    """The line says so."""
    database_at(url).migrate(system_clock())
    *_, audit = await lines_about(url, Keys(["key"]))
    assert audit.state is State.PASSED
    assert audit.message.endswith("sealed with AUDIT_KEY")


async def test_a_database_that_cannot_be_written_fails(url: str, tmp_path: Path) -> None:
    """Reading alone loses every webhook."""
    database_at(url).migrate(system_clock())
    with closing(sqlite3.connect(tmp_path / "reviews.db")) as connection, connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON schema_versions BEGIN SELECT RAISE(FAIL, 'no room'); END"
        )
    (line,) = await lines_about(url)
    assert (line.check, line.state) == ("database", State.FAILED)
    assert "no room" in line.message


async def test_a_bad_url_fails_with_advice_and_without_the_password() -> None:
    """The likely cause is a special character."""
    (line,) = await lines_about("postgres://bot:can@ry@db/bot")
    assert line.state is State.FAILED
    assert line.advice.startswith("percent-encode special characters in the password")
    assert "ry@db" not in line.message


async def test_a_read_only_replica_fails_with_advice(postgres: PostgresServer) -> None:
    """As after a failover to a replica, or with the address of one."""
    with postgres.database() as url:
        (line,) = await lines_about(make_conninfo_url(url, "-c default_transaction_read_only=on"))
    assert (line.check, line.state) == ("database", State.FAILED)
    assert "read-only transaction" in line.message
    assert line.advice == "use the primary's address: DATABASE_URL leads to a read-only replica"


async def test_a_migration_that_could_not_create_tables_is_named(postgres: PostgresServer) -> None:
    """The role can connect and write, and owns nothing."""
    with postgres.empty_database() as url:
        (without,) = await lines_about(url)
        assert without.advice.startswith("run 'python -m bot migrate'")
        assert "create" not in without.message
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("CREATE ROLE check_reader LOGIN")
        reader = make_conninfo_url(url, "-c role=check_reader")
        try:
            (line,) = await lines_about(reader)
        finally:
            with psycopg.connect(url, autocommit=True) as owner:
                owner.execute("DROP ROLE check_reader")
    assert (line.check, line.state) == ("database", State.FAILED)
    assert "a migration couldn't create tables: " in line.message
    assert "permission denied" in line.message
    assert line.advice.startswith("let the bot's role create tables in its schema (GRANT CREATE ON SCHEMA)")
