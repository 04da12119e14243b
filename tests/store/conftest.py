"""An open store without the rest of the bot."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.store import Store, open_store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the database goes."""
    return tmp_path / "reviews.db"


@pytest.fixture
async def store(database: Path) -> AsyncIterator[Store]:
    """An open store."""
    async with open_store(database, 1, lambda: None) as opened:
        yield opened
