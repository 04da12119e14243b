"""A reviewer's day in the demo: each step shows on the card within a second and stands in the audit."""

import sqlite3
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Demo
from tests.browser.window import ANA, BEN, CHLOE, DAN, GINA, NOAH, PHONE, Window

SOON_MS = 5_000
"""What is done shows on the card within a second, or later where the machine is busy with other tests."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _audit(folder: Path) -> list[tuple[str, str, str | None]]:
    """Who did what, and why it was refused, oldest first."""
    with sqlite3.connect(folder / "demo.db") as database:
        rows = database.execute(
            "SELECT actor, action, refused FROM audit WHERE action <> 'record_name' ORDER BY id"
        ).fetchall()
    return [(str(actor), str(action), refused) for actor, action, refused in rows]


async def _choose(window: Window, label: str) -> None:
    """Choose from the menu beside the card's buttons."""
    await window.page.get_by_role("button", name="More actions").click()
    await window.press(label)


async def _submit(window: Window, label: str, words: str = "") -> None:
    if words:
        await window.form.locator("textarea").fill(words)
    await window.form.get_by_role("button", name=label).click()


async def _shows(card: Locator, text: str) -> None:
    await expect(card).to_contain_text(text, timeout=SOON_MS)


async def _propose_to_reject(window: Window) -> None:
    """What the person who acts has claimed."""
    await window.messages.first.get_by_role("button", name="Resolve").click()
    await window.form.get_by_label("Outcome").select_option(label="Reject")
    await expect(window.form.get_by_label("Reason")).to_have_attribute("aria-required", "true")
    await window.form.get_by_label("Reason").select_option(label="Document unreadable")
    await _submit(window, "Resolve", "The picture page is cut off.")
    await expect(window.form).to_be_hidden()


async def _confirm(window: Window) -> None:
    """The button asks first."""
    await window.messages.first.get_by_role("button", name="Confirm").click()
    dialog = window.page.locator("#confirm")
    await expect(dialog).to_contain_text("@Ana Ruiz proposed Reject (Document unreadable).")
    await dialog.get_by_role("button", name="Confirm").click()


async def _sent(window: Window) -> None:
    """A review whose checks are looked up: that changes it once more, so that a form of before has to be sent again."""
    await window.send("user")
    await expect(window.messages.first).to_contain_text("❌")


async def _claimed(window: Window, person: str = ANA) -> Locator:
    await window.act_as(person)
    await _sent(window)
    await window.press("Claim")
    await _shows(window.messages.first, f"Claimed by @{person}")
    return window.messages.first


async def test_four_eyes_from_claim_next_to_reopen(window: Window, tmp_path: Path) -> None:
    """Ana claims from her home tab and proposes; she may not confirm that, Ben may; Chloe reopens it."""
    await _sent(window)
    await window.act_as(ANA)
    await window.open_home()
    await window.press("Claim next")
    await expect(window.home).to_contain_text("You claimed the review of session", timeout=SOON_MS)
    await window.home.get_by_role("link", name="User review #1").click()
    card = window.messages.first
    await expect(card).to_be_focused()
    await _shows(card, "Claimed by @Ana Ruiz")

    await _propose_to_reject(window)
    await _shows(card, "@Ana Ruiz proposed Reject (Document unreadable)")
    await _shows(card, "Next: confirmation by a second person")
    await _shows(card, "The picture page is cut off.")

    await _confirm(window)
    await expect(window.notes).to_contain_text("You proposed this decision, so")
    await _shows(card, "@Ana Ruiz proposed")

    await window.act_as(BEN)
    await _confirm(window)
    await _shows(card, "@Ana Ruiz decided Reject (Document unreadable), confirmed by @Ben Okafor")

    await window.act_as(CHLOE)
    await window.press("Reopen")
    await _submit(window, "Reopen", "New documents came.")
    await _shows(card, "Unclaimed")
    await window.open_thread()
    await expect(window.replies.last).to_contain_text(
        "@Ana Ruiz, @Ben Okafor: @Chloe Martin reopened this review"
    )

    assert [entry for entry in _audit(tmp_path) if entry[0] != "ralio"] == [
        ("UANA000001", "claim", None),
        ("UANA000001", "propose", None),
        ("UANA000001", "confirm", "own_proposal"),
        ("UBEN000001", "confirm", None),
        ("UCHLOE0001", "reopen", None),
    ]


