"""The forms: what they say on a field, what they warn of, what they keep, and the keyboard in them."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Demo
from tests.browser.window import ANA, BEN, CHLOE, DAN, PHONE, Window

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _resolving(window: Window) -> None:
    await window.act_as(ANA)
    await window.send("user")
    await window.press("Claim")
    await window.press("Resolve")
    await expect(window.form).to_be_visible()


async def test_the_outcome_narrows_the_reasons(window: Window) -> None:
    """Before, they stand in groups; then only those of the outcome, and what was typed stays, and where one was."""
    await _resolving(window)
    reasons = window.form.get_by_label("Reason")
    await expect(reasons.locator("optgroup")).to_have_count(2)
    note = window.form.get_by_label("Note")
    await note.fill("The lower edge is missing.")

    await window.form.get_by_label("Outcome").select_option(label="More information")
    await expect(reasons.locator("option")).to_have_text(
        [
            "Choose",
            "A better picture of the document",
            "Another document",
            "A proof of address",
            "Other (say so in the note)",
        ]
    )
    await expect(reasons.locator("optgroup")).to_have_count(0)
    await expect(note).to_have_value("The lower edge is missing.")
    await expect(note).to_be_focused()


async def test_what_is_missing_is_said_on_its_field(window: Window) -> None:
    """A rejection needs a reason: the form stays, the field says so and has the keyboard."""
    await _resolving(window)
    await window.fill_in("Resolve", outcome="Reject")
    reason = window.form.get_by_label("Reason")
    await expect(reason).to_have_attribute("aria-invalid", "true")
    await expect(reason).to_be_focused()
    await expect(window.form.get_by_role("alert").filter(has_text="required")).to_be_visible()

    await window.fill_in("Resolve", reason="Document expired")
    await expect(window.messages).to_contain_text("Proposed by @Ana Ruiz")


async def test_a_person_who_may_not_have_it_is_refused_on_the_field(window: Window) -> None:
    """Dan from sales cannot be given a review; the form says whom one can choose."""
    await window.act_as(ANA)
    await window.send("user")
    await window.press("Claim")
    await window.choose("Reassign")
    await window.form.get_by_label("Who shall have this review?").select_option(label=DAN)
    await window.fill_in("Reassign")
    await expect(window.form.get_by_text("This person may not review this queue.")).to_be_visible()
    await expect(window.messages).to_contain_text("Claimed by @Ana Ruiz")


async def test_personal_data_is_warned_about(window: Window) -> None:
    """Not taken at once; a second time it is, as it is, for only a person can tell."""
    await _resolving(window)
    await window.fill_in("Resolve", "Ask ana@example.com", outcome="Approve")
    await expect(window.form).to_contain_text("looks as if it held an e-mail address")
    await expect(window.form.get_by_label("Note")).to_have_value("Ask ana@example.com")

    await window.fill_in("Resolve")
    await expect(window.form).to_have_count(0)
    await expect(window.messages).to_contain_text("Decided by @Ana Ruiz: Approve.")


async def test_a_review_that_changed_meanwhile(demo: Demo, window: Window) -> None:
    """While Ana fills in, Chloe takes the review over: Ana's form tells her, and nothing is decided."""
    await _resolving(window)
    chloes = await demo.open_window()
    await chloes.act_as(CHLOE)
    await chloes.choose("Take over")
    await chloes.fill_in("Take over", "Ana is away.")
    await expect(chloes.messages).to_contain_text("Claimed by @Chloe Martin")

    await window.fill_in("Resolve", outcome="Approve")
    await expect(window.form).to_contain_text("@Chloe Martin")
    await expect(window.form).to_contain_text("Nothing was changed.")
    await expect(window.form.get_by_role("button", name="Resolve", exact=True)).to_have_count(0)
    await window.page.keyboard.press("Escape")
    await expect(window.form).to_have_count(0)
    await expect(window.messages).to_contain_text("Claimed by @Chloe Martin")


async def test_a_menu_and_its_form_without_a_mouse(window: Window) -> None:
    """Arrows move in the menu, Escape gives the keyboard back, Tab goes from field to field."""
    await window.act_as(ANA)
    await window.send("user")
    await window.press("Claim")
    more = window.messages.get_by_role("button", name="More actions")
    keyboard = window.page.keyboard
    await more.focus()
    await keyboard.press("Enter")
    await keyboard.press("ArrowDown")
    await expect(window.messages.get_by_role("button", name="Take over")).to_be_focused()
    await keyboard.press("Escape")
    await expect(more).to_be_focused()

    await keyboard.press("Enter")
    await keyboard.press("Enter")
    await expect(window.form.get_by_label("Who shall have this review?")).to_be_focused()
    await keyboard.type("Ben")
    await keyboard.press("Tab")
    await expect(window.form.get_by_label("What should they know?")).to_be_focused()
    await keyboard.press("Tab")
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await expect(window.messages).to_contain_text(f"Claimed by @{BEN}")


async def test_a_review_is_resolved_on_a_phone(demo: Demo, window: Window) -> None:
    """The form fits, and nothing sticks out sideways."""
    await window.send("user")
    phone = await demo.open_window(PHONE)
    await phone.act_as(ANA)
    await phone.press("Claim")
    await phone.press("Resolve")
    await expect(phone.form.get_by_role("button", name="Resolve", exact=True)).to_be_in_viewport()
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await phone.page.evaluate(width) == 0
    await phone.fill_in("Resolve", outcome="Approve")
    await expect(phone.messages).to_contain_text("Decided by @Ana Ruiz: Approve.")
