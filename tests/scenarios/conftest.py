"""A local Slack and a running bot for every story."""

from collections.abc import AsyncIterator

import pytest

from tests.support.bot import Bot, running
from tests.support.slack import LocalSlack, running_slack


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """A local Slack."""
    async with running_slack() as running_local_slack:
        yield running_local_slack


@pytest.fixture
async def bot(database_url: str, slack: LocalSlack) -> AsyncIterator[Bot]:
    """A running bot."""
    async with running(database_url, slack) as running_bot:
        yield running_bot
