"""A server of the bot with other routes, for the tests of its parts."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

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
