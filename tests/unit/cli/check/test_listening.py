"""What `check` says about HOST and PORT."""

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.cli.check.line import State
from bot.cli.check.listening import listening_line
from tests.support.process import free_port


@pytest.fixture
async def port_of_the_bot() -> AsyncIterator[int]:
    """Where something answers `/healthz` as the bot does."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    application = web.Application()
    application.router.add_get("/healthz", healthz)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("203.0.113.7", "HOST: this machine can't listen on 203.0.113.7"),
        ("no-such-host.invalid", "HOST: this machine can't resolve the host no-such-host.invalid"),
    ],
)
async def test_an_address_of_another_machine_fails(host: str, message: str) -> None:
    """The advice names addresses that work."""
    line = await listening_line(host, 8080)
    assert (line.check, line.state, message in line.message) == ("listening", State.FAILED, True)
    assert line.advice.startswith("set HOST to 0.0.0.0, 127.0.0.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::"])
async def test_a_free_port_passes(host: str) -> None:
    """Nothing listens there afterwards."""
    port = free_port()
    for _ in range(2):
        line = await listening_line(host, port)
        assert line.state is State.PASSED
        assert line.message.endswith(f":{port} is free")


async def test_the_running_bot_is_no_mistake(port_of_the_bot: int) -> None:
    """`check` is run beside it."""
    line = await listening_line("127.0.0.1", port_of_the_bot)
    assert (line.state, line.message) == (
        State.PASSED,
        f"127.0.0.1:{port_of_the_bot}: the bot is running there",
    )


async def test_another_program_on_the_port_fails() -> None:
    """One that does not answer as the bot does."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        other.settimeout(0)
        port = other.getsockname()[1]
        line = await listening_line("127.0.0.1", port)
    assert (line.state, line.message) == (State.FAILED, f"PORT: another program listens on 127.0.0.1:{port}")
