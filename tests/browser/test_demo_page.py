"""The demo page as people use it: what they press, and what they and the others see then."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Demo
from tests.browser.window import (
    ANA,
    BEN,
    DAN,
    OPERATIONS_CHANNEL,
    RELATED_PARTY_CHANNEL,
    USER_CHANNEL,
    Window,
)

LIVE_MS = 2_000
_FALL_BEHIND = """() => {
    const [send, caughtUp] = [window.fetch, new Promise(resolve => { window.catchUp = resolve; })];
    window.fetch = async (url, ...rest) => {
        if (url.includes("/state?")) await caughtUp;
        return send(url, ...rest);
    };
}"""
"""A screen goes on showing what it shows; everything else works."""

_BECOME_AND_PRESS = """person => {
    const people = document.querySelector("select[name=user]");
    people.value = [...people.options].find(option => option.text === person).value;
    people.dispatchEvent(new Event("change"));
    document.querySelector("[data-ts] button").click();
}"""
"""Faster than any hand: choose who acts, and press, with nothing in between."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _received(window: Window) -> None:
    """A review whose checks the bot has fetched: a press on the card of before would be about older evidence."""
    await window.send("user")
    await expect(window.messages).to_contain_text("❌")


async def _claimed_by_ana(window: Window) -> None:
    await window.act_as(ANA)
    await _received(window)
    await window.press("Claim")
    await expect(window.messages).to_contain_text("Claimed by @Ana Ruiz")


async def test_a_button_is_pressed_even_if_its_card_changes_while_it_is_held(
    demo: Demo, window: Window
) -> None:
    """Otherwise the click would be lost, and Ana would wait for an answer."""
    await window.act_as(ANA)
    await _received(window)
    bens = await demo.open_window()
    await bens.act_as(BEN)
    await window.button("Claim").hover()
    await window.page.mouse.down()
    await bens.press("Claim")
    await expect(bens.messages).to_contain_text("Claimed by @Ben Okafor")
    await window.page.mouse.up()
    await expect(window.notes).to_contain_text("@Ben Okafor")
    await expect(window.messages).to_contain_text("Claimed by @Ben Okafor")


async def test_each_event_becomes_a_card_in_its_own_channel(window: Window) -> None:
    """Without a reload and at once; the channel that is not open gets an unread mark until it is opened."""
    await window.send("user")
    await expect(window.messages).to_contain_text("User review #", timeout=LIVE_MS)
    await expect(window.messages).to_contain_text("Unclaimed")
    await expect(window.unread).to_have_count(0)

    await window.send("related-party")
    await expect(window.link(RELATED_PARTY_CHANNEL)).to_contain_text("1 unread", timeout=LIVE_MS)
    await expect(window.messages).to_have_count(1)
    await window.open(RELATED_PARTY_CHANNEL)
    await expect(window.messages).to_contain_text("Related party review #")
    await expect(window.messages).to_have_count(1)
    await expect(window.unread).to_have_count(0)


async def test_a_claimed_card_names_its_holder_and_offers_release(window: Window) -> None:
    """The same message changes; nothing is added to the channel."""
    await window.act_as(ANA)
    await _received(window)
    card = window.messages
    await expect(card).to_have_count(1)
    before = await card.get_attribute("data-ts")

    await window.press("Claim")
    await expect(card).to_contain_text("Claimed by @Ana Ruiz since today at", timeout=LIVE_MS)
    await expect(card.locator("button:visible")).to_have_text(
        ["Resolve", "Release", "Open in portal", "History", "⋯"]
    )
    await expect(card).to_have_attribute("data-ts", before or "")
    await expect(window.notes).to_have_count(0)


async def test_who_does_not_hold_a_review_is_refused_in_private(demo: Demo, window: Window) -> None:
    """Ben may not release Ana's review: he alone reads why, and the card stays as it is."""
    await _claimed_by_ana(window)
    bens = await demo.open_window()
    await bens.act_as(BEN)

    await bens.press("Release")
    await expect(bens.notes).to_contain_text(
        "@Ana Ruiz has been working on this since today at", timeout=LIVE_MS
    )
    await expect(bens.notes).to_contain_text("Only @Ana Ruiz or a lead (@Chloe Martin) can release it.")
    await expect(bens.notes).to_contain_text("Only visible to you")
    await expect(bens.messages).to_contain_text("Claimed by @Ana Ruiz")
    await expect(window.notes).to_have_count(0)


async def test_who_was_just_chosen_acts(window: Window) -> None:
    """However fast the press follows the choice, it is made in the new person's name."""
    await _claimed_by_ana(window)
    await window.page.evaluate(_BECOME_AND_PRESS, BEN)
    await expect(window.notes).to_contain_text("Only @Ana Ruiz can resolve it.")
    await expect(window.messages).to_contain_text("Claimed by @Ana Ruiz")


async def test_who_is_no_reviewer_is_told_who_may(window: Window) -> None:
    """Dan is from sales: the note names the people he can turn to; the card stays open."""
    await window.send("user")
    await window.act_as(DAN)

    await window.press("Claim")
    await expect(window.notes).to_contain_text("you aren't a reviewer of the user queue")
    await expect(window.notes).to_contain_text("Ask one of: @Ana Ruiz, @Ben Okafor, @Chloe Martin.")
    await expect(window.messages).to_contain_text("Unclaimed")

    await window.act_as(ANA)
    await expect(window.notes).to_have_count(0)


