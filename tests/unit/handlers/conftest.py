"""An open store on SQLite, without the rest of the bot."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.store import Store, open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An open store."""
    async with open_store(f"sqlite:///{tmp_path / 'reviews.db'}", 1, lambda: None) as opened:
        yield opened
