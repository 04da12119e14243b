"""The demo page without a mouse, and on a phone."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Demo
from tests.browser.window import ANA, PHONE, RELATED_PARTY_CHANNEL, Window

MOST_TABS = 40

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _tab_to(window: Window, label: str, most: int = MOST_TABS) -> None:
    """Press Tab until a button is reached, as somebody without a mouse does."""
    reached = []
    for _ in range(most):
        await window.page.keyboard.press("Tab")
        focused = window.page.locator("*:focus")
        reached.append(await focused.inner_text() if await focused.count() else "nothing")
        if reached[-1] == label:
            return
    raise AssertionError(f"{label} cannot be reached, only {reached}")


async def _sticks_out(window: Window) -> int:
    """How many pixels one could scroll sideways."""
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(await window.page.evaluate(width))


async def test_a_review_is_claimed_and_released_with_the_keyboard(window: Window) -> None:
    """After a press the focus stays at the card: its next button is a few Tabs away."""
    await window.act_as(ANA)
    await window.send("user")
    await expect(window.button("Claim")).to_be_visible()
    # Ralio's API adds the reason: a card that is drawn again between a key's press and its release isn't pressed.
    await expect(window.messages).to_contain_text("Face doesn't match the document")
    await window.page.reload()
    await expect(window.button("Claim")).to_be_visible()

    await _tab_to(window, "Claim")
    await window.page.keyboard.press("Enter")
    await expect(window.messages).to_contain_text("Claimed by @Ana Ruiz")
    # The card can be updated before the press is answered, and only then does the page restore the focus.
    await expect(window.messages).to_be_focused()
    await _tab_to(window, "Release", most=3)
    await window.page.keyboard.press("Space")
    await expect(window.messages).to_contain_text("@Ana Ruiz released it")


async def test_events_are_sent_and_channels_opened_with_the_keyboard(window: Window) -> None:
    """Panel and sidebar need no mouse either."""
    await _tab_to(window, "Review of a related party")
    await window.page.keyboard.press("Enter")
    link = window.link(RELATED_PARTY_CHANNEL)
    await expect(link).to_contain_text("1 unread")

    await link.focus()
    await window.page.keyboard.press("Enter")
    await expect(window.messages).to_contain_text("Related party review #")


async def test_a_review_is_claimed_on_a_phone(demo: Demo) -> None:
    """Panel and channels are behind their buttons; nothing sticks out sideways at any step."""
    phone = await demo.open_window(PHONE)
    await expect(phone.page.get_by_text("No messages yet")).to_be_visible()
    assert await _sticks_out(phone) == 0

    await phone.page.get_by_role("button", name="Controls", exact=True).click()
    await phone.send("user")
    await expect(phone.answer).to_contain_text("200")
    assert await _sticks_out(phone) == 0
    await phone.page.get_by_role("button", name="Close controls").click()

    await phone.act_as(ANA)
    await phone.press("Claim")
    await expect(phone.messages).to_contain_text("Claimed by @Ana Ruiz")
    await expect(phone.button("Release")).to_be_in_viewport()
    assert await _sticks_out(phone) == 0

    await phone.page.get_by_role("button", name="Channels").click()
    assert await _sticks_out(phone) == 0
    await phone.open(RELATED_PARTY_CHANNEL)
    await expect(phone.page.get_by_role("heading", name=f"# {RELATED_PARTY_CHANNEL}")).to_be_in_viewport()
    await expect(phone.link(RELATED_PARTY_CHANNEL)).not_to_be_visible()
