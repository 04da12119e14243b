"""Takes the pictures of the README anew: `python -m tests.browser.take_screenshots`, from the project's root."""

import asyncio
import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.async_api import Browser, expect

from bot.commands.demo import running_demo
from bot.telemetry import configure_logging
from tests.browser.chromium import running_chromium
from tests.browser.window import ANA, BEN, DESKTOP, Window, open_window

DOCS = Path(__file__).parents[2] / "docs"


async def take_screenshots(folder: Path) -> None:
    """Play the scene once and look at it from three screens."""
    async with running_chromium() as browser:
        with tempfile.TemporaryDirectory() as data:
            async with running_demo(0, Path(data)) as address:
                await _play(await open_window(browser, address))
                await _take(browser, address, folder / "demo.png", DESKTOP)
                await _take(browser, address, folder / "demo-dark.png", DESKTOP, dark=True)
                await _take(browser, address, folder / "demo-phone.png", (390, 844))


async def _play(window: Window) -> None:
    """Ana claims the last of three reviews; Ben, who may not, tries to release it; related parties wait."""
    for number in range(1, 4):
        await window.send("user")
        await expect(window.messages).to_have_count(number)
    await window.send("related-party")
    await expect(window.unread).to_have_count(1)
    await window.act_as(ANA)
    await window.messages.last.get_by_role("button", name="Claim").click()
    await window.act_as(BEN)
    await window.press("Release")
    await expect(window.notes).to_have_count(1)


async def _take(
    browser: Browser, address: str, file: Path, size: tuple[int, int], *, dark: bool = False
) -> None:
    window = await open_window(browser, address, size, dark=dark)
    await window.act_as(BEN)
    await expect(window.notes).to_be_in_viewport()
    await window.page.mouse.move(0, 0)
    await window.page.screenshot(path=file)
    await window.page.context.close()
    _shrink(file)


def _shrink(file: Path) -> None:
    """To a third of the size, with 256 colours, where pngquant is installed."""
    if pngquant := shutil.which("pngquant"):
        subprocess.run([pngquant, "--force", "--strip", "--output", file, "256", "--", file], check=True)


if __name__ == "__main__":
    configure_logging("WARNING", "console")
    asyncio.run(take_screenshots(DOCS))
