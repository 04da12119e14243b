"""A local Slack and a running bot for every story."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.bot import Bot, running
from tests.support.slack import LocalSlack, running_slack


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the bot's database goes."""
    return tmp_path / "reviews.db"


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """A local Slack."""
    async with running_slack() as running_local_slack:
        yield running_local_slack


@pytest.fixture
async def bot(database: Path, slack: LocalSlack) -> AsyncIterator[Bot]:
    """A running bot."""
    async with running(database, slack) as running_bot:
        yield running_bot
