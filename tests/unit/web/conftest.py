"""A server of the bot with other routes, for the tests of its parts."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from bot.clock import system_clock
from bot.slack.api.client import SlackClient, open_slack_client
from bot.store.store import Store, open_store
from bot.web.server import Server

Observed = list[tuple[str, float]]
Serve = Callable[..., Awaitable[int]]


@pytest.fixture
def observed() -> Observed:
    """The path and the seconds of each answer so far."""
    return []


@pytest.fixture
async def serve(observed: Observed) -> AsyncIterator[Serve]:
    """Start a server with these routes; it returns the port."""
    servers: list[Server] = []

    async def start(*routes: web.RouteDef) -> int:
        servers.append(Server(routes, lambda path, took_s: observed.append((path, took_s))))
        return await servers[-1].start("127.0.0.1", 0)

    yield start
    for server in servers:
        await server.drain()


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[Store]:
    """A SQLite database, open for serving."""
    async with open_store(sqlite_url, 1_000, lambda: None) as opened:
        yield opened


@pytest.fixture
async def slack_client() -> AsyncIterator[SlackClient]:
    """A client of a Slack that is out of reach."""
    async with open_slack_client("http://127.0.0.1:9/api/", "xoxb-made-up", 1.0, system_clock) as client:
        yield client
