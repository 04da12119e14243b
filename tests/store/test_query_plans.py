"""What statements cost when years of closed reviews are there: none walks over a big table but the few that must."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import tuple_row

from bot.store.engine.bulk import ROW
from bot.store.engine.sqlite import SqliteDatabase
from bot.store.engine.transaction import statements
from tests.support.postgres import PostgresServer

OPENED = "reviews_of_subject"
CARDS = "deliveries_card_message"
GROWING = frozenset({OPENED, CARDS})
"""The partial indexes that grow with the closed reviews: nothing may read all of one either."""

BIG = ("events", "reviews", "audit", "deliveries", "timers", "lookups", "answered_requests")

MAY_WALK = {
    "all_events": "the whole inbox, printed page by page",
    "list_reviews": "all reviews, printed page by page",
    "changes_of_all": "the counts and times of stats, page by page",
    "audit_trail": "audit verify and audit export, page by page",
    "unsealed_audit": "once, when a record from before the chain is sealed",
    "open_tests": "send-test --clean-up",
    "steps_since": "a week of entries, from the end of the audit backwards",
    "purgeable_events": "a purge, page by page",
    "purgeable_reviews": "a purge, page by page",
    "purgeable_refusals": "a purge, page by page",
    "purgeable_names": "a purge, page by page",
    "purgeable_messages": "a purge, page by page",
    "old_reviews": "the rehearsal of a purge, page by page",
    "reviews_to_compare": "audit verify, page by page",
    "review_id_after": "audit verify, page by page",
    "events_without_review": "audit verify, page by page",
    "seals_of_keys": "a check: it stops at the first sealed entry",
}

PAST = """
INSERT INTO events (event_id, type, session_id, occurred_at, received_at)
SELECT 'e' || n, 'kyc_session_manual_review', 's' || n, n, n FROM generate_series(1, {rows}) AS n;
INSERT INTO reviews (session_id, entity_type, subject_id, queue, checks, session_state, session_event_at,
    session_event_id, status, opened_at, version)
SELECT 's' || n, 'user', 'u' || n / 2, 'user', '[]', 'VERIFIED', n, 'e' || n, 'closed', n, 2
FROM generate_series(1, {rows}) AS n;
INSERT INTO audit (id, review_id, sequence, at, actor, action, version, detail, seal)
SELECT id, id, 1, id, 'ralio', 'close', 2, '{{}}', 'x:y' FROM reviews;
INSERT INTO deliveries (kind, review_id, lane, urgency, arguments, wanted_version, shown_version, wanted_at, due_at,
    attempts)
