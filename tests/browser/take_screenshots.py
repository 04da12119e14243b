"""Takes the pictures of the documentation: `python -m tests.browser.take_screenshots`, from the project's root."""

import asyncio
import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.async_api import Browser, expect

from bot.cli.demo import running_demo
from bot.logs import configure_logging
from tests.browser.chromium import running_chromium
from tests.browser.window import ANA, BEN, CHLOE, DESKTOP, RELATED_PARTY_CHANNEL, Window, open_window

DOCS = Path(__file__).parents[2] / "docs"
TALL, TALLER = (1280, 1000), (1280, 1420)
PHONE = (390, 844)
REVIEWS = 4


async def take_screenshots(folder: Path) -> None:
    """Play the scene once and look at it from several sides."""
    async with running_chromium() as browser:
        with tempfile.TemporaryDirectory() as data:
            async with running_demo(0, Path(data)) as address:
                await _play(await open_window(browser, address))
                await _take_form(browser, address, folder / "resolve.png")
                await _take_home(browser, address, BEN, folder / "home.png")
                await _take_home(browser, address, CHLOE, folder / "home-lead.png")
                await _take_phone(browser, address, folder / "phone.png")
                await _take_channel(browser, address, folder / "demo.png")


async def _play(window: Window) -> None:
    """One review is unclaimed, Ana decided one, proposed to reject one and claimed one; related parties wait."""
    await window.act_as(ANA)
    for number in range(1, REVIEWS + 1):
        await window.send("user")
        await expect(window.messages).to_have_count(number)
    for _ in range(2):
        await window.send("related-party")
    await expect(window.link(RELATED_PARTY_CHANNEL)).to_contain_text("2 unread")
    for number in range(REVIEWS):
        # Checks that Ralio's API reports after a proposal would withdraw it.
        await expect(window.messages.nth(number)).to_contain_text("❌")
    for number in range(1, REVIEWS):
        card = window.messages.nth(number)
        await card.get_by_role("button", name="Claim").click()
        await expect(card).to_contain_text("Claimed by @Ana Ruiz")
    approved, proposed = window.messages.nth(1), window.messages.nth(2)
    await approved.get_by_role("button", name="Resolve").click()
    await window.form.get_by_label("Outcome").select_option(label="Approve")
    await window.form.get_by_role("button", name="Resolve").click()
    await expect(approved).to_contain_text("Next: approve")
    await proposed.get_by_role("button", name="Resolve").click()
    await _fill_in(window)
    await window.form.get_by_role("button", name="Resolve").click()
    await expect(proposed).to_contain_text("@Ana Ruiz proposed")


async def _fill_in(window: Window) -> None:
    await window.form.get_by_label("Outcome").select_option(label="Reject")
    await expect(window.form.get_by_label("Reason")).to_have_attribute("aria-required", "true")
    await window.form.get_by_label("Reason").select_option(label="Document unreadable")
    await window.form.locator("textarea").fill("The picture page is cut off.")


async def _take_channel(browser: Browser, address: str, file: Path) -> None:
    window = await open_window(browser, address, TALLER)
    await window.act_as(BEN)
    await expect(window.messages.last.get_by_role("button", name="Resolve")).to_be_in_viewport()
    await _take(window, file)


async def _take_form(browser: Browser, address: str, file: Path) -> None:
    window = await open_window(browser, address, DESKTOP)
    await window.act_as(ANA)
    await window.press("Resolve")
    await _fill_in(window)
    await _take(window, file)


async def _take_phone(browser: Browser, address: str, file: Path) -> None:
    window = await open_window(browser, address, PHONE)
    await window.act_as(BEN)
    await expect(window.messages.last.get_by_role("button", name="History")).to_be_in_viewport()
    await _take(window, file)


async def _take_home(browser: Browser, address: str, person: str, file: Path) -> None:
    window = await open_window(browser, address, TALL)
    await window.act_as(person)
    await window.open_home()
    await expect(window.home).to_contain_text("Unclaimed")
    await _take(window, file)


async def _take(window: Window, file: Path) -> None:
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
