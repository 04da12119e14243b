"""What `check` says about the outbound proxy."""

import pytest

from bot.cli.check.line import State
from bot.cli.check.proxy import OF_THE_ENVIRONMENT, proxy_line
from bot.outbound import OutboundProxy
from tests.support.outbound_proxy import running_proxy
from tests.support.process import free_port


@pytest.fixture(autouse=True)
def _no_proxy_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OF_THE_ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


async def test_a_proxy_that_takes_connections() -> None:
    """Its credentials are not shown."""
    async with running_proxy({}) as proxy:
        line = await proxy_line(OutboundProxy.parse(f"http://bot:hunter2@{proxy.address}"))
    assert line is not None
    assert (line.state, line.message) == (State.PASSED, f"all calls go through http://{proxy.address}")


@pytest.mark.parametrize("host", ["127.0.0.1", "proxy.invalid"])
async def test_a_proxy_that_is_not_there(host: str) -> None:
    """Nothing else could be checked."""
    address = f"{host}:{free_port()}"
    line = await proxy_line(OutboundProxy.parse(f"http://bot:hunter2@{address}"))
    assert line is not None
    assert (line.state, line.message) == (State.FAILED, f"http://{address} doesn't accept connections")
    assert line.advice == "check OUTBOUND_PROXY, and that this machine can reach it"


async def test_a_proxy_of_the_environment_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was probably meant; without one there is nothing to say."""
    assert await proxy_line(None) is None
    monkeypatch.setenv("HTTPS_PROXY", "http://bot:hunter2@10.0.0.1:3128")
    line = await proxy_line(None)
    assert line is not None
    assert (line.state, line.message) == (
        State.WARNED,
        "HTTPS_PROXY has no effect: calls go out directly",
    )
    assert line.advice == "if calls need to go through a proxy, set OUTBOUND_PROXY"
