"""A read sees what was committed before it began, whatever else is being read at that time."""

import asyncio
import sqlite3
import time
from contextlib import closing

import pytest

from bot.store.store import Store
from bot.store.tables import audit_trail


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_read_beside_an_unfinished_one_is_as_fresh(store: Store, database_url: str) -> None:
    """The loop is busy between the two, so the rows of the first have not been taken yet."""
    first = asyncio.create_task(store.read(audit_trail.head))
    await asyncio.sleep(0)
    time.sleep(0.1)  # noqa: ASYNC251 - the loop is to be busy
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as other, other:
        other.execute("UPDATE audit_head SET id = 7")
    second = asyncio.create_task(store.read(audit_trail.head))
    assert (await first).id == 0
    assert (await second).id == 7
