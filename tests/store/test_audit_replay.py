"""The tables against the record: what anyone changes in them behind the bot's back is found, with the place."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.reviews.audit.entry import Keys, canonical
from bot.reviews.policy import Decision
from bot.reviews.review import Action, SessionState
from bot.store.store import open_store, reading
from bot.store.tables import audit_trail, legal_holds
from bot.store.tables.audit_replay import Comparison, compare
from bot.store.tables.legal_holds import PlaceHold
from tests.support.store import RULES, act, propose, receive, verdict
from tests.support.tamper import TRIGGERS, tamper, write

KEYS = Keys(["key"])
EVENT = "INSERT INTO events (event_id, type, session_id, occurred_at, received_at)"


async def _record(database_url: str, keys: Keys = KEYS) -> None:
    """Sessions in every status, one of them reopened, one on hold, and a stale event."""
    async with open_store(database_url, 1, lambda: None, keys, RULES) as store:
        for session in ("open", "claimed", "proposed", "decided", "reopened", "closed", "unconfirmed"):
            await receive(store, session, 1_000)
        await act(store, "claimed", "UANA", Action.CLAIM)
        await act(store, "claimed", "ULEA", Action.REASSIGN, target="UBEN")
        await act(store, "claimed", "UBEN", Action.ESCALATE)
        for session in ("proposed", "decided", "closed", "unconfirmed"):
            await propose(store, session, "UANA")
        for session in ("decided", "closed"):
            await act(store, session, "UBEN", Action.CONFIRM, 3_000)
        await act(store, "reopened", "UANA", Action.CLAIM)
        decision = Decision("approve", "fine", "A note.")
        await act(store, "reopened", "UANA", Action.RESOLVE, decision=decision)
        await act(store, "reopened", "UBEN", Action.REOPEN, 4_000)
        await verdict(store, "closed", 5_000, SessionState.REJECTED)
        await verdict(store, "unconfirmed", 5_000, SessionState.REJECTED)
        await receive(store, "closed", 500)
        await store.write(legal_holds.place, (PlaceHold("closed", "a complaint", "Ines"), 6_000))


@pytest.fixture
async def recorded(database_url: str) -> str:
    """The URL of a database whose record is keyed; no server runs."""
    await _record(database_url)
    return database_url


async def _differences(database_url: str, keys: Keys = KEYS) -> list[str]:
    """What verifying says: the one finding in the chain or else every difference."""
    async with reading(database_url) as connection:
        finding, check = await audit_trail.verify(connection, keys, None, lambda _done: None)
        if finding is not None:
            return [f"entry {finding.id}: {finding.problem}"]
        found = compare(connection, check.purged_before, Comparison(), lambda _done: None)
        return [str(difference) async for difference in found]


async def test_untouched_tables_are_as_the_record_says(recorded: str) -> None:
    """Whatever happened to their reviews."""
    assert await _differences(recorded) == []


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("outcome = 'approve'", "session decided: outcome: recorded reject, found approve"),
        ("decided_by = 'UEVE'", "session decided: decided_by: recorded UANA, found UEVE"),
        ("confirmed_by = 'UEVE'", "session decided: confirmed_by: recorded UBEN, found UEVE"),
        ("confirmed_at = 1", "session decided: confirmed_at: recorded 3000, found 1"),
        ("note = 'x'", "session decided: note: recorded nothing, found x"),
        ("status = 'closed'", "session decided: status: recorded decided, found closed"),
        (
            "session_state = 'VERIFIED'",
            "session decided: session_state: recorded REVIEW, found VERIFIED",
        ),
        ("claimed_by = 'UEVE'", "session decided: claimed_by: recorded UANA, found UEVE"),
        ("opened_at = 7", "session decided: opened_at: recorded 1000, found 7"),
        ("subject_id = 'x'", "session decided: subject_id: recorded subject, found x"),
        ("queue = 'related-party'", "session decided: queue: recorded user, found related-party"),
        ("checks = '[[1]]'", "session decided: checks: recorded [], found [[1]]"),
        ("disagreement = 'x'", "session decided: disagreement: recorded nothing, found x"),
        ("version = 1", "session decided: version: recorded 4, found 1"),
        (
            "session_event_at = 9000000",
            "session decided: session_event_at: recorded 1000, found 9000000",
        ),
    ],
)
async def test_a_changed_review_is_found(recorded: str, change: str, difference: str) -> None:
    """The session, the field, what the record says and what stands there."""
    tamper(recorded, f"UPDATE reviews SET {change} WHERE session_id = 'decided'")  # noqa: S608 - a test's own
    assert await _differences(recorded) == [difference]


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        (
            "DELETE FROM events WHERE event_id = 'event-open-1000'",
            "session open: event: recorded event-open-1000, found nothing",
        ),
        (
            f"{EVENT} VALUES ('forged', 'kyc_session_verified', 'open', 9000, 9000)",
            "session open: event: recorded nothing, found forged",
        ),
        (
            f"{EVENT} VALUES ('forged', 'kyc_session_manual_review', 'to-come', 9000, 9000)",
            "session to-come: event: recorded nothing, found forged",
        ),
        (
            "UPDATE reviews SET earlier_decision = NULL WHERE session_id = 'reopened'",
            "session reopened: earlier_decision: recorded",
        ),
        (
            "UPDATE reviews SET unconfirmed = NOT unconfirmed WHERE session_id = 'unconfirmed'",
            "session unconfirmed: unconfirmed: recorded True, found",
        ),
        (
            "UPDATE reviews SET escalated_by = NULL WHERE session_id = 'claimed'",
            "session claimed: escalated_by: recorded UBEN, found nothing",
        ),
        ("DELETE FROM holds", "session closed: hold_reason: recorded a complaint, found nothing"),
    ],
)
async def test_what_was_added_or_removed_is_found(recorded: str, statement: str, difference: str) -> None:
    """Events, legal holds and earlier decisions."""
    tamper(recorded, statement)
    assert (await _differences(recorded))[0].startswith(difference)


async def test_an_emptied_record_beside_its_reviews_is_found(recorded: str) -> None:
    """With its head in place, reset, or removed."""
    tamper(recorded, "DELETE FROM audit")
    assert "entry 1: the end is cut off" in (await _differences(recorded))[0]
    tamper(recorded, "UPDATE audit_head SET id = 0, seal = ''")
    assert len(await _differences(recorded)) == 7
    tamper(recorded, "DELETE FROM audit_head")
    assert await _differences(recorded) == ["entry 1: the head of the record was removed from audit_head"]


async def test_a_removed_review_is_found(recorded: str) -> None:
    """Its entries are still there, and say so."""
    references = ("timers", "lookups", "deliveries", "holds")
    clear = [f"DELETE FROM {table} WHERE review_id IS NOT NULL" for table in references]  # noqa: S608 - a test's own
    if recorded.startswith("sqlite"):
        tamper(recorded, *clear, "DELETE FROM reviews WHERE session_id = 'open'")
    else:
        drop = "ALTER TABLE audit DROP CONSTRAINT audit_review_id_fkey"
        tamper(recorded, *clear, drop, "DELETE FROM reviews WHERE session_id = 'open'")
    assert "its review, number 1, is missing: removed" in (await _differences(recorded))[0]


TABLES = ("audit_texts", "audit", "audit_head", "reviews", "events", "holds", "audit_purged")
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.binary(max_size=8),
    st.sampled_from(
        ["{}", "[]", "[[1, 2]]", "begin_chain", "purge", "change_key", "receive", "9" * 30, "\x00"]
    ),
)


@pytest.mark.parametrize("value", ["x'00'", "1.5", "'x'", "-9223372036854775808"])
@pytest.mark.parametrize("column", ["review_id", "sequence", "seal", "at"])
async def test_an_entry_of_impossible_values_is_named(tmp_path: Path, column: str, value: str) -> None:
    """SQLite takes them in any column."""
    recorded = f"sqlite:///{tmp_path / 'reviews.db'}"
    await _record(recorded)
    tamper(recorded, f"UPDATE audit SET {column} = {value} WHERE id = 9")  # noqa: S608 - a test's own
    assert (await _differences(recorded))[0].startswith("entry 9: ")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    """A SQLite database with a plain record, and a purge that removed some of it, in memory."""
    path = tmp_path_factory.mktemp("original") / "reviews.db"
    asyncio.run(_record(f"sqlite:///{path}", Keys()))
    write(
        f"sqlite:///{path}",
        "INSERT INTO audit_purged (last, first, last_seal, purge) VALUES (900, 900, 'sha256:00', 901)",
    )
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    with sqlite3.connect(path) as source:
        source.backup(kept)
    return kept


@given(data=st.data())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_verifying_ends_with_a_place_or_a_verdict(
    original: sqlite3.Connection, tmp_path: Path, data: st.DataObject
) -> None:
    """Whatever stands in any column of any table, in any type that SQLite takes, resealed or not."""
    path = tmp_path / "tampered.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as tampered:
        original.backup(tampered)
        tampered.execute("PRAGMA ignore_check_constraints = ON")
        for trigger in TRIGGERS:
            tampered.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        table = data.draw(st.sampled_from(TABLES))
        columns = [row[1] for row in tampered.execute(f"PRAGMA table_info({table})")]
        column, value = data.draw(st.sampled_from(columns)), data.draw(VALUES)
        as_text = isinstance(value, bytes) and data.draw(st.booleans())
        place = "CAST(? AS TEXT)" if as_text else "?"
        row_ids = [row[0] for row in tampered.execute(f"SELECT rowid FROM {table}")]  # noqa: S608
        change = f"UPDATE OR REPLACE {table} SET {column} = {place} WHERE rowid = ?"  # noqa: S608
        try:
            tampered.execute(change, (value, data.draw(st.sampled_from(row_ids))))
        except (sqlite3.IntegrityError, sqlite3.OperationalError):
            return  # NOT NULL, or a number for a row id: SQLite itself refuses
        if data.draw(st.booleans()):
            _reseal(tampered)
    tampered.close()
    for line in await _differences(f"sqlite:///{path}", Keys()):
        assert line


def _reseal(connection: sqlite3.Connection) -> None:
    """Make all plain seals fit again, as anyone who can write the database is able to."""
    connection.row_factory = sqlite3.Row
    previous = ""
    ends: dict[int | None, str] = {}
    query = """
        SELECT a.*, r.session_id FROM audit AS a LEFT JOIN sealed_reviews AS r ON r.id = a.review_id ORDER BY a.id
    """
    try:
        entries = connection.execute(query).fetchall()
        for row in entries:
            seal = Keys().seal(canonical(dict(row), previous, ends.get(row["review_id"], "")))
            previous, ends[row["review_id"]] = seal, seal if row["review_id"] is not None else ""
            connection.execute("UPDATE audit SET seal = ? WHERE id = ?", (seal, row["id"]))
        connection.execute("UPDATE audit_head SET seal = ?, id = ?", (previous, entries[-1]["id"]))
    except (TypeError, sqlite3.Error):
        pass  # not even the forger can read it
