"""Threads at the side of their channel, private notes, mentions, and what the keyboard and a screen reader find."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Demo
from tests.browser.window import ANA, BEN, DAN, PHONE, Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def test_a_thread_is_opened_and_answered_at_the_side(demo: Demo, window: Window) -> None:
    """By mouse and keyboard, on a wide screen and on a phone; closing it gives the focus back to its message."""
    await window.act_as(ANA)
    await window.send("user")
    card = window.messages.first
    await card.hover()
    await window.page.get_by_role("link", name="Reply in thread").click()
    thread = window.page.get_by_role("complementary", name="Thread")
    await expect(window.page.locator("#thread-title")).to_be_focused()
    await expect(thread).to_contain_text("User review #1")
    await window.page.get_by_role("textbox", name="Reply").fill("Looks <fine> to me.")
    await window.page.keyboard.press("Enter")
    await expect(window.replies).to_have_text(re.compile("Looks <fine> to me."))
    await expect(card).to_be_visible()
    await expect(window.messages).to_have_count(1)

    await window.page.keyboard.press("Escape")
    await expect(thread).to_be_hidden()
    await expect(card).to_be_focused()
    await window.page.reload()
    await window.open_thread()
    await expect(window.replies).to_have_count(1)

    phone = await demo.open_window(PHONE)
    await phone.page.goto(window.page.url)
    await expect(phone.replies).to_be_in_viewport()
    assert await phone.page.evaluate(SIDEWAYS) == 0
    await phone.page.get_by_role("link", name="Close thread").click()
    await expect(phone.button("Claim")).to_be_visible()


async def test_a_private_note_is_dismissed(window: Window) -> None:
    """It is gone for good, also after a reload."""
    await window.send("user")
    await window.act_as(DAN)
    await window.press("Claim")
    await expect(window.notes).to_have_count(1)
    # Ralio's checks redraw the channel: nobody presses while it changes.
    await expect(window.messages.first).to_contain_text("❌")
    await window.press("Dismiss message")
    await expect(window.notes).to_have_count(0)
    await window.page.reload()
    await expect(window.messages).to_have_count(1)
    await expect(window.notes).to_have_count(0)


async def test_only_mentions_of_oneself_stand_out(window: Window) -> None:
    """A person, and a group that the person is in."""
    await window.act_as(ANA)
    await window.send("user")
    await window.press("Claim")
    own = window.messages.first.locator(".mention.own")
    await expect(own.first).to_have_text("@Ana Ruiz")
    await window.act_as(BEN)
    await expect(own).to_have_count(0)


async def test_the_keyboard_skips_to_the_messages_and_new_ones_are_read_out(
    demo: Demo, window: Window
) -> None:
    """The first Tab offers it; a screen reader hears what arrives, and not what oneself writes."""
    await window.send("user")
    await expect(window.messages).to_have_count(1)
    await window.page.reload()
    await expect(window.messages).to_have_count(1)
    await window.page.keyboard.press("Tab")
    skip = window.page.get_by_role("link", name="Skip to the messages")
    await expect(skip).to_be_in_viewport()
    await window.page.keyboard.press("Enter")
    await expect(window.page.locator("#main")).to_be_focused()

    live = window.page.get_by_role("status", name="New messages")
    await expect(live).to_be_empty()
    other = await demo.open_window()
    await other.send("user")
    await expect(live).to_contain_text("Review Bot: User review #2")
    await window.type("Good morning")
    await expect(window.messages).to_have_count(3)
    await expect(live).not_to_contain_text("Good morning")


async def test_the_clocks_buttons_stay_on_one_line(window: Window) -> None:
    """On a wide screen, beside an open thread too, and in the drawer of a narrow one."""
    await window.send("user")
    await window.messages.first.hover()
    await window.page.get_by_role("link", name="Reply in thread").click()
    for width in (1600, 1280, 1000, 375):
        await window.page.set_viewport_size({"width": width, "height": 800})
        if width <= 1120:  # the panel is a drawer
            await window.page.locator("#open-panel").click()
        boxes = [await each.bounding_box() for each in await window.page.locator("#time .control").all()]
        heights = [box["height"] for box in boxes if box]
        assert len(heights) == 3
        assert max(heights) < 40, width
        if width <= 1120:
            await window.page.locator("#close-panel").click()
