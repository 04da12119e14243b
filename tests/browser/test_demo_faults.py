"""Slack's faults, switched on in the demo's panel: what a person sees while they last and afterwards."""

import pytest
from playwright.async_api import expect

from tests.browser.window import RELATED_PARTY_CHANNEL, USER_CHANNEL, Window

RECOVERY_MS = 20_000
"""After an unclear answer the bot waits until the message has either appeared or never will."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_limited_message_arrives_by_itself(window: Window) -> None:
    """Ralio gets its 200 at once; when Slack's wait is over there is one card, and the fault is used up."""
    await window.press("Limit the next post")
    await expect(window.faults).to_contain_text("chat.postMessage: 429, once")

    await window.send("user")
    await expect(window.answer).to_contain_text("200")
    await expect(window.faults).to_be_empty()
    await expect(window.messages).to_contain_text("User review #", timeout=RECOVERY_MS)
    await expect(window.messages).to_have_count(1)


async def test_nothing_is_lost_while_slack_is_down(window: Window) -> None:
    """Events are taken in meanwhile; with Slack come the cards, each once and in its own channel."""
    await window.press("Slack is down")
    await window.send("user")
    await expect(window.answer).to_contain_text("recorded")
    await window.send("related-party")
    await expect(window.messages).to_have_count(0)

    await window.press("Clear all faults")
    await expect(window.faults).to_be_empty()
    await expect(window.messages).to_contain_text("User review #", timeout=RECOVERY_MS)
    await expect(window.link(RELATED_PARTY_CHANNEL)).to_contain_text("1 unread", timeout=RECOVERY_MS)
    await expect(window.messages).to_have_count(1)


async def test_controls_do_what_their_labels_say(window: Window) -> None:
    """A fault is on once; a verdict closes a card of the open channel; a card is deleted, not a reply under it."""
    for _ in range(2):
        await window.press("Limit the next post")
    await expect(window.faults.locator("li")).to_have_count(1)
    await window.press("Clear all faults")

    await window.send("user")
    await expect(window.messages).to_have_count(1)
    await window.send("related-party")
    await expect(window.link(RELATED_PARTY_CHANNEL)).to_contain_text("1 unread")
    await window.send("failed")
    await expect(window.answer).to_contain_text(f" in #{USER_CHANNEL}")
    session = await window.answer.locator("code").inner_text()
    await expect(window.messages).to_contain_text(session)
    await expect(window.messages).to_contain_text("Ralio rejected")

    await window.send("user")
    await expect(window.messages).to_have_count(2)
    await window.press("Delete the newest card")
    await expect(window.messages).to_have_count(1)
    await expect(window.messages).to_contain_text(session)

    await window.type("/review mine")
    await expect(window.notes).to_contain_text("/review is not a valid command.")
