"""A database from before there was a chain: its entries get their numbers and seals, and the record says so."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from bot.reviews.audit.chain import ChainCheck, Finding
from bot.reviews.audit.entry import Keys
from bot.store.engine import postgres, sqlite
from bot.store.engine.migrate import migrations
from bot.store.engine.transaction import Reading
from bot.store.store import Store, open_store
from bot.store.tables import audit_trail
from bot.store.tables.audit_replay import Comparison, compare
from tests.support.postgres import PostgresServer
from tests.support.store import rows
from tests.support.tamper import tamper, write

FIXTURES = Path(__file__).parents[1] / "fixtures"
REVIEW = """
INSERT INTO reviews (session_id, entity_type, queue, checks, session_state, session_event_at, session_event_id, status,
    version) VALUES ('s1', 'user', 'user', '[]', 'REVIEW', 1, 'e1', 'open', 1)
"""
ENTRIES = [
    f"""INSERT INTO audit (id, review_id, sequence, at, actor, action, to_status, version, detail)
    VALUES ({number}, {review}, {sequence}, {number}, 'ralio', 'receive', 'open', 1, '{{}}')"""  # noqa: S608
    for number, review, sequence in ((2, 1, 1), (3, "NULL", 1), (7, 1, 2), (8, 1, 3))
]

OLDER_APPEND = """
INSERT INTO audit (review_id, sequence, at, actor, action, from_status, to_status, version, refused, detail)
SELECT 1, coalesce(max(sequence), 0) + 1, 9, 'UANA', 'claim', 'open', 'claimed', 2, NULL, '{}' FROM audit
WHERE review_id = 1
"""
"""As a process from before the chain writes an entry."""


def _older_scripts(database: str, words: Mapping[str, str]) -> list[str]:
    """The migrations before the chain's."""
    files = [file for _, file in migrations(database) if "audit_chain" not in file.name][:2]
    scripts = [file.read_text(encoding="utf-8") for file in files]
    for name, word in words.items():
        scripts = [script.replace(f"{{{name}}}", word) for script in scripts]
    columns = "version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL"
    return [
        *scripts,
        f"CREATE TABLE schema_versions ({columns})",
        "INSERT INTO schema_versions VALUES (2, 'older', 1)",
    ]


@pytest.fixture(params=["sqlite", "postgres"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with schema 2, whose entries' numbers have gaps as roll-backs leave them."""
    if request.param == "sqlite":
        connection = sqlite3.connect(tmp_path / "reviews.db")
        for script in _older_scripts("sqlite", sqlite.WORDS):
            connection.executescript(script)
        connection.close()
        write(f"sqlite:///{tmp_path / 'reviews.db'}", REVIEW, *ENTRIES)
        yield f"sqlite:///{tmp_path / 'reviews.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.empty_database() as url:
        write(url, *_older_scripts("postgres", postgres.WORDS), REVIEW, *ENTRIES)
        yield url


async def _finding(store: Store, keys: Keys) -> tuple[Finding | None, ChainCheck]:
    """The first thing that is wrong with the record, and what was met on the way."""
    return await store.read(lambda reading: audit_trail.verify(reading, keys, None, lambda _done: None))


@pytest.mark.parametrize("keys", [Keys(), Keys(["key"])], ids=["plain", "keyed"])
async def test_older_entries_are_numbered_and_sealed(older: str, keys: Keys) -> None:
    """At the first start, once; from then on a change of them is found like any other."""
    for _ in range(2):
        async with open_store(older, 1, lambda: None, keys) as store:

            async def entries(reading: Reading) -> list[tuple[int, int, str]]:
                return [(row["id"], row["at"], row["action"]) async for row in audit_trail.entries(reading)]

            assert await store.read(entries) == [
                *[(1, 2, "receive"), (2, 3, "receive"), (3, 7, "receive"), (4, 8, "receive")],
                (5, 1, "begin_chain"),
            ]
            finding, check = await _finding(store, keys)
            assert (finding, check.sealed_afterwards) == (None, 4)
    tamper(older, "UPDATE audit SET at = 9 WHERE id = 3")
    async with open_store(older, 1, lambda: None, keys) as store:
        finding, _ = await _finding(store, keys)
        assert finding is not None
        assert finding.id == 3


async def test_a_process_from_before_the_chain_cannot_append_to_it(older: str) -> None:
    """PostgreSQL refuses its entry, and all that goes with it; on SQLite, where none can run beside, it is found."""
    claim = "UPDATE reviews SET status = 'claimed', claimed_by = 'UANA' WHERE id = 1"
    async with open_store(older, 1, lambda: None) as store:
        if older.startswith("sqlite"):
            write(older, claim, OLDER_APPEND)
            finding, _ = await _finding(store, Keys())
            assert finding is not None
            assert finding.id == 6
        else:
            with pytest.raises(psycopg.errors.NotNullViolation):
                write(older, claim, OLDER_APPEND)
            assert (await _finding(store, Keys()))[0] is None
            assert await rows(store, "SELECT status FROM reviews") == [{"status": "open"}]


async def test_the_record_of_an_older_version_verifies_once_it_is_upgraded(tmp_path: Path) -> None:
    """Sessions in every status, made with schema 5: its seals fit, and the tables are as it says."""
    url = f"sqlite:///{tmp_path / 'reviews.db'}"
    with sqlite3.connect(tmp_path / "reviews.db") as connection:
        connection.executescript((FIXTURES / "record_of_schema_5.sql").read_text(encoding="utf-8"))
    keys = Keys(["key"])
    async with open_store(url, 9_000, lambda: None, keys) as store:
        finding, check = await _finding(store, keys)
        assert (finding, check.entries) == (None, 35)

        async def differences(reading: Reading) -> list[str]:
            return [str(each) async for each in compare(reading, 0, Comparison(), lambda _done: None)]

        assert await store.read(differences) == []
        tamper(url, "UPDATE reviews SET outcome = 'approve' WHERE session_id = 'decided'")
        assert await store.read(differences) == ["session decided: outcome: recorded reject, found approve"]
        tamper(url, "UPDATE audit SET actor = 'UEVE' WHERE id = 20")
        finding, _ = await _finding(store, keys)
        assert finding is not None
        assert finding.id == 20
