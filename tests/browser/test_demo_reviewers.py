"""A review from hand to hand: what three people press and write, and what they see on the card at once."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Demo
from tests.browser.window import ANA, BEN, CHLOE, GINA, NOAH, Window

SOON_MS = 2_000
"""How soon a change is on the card: within a second, and a busy machine's browser takes another."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _sees(place: Locator, text: str) -> None:
    await expect(place).to_contain_text(text, timeout=SOON_MS)


async def _claimed_by_ana(window: Window) -> None:
    await window.act_as(ANA)
    await window.send("user")
    await window.press("Claim")
    await _sees(window.messages, "Claimed by @Ana Ruiz")


async def _proposed_by_ana(window: Window) -> None:
    await _claimed_by_ana(window)
    await window.press("Resolve")
    await window.fill_in("Resolve", outcome="Reject", reason="Document expired")
    await _sees(window.messages, "Proposed by @Ana Ruiz")


async def test_a_decision_by_four_eyes(demo: Demo, window: Window) -> None:
    """Ana claims the next from the home tab and rejects; she may not confirm that, Ben may; Chloe reopens it."""
    await window.act_as(ANA)
    await window.send("user")
    await expect(window.messages).to_have_count(1)
    card = window.messages

    await window.open_home()
    await _sees(window.home, "1 unclaimed")
    await window.press("Claim next")
    await _sees(window.home, "You have claimed session")
    await window.press("Open")
    await _sees(card, "Claimed by @Ana Ruiz")

    await window.press("Resolve")
    await window.fill_in("Resolve", "Expired in *May*.", outcome="Reject", reason="Document expired")
    await _sees(card, "Proposed by @Ana Ruiz: Reject (Document expired).")
    await _sees(card, "A second person has to confirm it: @Ben Okafor, @Chloe Martin.")
    await _sees(card, "Expired in *May*.")
    await expect(window.form).to_have_count(0)

    await window.press("Confirm")
    await _sees(window.notes, "You proposed this decision yourself")

    bens = await demo.open_window()
    await bens.act_as(BEN)
    await bens.press("Confirm")
    decided = "Decided by @Ana Ruiz: Reject (Document expired), confirmed by @Ben Okafor."
    await _sees(card, decided)
    await _sees(bens.messages, decided)

    await bens.act_as(CHLOE)
    await bens.press("Reopen")
    await bens.fill_in("Reopen", "A better picture came in.")
    await _sees(card, "Open: nobody has claimed it yet.")
    await _sees(window.replies, "@Chloe Martin has reopened this review, which was decided:")
    for step in ("claimed", "proposed Reject", "decision confirmed", "reopened"):
        await _sees(card, step)


async def test_a_review_is_handed_over(window: Window) -> None:
    """Ana gives hers to Ben, he asks the leads for help, Chloe takes it over; everybody concerned is told."""
    await _claimed_by_ana(window)
    await window.choose("Reassign")
    await window.form.get_by_label("Who shall have this review?").select_option(label=BEN)
    await window.fill_in("Reassign", "You know the country.")
    await _sees(window.messages, "Claimed by @Ben Okafor")
    await _sees(window.replies, "@Ben Okafor: @Ana Ruiz has handed this review over:")

    await window.act_as(BEN)
    await window.choose("Escalate")
    await _sees(window.messages, "Escalated to the leads by @Ben Okafor.")
    await _sees(window.replies.last, "@Chloe Martin: @Ben Okafor asks the leads for help")

    await window.act_as(CHLOE)
    await window.choose("Take over")
    await window.fill_in("Take over", "I have seen this document before.")
    await _sees(window.messages, "Claimed by @Chloe Martin")
    await _sees(window.replies.last, "@Ben Okafor: @Chloe Martin has taken this review over from you:")
    await _sees(window.messages, "taken over by @Chloe Martin: I have seen this document before.")


async def test_a_decision_is_sent_back(window: Window) -> None:
    """Ben says why; Ana has the review again and is told."""
    await _proposed_by_ana(window)
    await window.act_as(BEN)
    await window.press("Send back")
    await window.fill_in("Send back", "It expires in June.")
    await _sees(window.messages, "Claimed by @Ana Ruiz")
    await _sees(window.replies, "@Ana Ruiz: @Ben Okafor has sent your decision back:")
    await _sees(window.replies, "It expires in June.")


@pytest.mark.parametrize(
    ("person", "why"),
    [(GINA, "guests of the workspace may not work"), (NOAH, "only members of this workspace may work")],
)
async def test_who_is_no_member_is_refused(window: Window, person: str, why: str) -> None:
    """The page shows who is a guest or from elsewhere; the note says why they may not, the card stays."""
    await window.send("user")
    await window.act_as(person)
    await window.press("Claim")
    await _sees(window.notes, why)
    await _sees(window.messages, "Open: nobody has claimed it yet.")


async def test_the_command_is_typed_like_a_message(window: Window) -> None:
    """`/reviews next` claims, `/reviews mine` leads to the card, and only Ana reads the answers."""
    await window.act_as(ANA)
    await window.send("user")
    await expect(window.messages).to_have_count(1)
    await window.type("/reviews next")
    await _sees(window.notes, "You have claimed")
    await _sees(window.messages, "Claimed by @Ana Ruiz")

    await window.type("/reviews mine")
    await window.notes.last.get_by_role("link", name="open").click()
    await expect(window.page.locator(".revealed")).to_contain_text("Claimed by @Ana Ruiz")
    await window.act_as(BEN)
    await expect(window.notes).to_have_count(0)
