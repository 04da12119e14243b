"""A local Slack and a running bot for every story, which ends with nothing pending and nothing leased."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.bot import Bot, running, unsettled
from tests.support.slack import LocalSlack, running_slack

EXCEPTION = "leaves_undelivered"
OF_STORIES = "(unique_key IS NULL OR (unique_key NOT LIKE 'webhook:%' AND unique_key NOT LIKE 'audit_%'))"
"""Refused webhooks and the state of the record are reported in the background; a start sends what is still queued."""


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loop that `serve` runs on; it takes less CPU than asyncio's own."""
    try:
        import uvloop  # noqa: PLC0415 - not available on every platform
    except ImportError:
        return {"asyncio": asyncio.new_event_loop}
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def _nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Look at the story's database once everything has stopped; who leaves something there has to say why."""
    if "database_url" not in request.fixturenames:
        yield
        return
    url: str = request.getfixturevalue("database_url")
    yield
    was_made = not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()
    if was_made and request.node.get_closest_marker(EXCEPTION) is None:
        assert unsettled(url, OF_STORIES) == []


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """A local Slack."""
    async with running_slack() as running_local_slack:
        yield running_local_slack


@pytest.fixture
async def bot(request: pytest.FixtureRequest, database_url: str, slack: LocalSlack) -> AsyncIterator[Bot]:
    """A running bot, which is given the time to finish."""
    async with running(database_url, slack) as running_bot:
        yield running_bot
        if request.node.get_closest_marker(EXCEPTION) is None:
            await running_bot.settled()
