"""An open store without the rest of the bot."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.store import Store, open_store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a SQLite database goes."""
    return tmp_path / "reviews.db"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store on a database of each kind."""
    async with open_store(database_url, 1, lambda: None) as opened:
        yield opened
