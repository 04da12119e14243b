"""A database from before ids had one spelling: sessions keep their record, and occurrences are known again."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.handlers import ralio_event
from bot.handlers.ralio_event import Receipt
from bot.reviews.audit.entry import Keys, canonical
from bot.reviews.ids import canonical_id
from bot.reviews.review import EntityType, SessionEvent, SessionState
from bot.store.engine import postgres, sqlite
from bot.store.engine.migrate import migrations
from bot.store.engine.transaction import Reading
from bot.store.store import Store, open_store
from bot.store.tables import audit_trail, cases
from tests.support.postgres import PostgresServer
from tests.support.store import rows
from tests.support.tamper import tamper, write

NOW = 1_800_000_000_000
REVIEW = "kyc_session_manual_review"
UPPER, BARE, URN, TWICE, PINNED = (f"{number}b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10" for number in range(5))
SPELLED = {
    UPPER: UPPER.upper(),
    BARE: BARE.replace("-", ""),
    URN: f"URN:UUID:{URN}",
    PINNED: PINNED[:8] + PINNED[9:],
}
OPAQUE = ["Session-1", "s" * 36, f"catch-up:{UPPER.upper()}:7", UPPER.replace("-", "_"), "ABCDEF" * 6]


def _older_scripts(database: str, words: Mapping[str, str]) -> list[str]:
    """The migrations before this one."""
    scripts = [file.read_text(encoding="utf-8") for version, file in migrations(database) if version < 6]
    for name, word in words.items():
        scripts = [script.replace(f"{{{name}}}", word) for script in scripts]
    columns = "version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL"
    return [
        *scripts,
        f"CREATE TABLE schema_versions ({columns})",
        "INSERT INTO schema_versions VALUES (5, 'older', 1)",
    ]


def _insert(table: str, **values: object) -> str:
    shown = ("NULL" if value is None else f"'{value}'" for value in values.values())
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(shown)})"  # noqa: S608 - our own words


def _event(event_id: str, session_id: str, at: int = NOW, received_at: int = NOW) -> str:
    return _insert(
        "events",
        event_id=event_id,
        type=REVIEW,
        session_id=session_id,
        occurred_at=at,
        received_at=received_at,
    )


def _review(session_id: str, event_id: str, status: str = "open", **more: object) -> str:
    values = {
        "session_id": session_id,
        "entity_type": "user",
        "subject_id": session_id,
        "queue": "user",
        "checks": "[]",
        "session_state": "REVIEW",
        "session_event_at": NOW,
        "session_event_id": event_id,
        "status": status,
        "opened_at": NOW,
        "version": 1,
    }
    return _insert("reviews", **(values | more))


def _sealed_entry() -> list[str]:
    """An entry of the first review, sealed with the session's id as it was spelled."""
    row: dict[str, Any] = {
        "id": 1,
        "session_id": SPELLED[UPPER],
        "sequence": 1,
        "at": NOW,
        "actor": "ralio",
        "action": "receive",
        "from_status": None,
        "to_status": "open",
        "version": 1,
        "refused": None,
        "detail": "{}",
    }
    seal = Keys().seal(canonical(row, "", ""))
    stored = {name: value for name, value in row.items() if name != "session_id"} | {
        "review_id": 1,
        "seal": seal,
    }
    return [_insert("audit", **stored), f"UPDATE audit_head SET id = 1, seal = '{seal}'"]  # noqa: S608


CARD = {
    "kind": "card",
    "lane": "update",
    "urgency": 1,
    "channel": "C1",
    "arguments": "{}",
    "message_ts": "1.1",
    "wanted_version": 1,
    "shown_version": 1,
    "wanted_at": 1,
    "due_at": 1,
    "attempts": 0,
}

STORED = [
    _event(SPELLED[UPPER], SPELLED[UPPER]),
    _event("repeat-of-the-first", UPPER),
    _event(UPPER, "another", NOW + 1),
    _event("twice-1", TWICE),
    _event("twice-2", TWICE.upper(), NOW + 1),
    _event(SPELLED[PINNED], SPELLED[PINNED], NOW + 86_400_000),
    *(_event(f"opaque-{number}", session) for number, session in enumerate(OPAQUE)),
    _review(SPELLED[UPPER], SPELLED[UPPER]),
    _review(SPELLED[BARE], "e-bare", "decided"),
    _review(SPELLED[URN], "e-urn", "closed", session_state="VERIFIED"),
    _review(TWICE, "twice-1", "decided"),
    _review(TWICE.upper(), "twice-2", session_event_at=NOW + 1),
    _review(
        TWICE.replace("-", ""),
        "e",
        "closed",
        session_state="EXPIRED",
        opened_at=None,
        session_event_at=NOW + 2,
    ),
    _review(SPELLED[PINNED], SPELLED[PINNED], session_event_at=NOW + 86_400_000),
    *(_review(session, f"opaque-{number}") for number, session in enumerate(OPAQUE)),
    *(_insert("deliveries", review_id=review, **CARD) for review in range(1, 6)),
]


