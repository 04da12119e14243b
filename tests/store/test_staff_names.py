"""What people are called goes on record once per change, and goes with the last entry that needs it."""

from collections.abc import AsyncIterator, Mapping

import pytest

from bot.handlers.retention import Part, Purge, purge
from bot.reviews.audit.entry import Keys
from bot.reviews.review import Action, SessionState
from bot.store.engine.transaction import Reading, Transaction
from bot.store.store import Store, open_store
from bot.store.tables import audit_trail, staff_names
from tests.support.store import RULES, act, receive, verdict
from tests.support.tamper import write

KEYS = Keys(["key"])


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store whose record is keyed."""
    async with open_store(database_url, 1, lambda: None, KEYS, RULES) as opened:
        yield opened


async def _record(store: Store, names: Mapping[str, str], now: int) -> None:
    def record(transaction: Transaction, now: int) -> None:
        for _ in range(2):
            staff_names.record(transaction, names, now)

    await store.write(record, now)


async def _names(store: Store, person: str) -> list[tuple[str, int, bool]]:
    async def read(reading: Reading) -> list[tuple[str, int, bool]]:
        found = await staff_names.names_of(reading, KEYS, person)
        return [(each.name, each.at, each.sound) for each in found]

    return await store.read(read)


async def test_a_name_is_recorded_once_per_change(store: Store) -> None:
    """Also if it is looked up twice in one transaction, and if it becomes the former one again."""
    for now, name in ((1_000, "Ana Ruiz"), (2_000, "Ana Ruiz"), (3_000, "Ana Vega"), (4_000, "Ana Ruiz")):
        await _record(store, {"UANA": name, "UBEN": "Ben"}, now)
    assert await _names(store, "UANA") == [
        ("Ana Ruiz", 1_000, True),
        ("Ana Vega", 3_000, True),
        ("Ana Ruiz", 4_000, True),
    ]
    assert await _names(store, "UBEN") == [("Ben", 1_000, True)]


async def test_a_purge_removes_names_that_no_entry_needs(store: Store, database_url: str) -> None:
    """The name under which a person did something that stays on record stays, too; the record is sound after it."""
    for session, person in (("gone", "UANA"), ("stays", "UBEN")):
        await receive(store, session, 1_000)
        await _record(store, {person: f"{person} then"}, 1_500)
        await act(store, session, person, Action.CLAIM, 2_000)
    await verdict(store, "gone", 3_000, SessionState.VERIFIED)
    await _record(store, {"UBEN": "UBEN now"}, 9_000)
    write(database_url, "UPDATE deliveries SET shown_version = wanted_version")
    page: Purge | None = Purge(8_000, "operator")
    removed = dict.fromkeys(Part, 0)
    while page is not None:
        purged = await purge(store, page, 10_000)
        removed[purged.part] += purged.rows
        page = purged.then
    assert (removed[Part.REVIEWS], removed[Part.NAMES]) == (1, 1)
    assert await _names(store, "UANA") == []
    assert [name for name, _, _ in await _names(store, "UBEN")] == ["UBEN then", "UBEN now"]
    finding, _ = await store.read(lambda reading: audit_trail.verify(reading, KEYS, None, lambda _done: None))
    assert finding is None
    await _record(store, {"UANA": "UANA then"}, 11_000)
    assert [name for name, _, _ in await _names(store, "UANA")] == ["UANA then"]
