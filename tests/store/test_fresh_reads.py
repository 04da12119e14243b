"""A read sees what was committed before it began, whatever else is being read at that time."""

import asyncio

from bot.store.engine.transaction import Reading
from bot.store.store import Store
from bot.store.tables import audit_trail
from tests.support.store import receive


async def test_a_read_beside_an_unfinished_one_is_as_fresh(store: Store) -> None:
    """An unfinished statement shows the database as it was when it began, but only to itself."""
    for number in range(3):
        await receive(store, f"s-{number}", number + 1)
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def read_slowly(reading: Reading) -> int:
        async with reading.sql.all_events_cursor(reading.connection, after=0, page=100) as cursor:
            await cursor.fetchone()
            has_begun.set()
            await may_end.wait()
            return len(list(await cursor.fetchall()))

    slow = asyncio.create_task(store.read(read_slowly))
    await has_begun.wait()
    await receive(store, "new", 4)
    fresh = asyncio.create_task(store.read(audit_trail.head))
    await asyncio.wait([fresh], timeout=0.2)
    may_end.set()
    assert (await fresh).id == 4
    assert await slow == 2