SELECT 'card', id, 'update', 1, '{{}}', 2, 2, id, id, 0 FROM reviews;
INSERT INTO timers (review_id, kind, since, fired_at) SELECT id, 'claim', 1, 2 FROM reviews;
INSERT INTO lookups (review_id, kind, opened_at, attempts) SELECT id, 'checks', 1, 0 FROM reviews;
INSERT INTO answered_requests (request_key, answered_at, answer) SELECT 'k' || id, id, '{{}}' FROM reviews;
ANALYZE;
"""
"""Closed reviews, so that PostgreSQL has something to weigh."""


def _named(database: str, driver: str) -> dict[str, str]:
    sql = statements(database, driver)
    names = [name for name in sql.available_queries if not name.endswith("_cursor")]
    return {name: getattr(sql, name).sql for name in names}


def _values(sql: str, mark: str) -> dict[str, str]:
    """Something for every parameter."""
    lists = ("rows", "ids", "session_ids", "review_ids", "event_ids", "lanes", "request_keys", "places")
    return {name: "[]" if name in lists else "10" for name in re.findall(mark, sql)}


def _wrong(walks: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: found for name, found in walks.items() if found and name not in MAY_WALK}


@pytest.fixture
def partial_indexes(tmp_path: Path) -> Iterator[tuple[sqlite3.Connection, set[str]]]:
    """A new SQLite database, and the indexes that hold only what is open, waits or is wrong."""
    path = tmp_path / "reviews.db"
    SqliteDatabase(path).migrate(1)
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'")
    yield connection, {name for (name,) in found} - GROWING
    connection.close()


def test_sqlite_walks_over_no_big_table(partial_indexes: tuple[sqlite3.Connection, set[str]]) -> None:
    """Neither from one end to the other, nor from a row on."""
    connection, short = partial_indexes

    def walks(sql: str) -> list[str]:
        names = {alias: table for table, alias in re.findall(r"(\w+) AS (\w+)", sql)}
        if ROW in sql:
            columns = sql[sql.index("(") : sql.index(")")].count(",") + 1
            sql = sql.replace(ROW, f"({', '.join(['10'] * columns)})")
        plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", _values(sql, r"(?<!:):(\w+)"))
        return [step for *_, step in plan if _is_sqlite_walk(step, names, short)]

    found = {name: walks(sql) for name, sql in _named("sqlite", "sqlite3").items()}
    assert len(found) > 80
    assert _wrong(found) == {}


def _is_sqlite_walk(step: str, names: Mapping[str, str], short: set[str]) -> bool:
    parts = re.match(r"(SCAN|SEARCH) (\w+)(?: USING .*?INDEX (\w+))?", step)
    if parts is None or names.get(parts[2], parts[2]) not in BIG or parts[3] in short:
        return False
    return parts[1] == "SCAN" or bool(re.search(r"\(rowid[<>]\?", step))


@pytest.mark.parametrize("rows", [20, 5_000])
def test_postgres_walks_over_no_big_table(postgres: PostgresServer, rows: int) -> None:
    """Likewise, as far as it has an index that spares it: nor do plans that are kept from when there were few rows."""
    with postgres.database() as url, psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(PAST.format(rows=rows).encode())
        connection.execute("SET enable_seqscan = off")
        cursor = connection.cursor(row_factory=tuple_row)
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)", [list(BIG)])
        whole = {
            name for name, definition in cursor.fetchall() if " WHERE " not in definition or name in GROWING
        }

        def walks(sql: str) -> list[str]:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}".encode(), _values(sql, r"%\((\w+)\)s"))
            ((plan,),) = cursor.fetchall()
            return [json.dumps(node) for node in _nodes(plan[0]["Plan"]) if _is_postgres_walk(node, whole)]

        found = {name: walks(sql) for name, sql in _named("postgres", "psycopg").items()}
    assert len(found) > 80
    if rows < 5_000:
        del found["case_entries"]  # a command's, which keeps no plan
    assert _wrong(found) == {}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {key: value for key, value in node.items() if key != "Plans"}
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _is_postgres_walk(node: Mapping[str, Any], whole: set[str]) -> bool:
    if node["Node Type"] == "Seq Scan":
        return node["Relation Name"] in BIG
    if node.get("Index Name") not in whole:
        return False
    condition = node.get("Index Cond", "")
    return not condition or bool(re.fullmatch(r"\(id [<>] .*\)", condition))


OCCURRENCE = """
SELECT id FROM events WHERE session_id = '1' AND type = '2' AND occurred_at = 3 AND same_as IS NULL
"""


def test_an_occurrence_is_looked_up_by_its_index(
    partial_indexes: tuple[sqlite3.Connection, set[str]], postgres: PostgresServer
) -> None:
    """The index that refuses a second one; what is quarantined or of no known time is not in it."""
    connection, short = partial_indexes
    assert "events_occurrence" in short
    plan = [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {OCCURRENCE}")]
    assert [
        step for step in plan if "events_occurrence (session_id=? AND type=? AND occurred_at=?)" in step
    ] == plan
    with postgres.database() as url, psycopg.connect(url) as wire:
        wire.execute(PAST.format(rows=5_000).encode())
        row = wire.execute(f"EXPLAIN (FORMAT JSON) {OCCURRENCE}".encode()).fetchone()
        assert row is not None
        (node,) = _nodes(row[0][0]["Plan"])
        assert node["Index Name"] == "events_occurrence"


FOUND_BY = {
    "review_of_message": f"{CARDS} (message_ts=?)",
    "unclaimed_in_queue": "reviews_in_work (queue=? AND status=?)",
    "to_be_confirmed": "reviews_in_work (queue=? AND status=?)",
    "count_to_be_confirmed": "reviews_in_work (queue=? AND status=?)",
    "claimed_by_others": "reviews_in_work (queue=? AND status=?)",
    "people_at_work": "reviews_in_work (queue=? AND status=?)",
    "held_by": "reviews_held (claimed_by=?)",
    "count_held_by": "reviews_held (claimed_by=?)",
    "overdue_in_queue": "reviews_due (queue=? AND due_at<?)",
    "digest_overdue": "reviews_due (queue=? AND due_at<?)",
    "verdicts_missing_in_queue": "reviews_verdict_missing (queue=? AND due_at>? AND due_at<?)",
    "count_verdicts_missing_in_queue": "reviews_verdict_missing (queue=? AND due_at>? AND due_at<?)",
    "disagreeing_in_queue": "reviews_disagreeing_in_queue (queue=? AND status_since>?)",
    "digest_disagreements": "reviews_disagreeing_in_queue (queue=? AND status_since>?)",
}
"""The statements of the home tab and of `/reviews`, and how SQLite finds their rows."""


@pytest.mark.parametrize("name", FOUND_BY)
def test_sqlite_finds_the_work_by_index(
    partial_indexes: tuple[sqlite3.Connection, set[str]], name: str
) -> None:
    """Only rows of the person or the queue are read, however many reviews others have or had."""
    sql = _named("sqlite", "sqlite3")[name]
    plan = partial_indexes[0].execute(f"EXPLAIN QUERY PLAN {sql}", _values(sql, r"(?<!:):(\w+)"))
    first = next(step for *_, step in plan if step.startswith(("SEARCH", "SCAN")))
    assert FOUND_BY[name] in first


def test_postgres_finds_the_work_by_index(postgres: PostgresServer) -> None:
    """By the same indexes; PostgreSQL weighs them, so here only the ones for its few rows must be among them."""
    with postgres.database() as url, psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(PAST.format(rows=5_000).encode())
        connection.execute("SET enable_seqscan = off")
        cursor = connection.cursor(row_factory=tuple_row)
        found = {}
        for name in FOUND_BY:
            sql = _named("postgres", "psycopg")[name]
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}".encode(), _values(sql, r"%\((\w+)\)s"))
            ((plan,),) = cursor.fetchall()
            nodes = list(_nodes(plan[0]["Plan"]))
            found[name] = {node["Index Name"] for node in nodes if "Index Name" in node}
    whole = {"reviews_pkey", "reviews_session_id_key", OPENED}
    assert {name: indexes & whole for name, indexes in found.items() if indexes & whole} == {}
    assert found["review_of_message"] == {CARDS}


OF_A_SUBJECT = {"review_on_card": 2, "reviews_of_subject": 1}
"""Statements about the earlier reviews of a subject, and how often they look into the index."""


@pytest.mark.parametrize("name", OF_A_SUBJECT)
def test_sqlite_finds_the_reviews_of_a_subject_by_index(
    partial_indexes: tuple[sqlite3.Connection, set[str]], name: str
) -> None:
    """By subject, type and time: five million closed reviews of others are not touched, and nothing is sorted."""
    sql = _named("sqlite", "sqlite3")[name]
    plan = partial_indexes[0].execute(f"EXPLAIN QUERY PLAN {sql}", _values(sql, r"(?<!:):(\w+)"))
    steps = [step for *_, step in plan]
    found = [step for step in steps if OPENED in step]
    assert len(found) == OF_A_SUBJECT[name]
    assert all("(subject_id=? AND entity_type=? AND " in step and "opened_at" in step for step in found)
    assert not [step for step in steps if "TEMP B-TREE" in step]


@pytest.mark.parametrize("name", OF_A_SUBJECT)
def test_postgres_finds_the_reviews_of_a_subject_by_index(postgres: PostgresServer, name: str) -> None:
    """Likewise, with the whole condition in the index."""
    with postgres.database() as url, psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(PAST.format(rows=5_000).encode())
        sql = _named("postgres", "psycopg")[name]
        cursor = connection.cursor(row_factory=tuple_row)
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}".encode(), _values(sql, r"%\((\w+)\)s"))
        ((plan,),) = cursor.fetchall()
    nodes = list(_nodes(plan[0]["Plan"]))
    conditions = [node["Index Cond"] for node in nodes if node.get("Index Name") == OPENED]
    assert len(conditions) == OF_A_SUBJECT[name]
    assert all(word in each for each in conditions for word in ("subject_id", "entity_type", "opened_at"))
    assert not [node for node in nodes if node["Node Type"] in ("Sort", "Seq Scan")]