async def test_a_released_review_can_be_claimed_by_somebody_else(window: Window) -> None:
    """The card tells who claimed and released it before."""
    await _claimed_by_ana(window)

    await window.press("Release")
    await expect(window.messages).to_contain_text("Unclaimed", timeout=LIVE_MS)
    await expect(window.messages).to_contain_text("@Ana Ruiz released it")
    await window.act_as(BEN)
    await window.press("Claim")
    await expect(window.messages).to_contain_text("Claimed by @Ben Okafor")


async def test_the_same_event_again_adds_no_card(window: Window) -> None:
    """The bot answers that it knows it; the next new session is the second card."""
    await window.send("user")
    await expect(window.messages).to_have_count(1)

    await window.send("duplicate")
    await expect(window.answer).to_contain_text("duplicate")
    await expect(window.answer).to_contain_text("200")
    await window.send("user")
    await expect(window.messages.last).to_contain_text("User review #")
    await expect(window.messages).to_have_count(2)


async def test_a_malformed_event_is_answered_422_and_told_to_operators(window: Window) -> None:
    """The panel shows the answer, the operations channel what to do; reviewers are left in peace."""
    await window.send("malformed")
    await expect(window.answer).to_contain_text("422")
    await expect(window.answer).to_contain_text("data.sessionId")

    await expect(window.link(OPERATIONS_CHANNEL)).to_contain_text("1 unread", timeout=LIVE_MS)
    await expect(window.messages).to_have_count(0)
    await window.open(OPERATIONS_CHANNEL)
    await expect(window.messages).to_contain_text("couldn't be read and was quarantined")
    await expect(window.messages).to_contain_text("python -m bot events --quarantined")


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("verified", "Ralio verified this session"),
        ("failed", "Ralio rejected this session"),
        ("expired", "this session expired"),
    ],
)
async def test_a_verdict_closes_the_card(window: Window, kind: str, verdict: str) -> None:
    """Also one that somebody has claimed; no button is left."""
    await _claimed_by_ana(window)

    await window.send(kind)
    await expect(window.messages).to_contain_text(f"Closed · {verdict}", timeout=LIVE_MS)
    await expect(window.messages.locator("button:visible")).to_have_text(
        ["Record decision", "Open in portal", "History"]
    )
    await expect(window.messages).to_have_count(1)


async def test_a_verdict_about_nothing_says_so(window: Window) -> None:
    """Nothing is in review yet: the panel says what to send first."""
    await window.send("verified")
    await expect(window.answer).to_contain_text("no session is in review: send a review event first")
    window.problems.remove(
        "console: Failed to load resource: the server responded with a status of 409 (Conflict)"
    )


async def test_two_people_see_each_others_changes_live(demo: Demo, window: Window) -> None:
    """Ana claims on her screen, Ben sees it on his; she releases, he claims, she sees that."""
    bens = await demo.open_window()
    await window.act_as(ANA)
    await bens.act_as(BEN)
    await _received(window)
    await expect(bens.messages).to_contain_text("Open", timeout=LIVE_MS)

    await window.press("Claim")
    await expect(bens.messages).to_contain_text("Claimed by @Ana Ruiz", timeout=LIVE_MS)
    await window.press("Release")
    await bens.press("Claim")
    await expect(window.messages).to_contain_text("Claimed by @Ben Okafor", timeout=LIVE_MS)


async def test_two_people_who_claim_at_once(demo: Demo, window: Window) -> None:
    """Ben presses what his screen still shows: Ana has the review, and only he is told."""
    bens = await demo.open_window()
    await window.act_as(ANA)
    await bens.act_as(BEN)
    await _received(window)
    await expect(bens.button("Claim")).to_be_visible()

    await bens.page.evaluate(_FALL_BEHIND)
    await window.press("Claim")
    await expect(window.messages).to_contain_text("Claimed by @Ana Ruiz")
    await bens.press("Claim")
    await expect(bens.button("Claim")).to_be_enabled()
    await bens.page.evaluate("catchUp()")
    await expect(bens.notes).to_contain_text("@Ana Ruiz has been working on this since today at")
    await expect(bens.messages).to_contain_text("Claimed by @Ana Ruiz")
    await expect(window.notes).to_have_count(0)


async def test_the_page_remembers_where_one_was(window: Window) -> None:
    """A reload keeps the person, the channel and what was read."""
    await window.act_as(BEN)
    await window.send("related-party")
    await window.open(RELATED_PARTY_CHANNEL)
    await expect(window.messages).to_have_count(1)

    await window.page.reload()
    await expect(window.page.get_by_role("heading", name=f"# {RELATED_PARTY_CHANNEL}")).to_be_visible()
    await expect(window.page.locator("select[name=user] option:checked")).to_have_text(BEN)
    await expect(window.messages).to_contain_text("Related party review #")
    await expect(window.unread).to_have_count(0)
    await window.open(USER_CHANNEL)
    await expect(window.page.get_by_text("No messages yet")).to_be_visible()
