"""The demo's clock is moved on: what becomes due is seen where people look."""

import pytest
from playwright.async_api import expect

from tests.browser.window import ANA, USER_CHANNEL, Window

DUE_MS = 10_000
"""What is due is looked for every second, and sent at Slack's pace."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_review_that_nobody_takes_care_of(window: Window) -> None:
    """The reviewers are reminded until it is claimed; a day after the claim its holder is asked, and answers."""
    await window.act_as(ANA)
    await window.send("user")
    await expect(window.button("Claim")).to_be_visible()
    await window.press("+4 hours")
    await expect(window.page.locator("#time")).to_contain_text("4 hours ahead")
    reminder = window.messages.filter(has_text="please pick up what you can")
    await expect(reminder).to_contain_text("1 user review is overdue", timeout=DUE_MS)
    await expect(reminder.locator(".mention.own")).to_have_text("@Ana Ruiz")
    card = window.messages.first
    await expect(card).to_contain_text("overdue since", timeout=DUE_MS)

    await window.press("Claim")
    await expect(card).to_contain_text("Claimed by @Ana Ruiz")
    await expect(window.messages.filter(has_text="No user review is overdue now")).to_have_count(1)
    await window.press("+1 day")
    direct = window.page.locator("[data-channel]", has_text="Review Bot")
    await expect(direct).to_contain_text("1 unread", timeout=DUE_MS)
    await expect(card).to_contain_text("yesterday at")

    await direct.click()
    await expect(window.messages).to_have_count(1)  # the channel, which has three, is left
    await expect(window.messages).to_contain_text("Are you still on it?")
    await window.press("Still on it")
    await window.open(USER_CHANNEL)
    await expect(card).to_contain_text("@Ana Ruiz is still working on it")


async def test_the_digest_draws_the_week(window: Window) -> None:
    """An hour after the start it is in the channel, its picture in fixed width."""
    await window.send("user")
    await expect(window.messages).to_have_count(1)
    await window.press("+1 hour")
    await expect(window.messages.last).to_contain_text("Today's user reviews", timeout=DUE_MS)
    await expect(window.messages.last.locator("pre")).to_contain_text("1 ████████  0")
    await expect(window.messages.last).not_to_contain_text("```")