@pytest.fixture(params=["sqlite", "postgres"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with schema 5 and these rows."""
    if request.param == "sqlite":
        connection = sqlite3.connect(tmp_path / "reviews.db")
        for script in _older_scripts("sqlite", sqlite.WORDS):
            connection.executescript(script)
        connection.close()
        write(f"sqlite:///{tmp_path / 'reviews.db'}", *STORED, *_sealed_entry())
        yield f"sqlite:///{tmp_path / 'reviews.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.empty_database() as url:
        write(url, *_older_scripts("postgres", postgres.WORDS), *STORED, *_sealed_entry())
        yield url


async def _sound(store: Store) -> bool:
    verify = await store.read(lambda reading: audit_trail.verify(reading, Keys(), None, lambda _done: None))
    return verify[0] is None


async def test_stored_ids_get_one_spelling_and_nothing_is_lost(older: str) -> None:
    """As `canonical_id` spells them; where two spellings made two reviews, both stay."""
    async with open_store(older, NOW, lambda: None) as store:
        found = await rows(
            store, "SELECT id, session_id, sealed_as, subject_id, status FROM reviews ORDER BY id"
        )
        assert [(row["id"], row["session_id"], row["sealed_as"]) for row in found] == [
            (1, UPPER, SPELLED[UPPER]),
            (2, BARE, SPELLED[BARE]),
            (3, URN, SPELLED[URN]),
            (4, f"{TWICE}:4", TWICE),
            (5, TWICE, TWICE.upper()),
            (6, f"{TWICE}:6", TWICE.replace("-", "")),
            (7, PINNED, SPELLED[PINNED]),
            *((8 + number, session, None) for number, session in enumerate(OPAQUE)),
        ]
        assert [row["subject_id"] for row in found] == [
            *(UPPER, BARE, URN, TWICE, TWICE, TWICE, PINNED),
            *OPAQUE,
        ]
        assert all(canonical_id(row["session_id"]) == row["session_id"] for row in found)
        events = await rows(store, "SELECT event_id, session_id, same_as FROM events ORDER BY id")
        assert [(row["event_id"], row["session_id"], row["same_as"]) for row in events[:6]] == [
            (SPELLED[UPPER], UPPER, None),
            ("repeat-of-the-first", UPPER, 1),
            (UPPER, "another", None),
            ("twice-1", TWICE, None),
            ("twice-2", TWICE, None),
            (PINNED, PINNED, None),
        ]
        again = await rows(
            store, "SELECT review_id FROM deliveries WHERE shown_version < wanted_version ORDER BY id"
        )
        assert [row["review_id"] for row in again] == [1, 2, 4, 5]


async def test_the_record_stays_sound_under_the_new_spelling(older: str) -> None:
    """What was sealed under the old spelling still fits, new entries too; a session's id is no less protected."""
    verdict = SessionEvent(
        "verdict", NOW + 1, UPPER, SessionState.VERIFIED, type="kyc_session_verified", received_at=NOW + 1
    )
    async with open_store(older, NOW, lambda: None) as store:
        assert await store.write_batched(ralio_event.receive, verdict) is Receipt.RECORDED
        assert await _sound(store)

        async def case(reading: Reading) -> cases.Case | None:
            return await cases.case(reading, Keys(), UPPER)

        found = await store.read(case)
        assert found is not None
        assert [entry.row["action"] for entry in found.entries] == ["receive", "close"]
        assert found.unbroken
    tamper(older, f"UPDATE reviews SET session_id = '{URN}x' WHERE id = 1")  # noqa: S608 - our own words
    async with open_store(older, NOW, lambda: None) as store:
        assert not await _sound(store)


async def test_what_is_stored_is_known_again(older: str) -> None:
    """By its id in any spelling and by its occurrence; a future time pins no session any more."""
    event = SessionEvent(
        "x", NOW, UPPER, SessionState.REVIEW, entity_type=EntityType.USER, type=REVIEW, received_at=NOW + 1
    )
    verdict = SessionEvent(
        "v",
        NOW + 400_000,
        PINNED,
        SessionState.REJECTED,
        type="kyc_session_failed",
        received_at=NOW + 400_000,
    )
    async with open_store(older, NOW, lambda: None) as store:
        assert await store.write_batched(ralio_event.receive, event) is Receipt.DUPLICATE
        assert await store.write_batched(ralio_event.receive, verdict) is Receipt.RECORDED
        (pinned,) = await rows(store, "SELECT status FROM reviews WHERE id = 7")
        assert pinned["status"] == "closed"