async def test_a_review_changes_hands(window: Window, tmp_path: Path) -> None:
    """Ana reassigns it to Ben, Chloe takes it over from him, he escalates it; each who is concerned is told."""
    card = await _claimed(window)
    await _choose(window, "Reassign")
    await expect(window.form).to_contain_text("@Ben Okafor, @Chloe Martin")
    await window.form.get_by_label("Reassign to").select_option(label=BEN)
    await _submit(window, "Reassign", "You know this country.")
    await _shows(card, "Claimed by @Ben Okafor")
    await window.open_thread()
    await expect(window.replies.last).to_contain_text("You know this country.")

    await window.act_as(CHLOE)
    await _choose(window, "Take over")
    await _submit(window, "Take over", "Ben is on leave.")
    await _shows(card, "Claimed by @Chloe Martin")
    await expect(window.replies.last).to_contain_text("@Ben Okafor: @Chloe Martin took this review over")

    await window.act_as(BEN)
    await _choose(window, "Escalate")
    await _submit(window, "Escalate", "Is this stamp genuine?")
    await _shows(card, "escalated to the leads by @Ben Okafor")
    await expect(window.replies.last).to_contain_text(
        "@Chloe Martin: @Ben Okafor is asking the leads for help"
    )
    await expect(window.replies.last).to_contain_text("Is this stamp genuine?")
    assert [entry[1:] for entry in _audit(tmp_path) if entry[0] != "ralio"] == [
        ("claim", None),
        ("reassign", None),
        ("take_over", None),
        ("escalate", None),
    ]


async def test_a_verdict_comes_before_the_decision(window: Window, tmp_path: Path) -> None:
    """Ben adds a note, Ana withdraws her proposal; after Ralio's verdict she records what she decided there."""
    card = await _claimed(window)
    await window.act_as(BEN)
    await _choose(window, "Add note")
    await _submit(window, "Add note", "Seen in May.")
    await window.open_thread()
    await expect(window.replies.last).to_contain_text("@Ana Ruiz: @Ben Okafor added a note:Seen in May.")
    await window.act_as(ANA)
    await _propose_to_reject(window)
    await expect(window.replies.last).to_contain_text(
        "@Ben Okafor, @Chloe Martin: @Ana Ruiz proposed Reject (Document unreadable)"
    )
    await _choose(window, "Withdraw")
    await _shows(card, "Claimed by @Ana Ruiz")
    await window.send("failed")
    await _shows(card, "No decision was recorded here")
    await window.press("Record decision")
    await expect(window.form).to_contain_text("Ralio rejected this session.")
    await window.form.get_by_label("Outcome").select_option(label="Reject")
    await expect(window.form.get_by_label("Reason")).to_have_attribute("aria-required", "true")
    await window.form.get_by_label("Reason").select_option(label="Document unreadable")
    await _submit(window, "Record")
    await _shows(card, "@Ana Ruiz recorded Reject (Document unreadable) afterwards")
    await expect(window.button("Record decision")).to_have_count(0)
    assert [entry[1:] for entry in _audit(tmp_path) if entry[0] != "ralio"] == [
        ("claim", None),
        ("add_note", None),
        ("propose", None),
        ("withdraw", None),
        ("record_decision", None),
    ]


async def test_a_proposal_is_sent_back(window: Window) -> None:
    """Ben says why in the form; the card is Ana's again, and the thread tells her."""
    card = await _claimed(window)
    await _propose_to_reject(window)
    await window.act_as(BEN)
    await window.press("Send back")
    await _submit(window, "Send back", "Look at page two as well.")
    await _shows(card, "Claimed by @Ana Ruiz")
    await window.open_thread()
    await expect(window.replies.last).to_contain_text("@Ana Ruiz: @Ben Okafor sent your decision back:")
    await expect(window.replies.last).to_contain_text("Look at page two as well.")


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (GINA, "guests can't work on reviews"),
        (NOAH, "Only members of this workspace can work on reviews"),
        (DAN, "you aren't a reviewer of the user queue"),
    ],
)
async def test_who_may_not_act_is_told_why(window: Window, tmp_path: Path, person: str, why: str) -> None:
    """A guest, somebody of another organisation, and somebody from sales: refused, and on record."""
    await window.send("user")
    await window.act_as(person)
    await window.press("Claim")
    await expect(window.notes).to_contain_text(why)
    await expect(window.messages).to_contain_text("Unclaimed")
    (refused,) = [entry for entry in _audit(tmp_path) if entry[1] == "claim"]
    assert refused[2] is not None


async def test_what_is_wrong_with_a_form_stands_on_the_field(window: Window) -> None:
    """A missing reason before it is sent, a person who may not have it after; what was typed stays."""
    await _claimed(window)
    await window.press("Resolve")
    await expect(window.form.get_by_label("Reason")).to_have_count(0)
    await window.form.locator("textarea").fill("Cut off.")
    await window.form.get_by_label("Outcome").select_option(label="Reject")
    await expect(window.form.get_by_label("Reason")).to_have_attribute("aria-required", "true")
    await expect(window.form).to_contain_text("Needs confirmation by a second person")
    await expect(window.form.locator("textarea")).to_have_value("Cut off.")
    await _submit(window, "Resolve")
    reason = window.form.get_by_label("Reason")
    await expect(reason).to_have_attribute("aria-invalid", "true")
    await expect(reason).to_be_focused()
    await window.page.keyboard.press("Escape")
    await expect(window.form).to_be_hidden()

    await _choose(window, "Reassign")
    await window.form.get_by_label("Reassign to").select_option(label=GINA)
    for _ in range(2):  # the same complaint twice is still shown
        await _submit(window, "Reassign", "Yours?")
        await expect(window.form.get_by_role("alert").first).to_have_text(
            "This person can't review this queue."
        )
    await expect(window.form.locator("textarea")).to_have_value("Yours?")


