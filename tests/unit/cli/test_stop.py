"""A command that runs until it is stopped stops at the usual signals."""

import asyncio
import os
import signal

import pytest

from bot.cli.stop import stop_signal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_sets_the_event(number: signal.Signals) -> None:
    """SIGTERM comes from the host, SIGINT from Ctrl-C."""
    stop = stop_signal()
    assert not stop.is_set()
    os.kill(os.getpid(), number)
    await asyncio.wait_for(stop.wait(), 5)
    for handled in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(handled)
