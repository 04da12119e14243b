"""The Chromium of this machine: found without being told where, started so that it speaks to nobody but the page."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Playwright, async_playwright

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The shell first: a window of it takes a quarter of the processor time."""

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoChromiumError(Exception):
    """Neither a Chromium in PATH nor one of Playwright's own."""


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """Chromium without a window; NoChromiumError where there is none."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_program(playwright), args=_ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


def _program(playwright: Playwright) -> str:
    own = playwright.chromium.executable_path
    found = next(filter(None, map(shutil.which, _NAMES)), own if Path(own).exists() else None)
    if found is None:
        raise NoChromiumError(
            f"no Chromium: neither {', '.join(_NAMES)} in PATH nor `playwright install chromium`"
        )
    return found