async def test_a_form_that_is_updated_keeps_the_focus_on_its_button(window: Window) -> None:
    """The reasons appear while a person has moved on to Cancel: Enter must press what they see in focus."""
    await _claimed(window)
    await window.press("Resolve")
    cancel = window.form.get_by_role("button", name="Cancel")
    await cancel.focus()
    await window.form.get_by_label("Outcome").evaluate(
        """select => {
            select.value = [...select.options].find(option => option.text === "Reject").value;
            select.dispatchEvent(new Event("change", { bubbles: true }));
        }"""
    )
    await expect(window.form.get_by_label("Reason")).to_be_visible()
    await expect(cancel).to_be_focused()
    await window.page.keyboard.press("Enter")
    await expect(window.form).to_be_hidden()


async def test_personal_data_is_warned_of_once(window: Window) -> None:
    """The form says it at its top, where the focus goes; sent once more as it is, it is taken."""
    card = await _claimed(window)
    await window.press("Resolve")
    await window.form.get_by_label("Outcome").select_option(label="Approve")
    await _submit(window, "Resolve", "Ask jane.doe@example.com")
    await expect(window.form).to_contain_text("This looks like it contains an email address")
    await expect(window.form.locator(".modal-body")).to_be_focused()
    await expect(window.form.locator("textarea")).to_have_value("Ask jane.doe@example.com")
    await _submit(window, "Resolve")
    await _shows(card, "@Ana Ruiz decided Approve")


async def test_a_form_of_a_review_that_changed_meanwhile_says_so(demo: Demo, window: Window) -> None:
    """Chloe takes it over while Ana fills in the form: hers decides nothing and says who has it."""
    card = await _claimed(window)
    await window.press("Resolve")
    await window.form.get_by_label("Outcome").select_option(label="Approve")
    chloes = await demo.open_window()
    await chloes.act_as(CHLOE)
    await _choose(chloes, "Take over")
    await _submit(chloes, "Take over", "Ana is on leave.")
    await _shows(card, "Claimed by @Chloe Martin")

    await _submit(window, "Resolve")
    await expect(window.form).to_contain_text("@Chloe Martin has been working on this")
    await window.form.get_by_role("button", name="Close").last.click()
    await expect(window.form).to_be_hidden()
    await _shows(card, "Claimed by @Chloe Martin")


async def test_the_command_answers_in_private(window: Window) -> None:
    """Typed where one writes: the oldest is claimed, listed with a link to its card, and help helps."""
    await window.send("user")
    await window.act_as(ANA)
    await window.type("/reviews next")
    await expect(window.notes.last).to_contain_text("You claimed this review")
    await window.type("/reviews mine")
    await expect(window.notes.last).to_contain_text("Yours (1)")
    await window.notes.last.get_by_role("link").click()
    await expect(window.messages.first).to_be_focused()
    await window.type("/reviews what")
    await expect(window.notes.last).to_contain_text("I don't know what. Try:")


async def test_a_review_is_resolved_on_a_phone_with_the_keyboard_alone(demo: Demo) -> None:
    """Nothing sticks out sideways; the menu opens and closes without a mouse and gives the focus back."""
    phone = await demo.open_window(PHONE)
    await phone.page.get_by_role("button", name="Controls", exact=True).click()
    await _sent(phone)
    await phone.page.get_by_role("button", name="Close controls").click()
    await phone.act_as(ANA)
    await phone.press("Claim")
    more = phone.page.get_by_role("button", name="More actions")
    await more.focus()
    await phone.page.keyboard.press("Enter")
    await expect(phone.button("Reassign")).to_be_focused()
    await phone.page.keyboard.press("End")
    await expect(phone.button("Add note")).to_be_focused()
    await phone.page.keyboard.press("Escape")
    await expect(more).to_be_focused()

    await phone.button("Resolve").focus()
    await phone.page.keyboard.press("Enter")
    await expect(phone.form.get_by_label("Outcome")).to_be_focused()
    await phone.page.keyboard.press("a")
    await expect(phone.form.get_by_label("Outcome")).to_have_value("approve")
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await phone.page.evaluate(width) == 0
    await phone.form.locator("textarea").focus()
    await phone.page.keyboard.press("Tab")
    await phone.page.keyboard.press("Tab")
    await phone.page.keyboard.press("Enter")
    await _shows(phone.messages.first, "@Ana Ruiz decided Approve")
