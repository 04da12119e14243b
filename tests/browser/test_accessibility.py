"""What axe-core finds on the demo page: nothing serious, on a screen and on a phone, in light and dark."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Demo
from tests.browser.window import ANA, CHLOE, PHONE, Window
from tests.support import javascript

FOLDER = Path(__file__).parent / "axe"
SERIOUS = ("serious", "critical")
"""The impacts that axe-core gives to what keeps people from using a page."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's source; without npm the tests are skipped here and fail where CI promises it."""
    if problem := javascript.missing(FOLDER):
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(problem)
    return (FOLDER / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def _violations(window: Window, axe: str) -> list[str]:
    """What is seriously wrong with the page as it is now: the rule, the place and how to mend it."""
    if not await window.page.evaluate("typeof window.axe === 'object'"):
        await window.page.evaluate(axe)
    found: Mapping[str, Any] = await window.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"], "axe-core has checked nothing"
    return [
        f"{each['id']}: {node['html']}: {node['failureSummary']}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


async def _go_through(window: Window, axe: str, *, is_phone: bool = False) -> dict[str, list[str]]:
    """Each place of the page with what is wrong there: a channel with cards, a modal, the home tab, the drawers."""
    await window.act_as(CHLOE)
    await expect(window.button("Resolve").first).to_be_visible()
    found = {"channel": await _violations(window, axe)}
    await window.button("Resolve").last.click()
    await expect(window.form.get_by_label("Outcome")).to_be_visible()
    found["modal"] = await _violations(window, axe)
    await window.page.keyboard.press("Escape")
    await expect(window.form).to_be_hidden()
    if is_phone:
        await window.page.get_by_role("button", name="Channels").click()
        found["channels"] = await _violations(window, axe)
    await window.open_home()
    await expect(window.home).to_contain_text("As of")
    found["home tab"] = await _violations(window, axe)
    if is_phone:
        await window.page.get_by_role("button", name="Controls", exact=True).click()
        found["controls"] = await _violations(window, axe)
    return {place: problems for place, problems in found.items() if problems}


async def test_axe_finds_nothing_serious(demo: Demo, axe: str) -> None:
    """For a lead with work of every kind."""
    window = demo.window
    for number in range(1, 4):
        await window.send("user")
        await expect(window.messages).to_have_count(number)
    for card, person in ((window.messages.nth(0), ANA), (window.messages.nth(1), CHLOE)):
        await window.act_as(person)
        await card.get_by_role("button", name="Claim").click()
        await expect(card).to_contain_text(f"Claimed by @{person}")
    assert await _go_through(window, axe) == {}
    dark = await demo.open_window()
    await dark.page.emulate_media(color_scheme="dark")
    assert await _go_through(dark, axe) == {}
    assert await _go_through(await demo.open_window(PHONE), axe, is_phone=True) == {}
