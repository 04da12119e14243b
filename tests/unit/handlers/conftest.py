"""An open store on SQLite, without the rest of the bot."""

from collections.abc import AsyncIterator

import pytest

from bot.store.store import Store, open_store


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[Store]:
    """An open store."""
    async with open_store(sqlite_url, 1, lambda: None) as opened:
        yield opened
