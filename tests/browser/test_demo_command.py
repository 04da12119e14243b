"""`python -m bot demo` as somebody runs it who has just cloned the project."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.window import open_window
from tests.support.process import ROOT

START_LIMIT_S = 15
STOP_LIMIT_S = 10

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def _ctrl_c_works() -> Iterator[None]:
    """A test run in the background ignores Ctrl-C, and so would every process that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest_asyncio.fixture(loop_scope="session")
async def command(_ctrl_c_works: None, tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real process, with none of the settings that a server needs."""
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "bot", "demo", "--no-browser", "--port", "0"],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
    )
    yield process
    if process.returncode is None:
        process.kill()
        await process.communicate()


def _left_behind(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_the_demo_prints_one_address_and_stops_at_ctrl_c(
    command: asyncio.subprocess.Process, browser: Browser, tmp_path: Path
) -> None:
    """The address opens the page, a card arrives there; Ctrl-C ends it soon, quietly and without a trace."""
    assert command.stdout is not None
    first_line = (await asyncio.wait_for(command.stdout.readline(), START_LIMIT_S)).decode()
    (address,) = re.findall(r"http://127\.0\.0\.1:\d+", first_line)
    window = await open_window(browser, address)
    await window.send("user")
    await expect(window.messages).to_contain_text("User review #")

    command.send_signal(signal.SIGINT)
    rest, _ = await asyncio.wait_for(command.communicate(), STOP_LIMIT_S)
    assert rest.decode() == "Stopped. The demo's data is gone.\n"
    assert command.returncode == 0
    assert _left_behind(tmp_path) == []
    await window.page.context.close()
