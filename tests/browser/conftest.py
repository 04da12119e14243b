"""One Chromium for all stories; a demo of its own for each."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot.cli.demo import running_demo
from tests.browser.chromium import NoChromiumError, running_chromium
from tests.browser.window import DESKTOP, Window, open_window


@dataclass
class Demo:
    """A running demo; `window` is open, more can be opened."""

    address: str
    browser: Browser
    windows: list[Window] = field(default_factory=list)

    @property
    def window(self) -> Window:
        """The first window."""
        return self.windows[0]

    async def open_window(self, size: tuple[int, int] = DESKTOP) -> Window:
        """Another person's screen."""
        self.windows.append(await open_window(self.browser, self.address, size))
        return self.windows[-1]

    async def close(self) -> None:
        """Close every window; AssertionError when anything went wrong in one of them."""
        problems = [problem for window in self.windows for problem in window.problems]
        for window in self.windows:
            await window.page.context.close()
        assert not problems, "\n".join(problems)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; without one the stories are skipped here and fail where CI promises one."""
    try:
        async with running_chromium() as chromium:
            yield chromium
    except NoChromiumError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest_asyncio.fixture(loop_scope="session")
async def demo(browser: Browser, tmp_path: Path) -> AsyncIterator[Demo]:
    """The whole bot beside a local Slack, and the page open in one window."""
    async with running_demo(0, tmp_path) as address:
        running = Demo(address, browser)
        await running.open_window()
        yield running
        await running.close()


@pytest.fixture
def window(demo: Demo) -> Window:
    """The demo's first window."""
    return demo.window
