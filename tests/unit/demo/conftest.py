"""A simulator on a real socket, Slack's own client for it, and a stub in the bot's place."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.server import SimulatorConfig, create_simulator

BotRequest = tuple[str, dict[str, str], bytes]


async def _listen(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app)
    await runner.setup()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    return runner, f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def bot_requests() -> list[BotRequest]:
    """Return what the stub bot was sent: path, headers (lower case), raw body."""
    return []


@pytest.fixture
def bot_answers() -> dict[str, Callable[[], Awaitable[web.Response]]]:
    """Return how the stub bot answers, by path; 200 with an empty body where nothing is said."""
    return {}


@pytest.fixture
async def bot_url(
    bot_requests: list[BotRequest], bot_answers: dict[str, Callable[[], Awaitable[web.Response]]]
) -> AsyncIterator[str]:
    """Start the stub bot."""

    async def answer(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        bot_requests.append((request.path, headers, await request.read()))
        make_answer = bot_answers.get(request.path)
        return await make_answer() if make_answer else web.Response()

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    runner, url = await _listen(app)
    yield url
    await runner.cleanup()


@pytest.fixture
def config(bot_url: str) -> SimulatorConfig:
    """Return a configuration without noticeable limits."""
    return SimulatorConfig(bot_url, "signing-secret", "xoxb-local", "webhook-secret", 10_000.0, 10_000)


@pytest.fixture
async def start(bot_url: str) -> AsyncIterator[Callable[[SimulatorConfig], Awaitable[str]]]:
    """Return a function that starts a simulator and returns its address."""
    del bot_url  # the bot outlives the simulators
    runners: list[web.AppRunner] = []

    async def start_one(config: SimulatorConfig) -> str:
        runner, url = await _listen(create_simulator(config))
        runners.append(runner)
        return url

    yield start_one
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def url(start: Callable[[SimulatorConfig], Awaitable[str]], config: SimulatorConfig) -> str:
    """Return the address of a running simulator."""
    return await start(config)


@pytest.fixture
async def control(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session for the control API."""
    async with aiohttp.ClientSession(f"{url}/_control/") as session:
        yield session


@pytest.fixture
async def slack(url: str) -> AsyncIterator[AsyncWebClient]:
    """Return Slack's client with the bot's token."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient("xoxb-local", base_url=f"{url}/api/", session=session, retry_handlers=[])
