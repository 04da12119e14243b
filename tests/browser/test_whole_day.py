"""A whole day as five people: most of it from the home tab, and each change shows within a second."""

import sqlite3
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Demo
from tests.browser.window import ANA, BEN, CHLOE, DAN, GINA, PHONE, Window

SOON_MS = 5_000
"""How long a change can take on a machine that is busy with other tests; half of them take less than a second."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Stopwatch:
    """How long changes took to show, in seconds."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def shows(self, place: Locator, *texts: str) -> None:
        """The change shows there."""
        began = time.perf_counter()
        for text in texts:
            await expect(place).to_contain_text(text, timeout=SOON_MS)
        self.seconds.append(time.perf_counter() - began)


@asynccontextmanager
async def _form(window: Window, label: str) -> AsyncIterator[Locator]:
    """Fill in the open form, then submit it with this button; it is taken."""
    await expect(window.form).to_be_visible()
    yield window.form
    await window.form.get_by_role("button", name=label).click()
    await expect(window.form).to_be_hidden()


def _row(window: Window, label: str, place: int = 0) -> Locator:
    """A button on the home tab."""
    return window.home.get_by_role("button", name=label, exact=True).nth(place)


async def _choose(window: Window, card: Locator, label: str) -> None:
    """Choose from a card's menu, with the keyboard: a click on it could scroll the page, which closes the menu."""
    toggle, item = card.get_by_role("button", name="More actions"), card.locator(".menu-item", has_text=label)
    await toggle.scroll_into_view_if_needed()
    await expect(toggle).to_be_in_viewport()
    await toggle.focus()
    await toggle.press("Enter")
    await expect(item).to_be_visible()
    await item.press("Enter")
    await expect(window.form).to_be_visible()


async def _propose_to_reject(window: Window) -> None:
    await _row(window, "Resolve").click()
    async with _form(window, "Resolve") as form:
        await form.get_by_label("Outcome").select_option(label="Reject")
        await expect(form.get_by_label("Reason")).to_have_attribute("aria-required", "true")
        await form.get_by_label("Reason").select_option(label="Document unreadable")


async def _home_of(demo: Demo, person: str) -> Window:
    window = await demo.open_window()
    await window.act_as(person)
    await window.open_home()
    await expect(window.home).to_contain_text("As of")
    return window


def _done(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "demo.db") as database:
        rows = database.execute(
            "SELECT actor, action FROM audit WHERE actor LIKE 'U%' AND refused IS NULL AND action <> 'record_name' "
            "ORDER BY id"
        ).fetchall()
    return [(str(actor), str(action)) for actor, action in rows]


@dataclass(frozen=True)
class Day:
    """The screens of a day: `window` shows the channel, the others home tabs."""

    window: Window
    ana: Window
    ben: Window
    chloe: Window
    watch: Stopwatch

    def card(self, number: int) -> Locator:
        """A review's card, by the review's number."""
        return self.window.messages.nth(number - 1)


async def _decide_with_four_eyes(day: Day) -> None:
    """Ana claims and proposes, Ben sends it back, Ana proposes again, Ben confirms: all at home."""
    ana, ben, watch, card = day.ana, day.ben, day.watch, day.card(1)
    await _row(ana, "Claim").click()
    await watch.shows(ana.home, "You claimed the review", "Yours (1)", "Unclaimed (2)")
    await watch.shows(card, "Claimed by @Ana Ruiz")
    await _propose_to_reject(ana)
    await watch.shows(ana.home, "You proposed Reject")
    await watch.shows(card, "Awaiting confirmation", "@Ana Ruiz proposed Reject")

    await watch.shows(ben.home, "@Ana Ruiz proposed Reject")
    await _row(ben, "Send back").click()
    async with _form(ben, "Send back") as form:
        await form.locator("textarea").fill("Look at page two as well.")
    await watch.shows(card, "Claimed by @Ana Ruiz")
    await watch.shows(ana.home, "decide by")
    await _propose_to_reject(ana)
    await watch.shows(card, "Awaiting confirmation")
    await watch.shows(ben.home, "@Ana Ruiz proposed Reject")
    await _row(ben, "Confirm").click()
    dialog = ben.page.locator("#confirm")
    await expect(dialog).to_contain_text("Reject (Document unreadable)")
    await dialog.get_by_role("button", name="Confirm").click()
    await watch.shows(ben.home, "You confirmed the decision", "Nothing awaiting your confirmation.")
    await watch.shows(card, "Decided", "confirmed by @Ben Okafor")


async def _snooze_and_reassign(day: Day) -> None:
    """Ana claims the next one, snoozes it on its card and resumes it at home; Chloe gives it to Ben."""
    ana, ben, chloe, watch, card = day.ana, day.ben, day.chloe, day.watch, day.card(2)
    await _row(ana, "Claim next").click()
    await watch.shows(card, "Claimed by @Ana Ruiz")
    await day.window.act_as(ANA)
    await _choose(day.window, card, "Snooze")
    async with _form(day.window, "Snooze") as form:
        until = datetime.now(UTC).date() + timedelta(days=3)
        await form.get_by_label("Snooze until").fill(until.isoformat())
        await form.get_by_label("Reason").select_option(index=1)
    await watch.shows(card, "Snoozed until")
    await watch.shows(ana.home, "snoozed until")
    await _row(ana, "Resume").click()
    await watch.shows(ana.home, "You resumed the review", "decide by")

    await watch.shows(chloe.home, "Team", "@Ana Ruiz: 1 claimed", "Claimed by others (1)")
    await _row(chloe, "Reassign").click()
    async with _form(chloe, "Reassign") as form:
        await form.get_by_role("combobox").select_option(label=BEN)
    await watch.shows(chloe.home, "@Ben Okafor: 1 claimed")
    await watch.shows(card, "Claimed by @Ben Okafor")
    await watch.shows(ben.home, "Yours (1)")
    await watch.shows(ana.home, "You have no claimed reviews.")


async def _record_afterwards(day: Day) -> None:
    """Ralio rejects what no one decided here; Chloe records that at home."""
    chloe, watch, card = day.chloe, day.watch, day.card(3)
    await day.window.send("failed")
    await watch.shows(card, "Closed", "Ralio rejected this session")
    await watch.shows(chloe.home, "Rejected; no decision here")
    await _row(chloe, "Record decision").click()
    async with _form(chloe, "Record") as form:
        await form.get_by_label("Outcome").select_option(label="Reject")
        await expect(form.get_by_label("Reason")).to_have_attribute("aria-required", "true")
        await form.get_by_label("Reason").select_option(label="Document unreadable")
    await watch.shows(card, "@Chloe Martin recorded Reject")


async def _look_at_the_history(day: Day) -> None:
    """On the card of a review that is decided."""
    await day.card(1).get_by_role("button", name="History").click()
    await day.watch.shows(day.window.form, "@Ben Okafor", "Look at page two as well.")
    await day.window.page.keyboard.press("Escape")
    await expect(day.window.form).to_be_hidden()


async def _lines_of_rows(window: Window) -> list[int]:
    """How many lines each review takes on the home tab, its line of buttons included."""
    lines: list[int] = await window.home.evaluate(
        """home => [...home.querySelectorAll(".section")]
            .filter(row => row.querySelector(".words a"))
            .map(row => {
                const words = row.querySelector(".words");
                const line = parseFloat(getComputedStyle(words).lineHeight);
                const buttons = row.nextElementSibling?.matches(".actions") && !row.querySelector(".accessory");
                return Math.round(words.getBoundingClientRect().height / line) + (buttons ? 1 : 0);
            })"""
    )
    return lines


async def _rows_are_short(demo: Demo, day: Day) -> None:
    """Two lines a review, on a phone three."""
    await day.window.send("user")
    await expect(day.ben.home).to_contain_text("Unclaimed (1)")
    for window in (day.ben, day.chloe):
        assert set(await _lines_of_rows(window)) == {2}
    for person in (BEN, CHLOE):
        phone = await demo.open_window(PHONE)
        await phone.act_as(person)
        await phone.page.get_by_role("button", name="Channels").click()
        await phone.open_home()
        await expect(phone.home).to_contain_text("As of")
        lines = await _lines_of_rows(phone)
        assert max(lines) == 3, await phone.home.inner_text()


async def _come_as(day: Day, person: str, why: str) -> None:
    """A person who can do nothing learns why."""
    await day.window.act_as(person)
    await day.window.open_home()
    await day.watch.shows(day.window.home, why)
    await expect(day.window.home.get_by_role("button")).to_have_count(0)


async def test_a_whole_day_as_five_people(demo: Demo, window: Window, tmp_path: Path) -> None:
    """Ana, Ben and their lead Chloe work; Dan from sales and the guest Gina can't."""
    for number in range(1, 4):
        await window.send("user")
        await expect(window.messages).to_have_count(number)
        await expect(window.messages.last).to_contain_text("match the document")
    ana, ben, chloe = [await _home_of(demo, person) for person in (ANA, BEN, CHLOE)]
    day = Day(window, ana, ben, chloe, Stopwatch())
    await _decide_with_four_eyes(day)
    await _snooze_and_reassign(day)
    await _record_afterwards(day)
    await _look_at_the_history(day)
    await _rows_are_short(demo, day)
    await _come_as(day, DAN, "You aren't a reviewer for any queue")
    await _come_as(day, GINA, "You're a guest in this workspace, and guests can't work on reviews.")
    assert statistics.median(day.watch.seconds) < 1
    assert _done(tmp_path) == [
        *(("UANA000001", action) for action in ("claim", "propose")),
        ("UBEN000001", "send_back"),
        ("UANA000001", "propose"),
        ("UBEN000001", "confirm"),
        *(("UANA000001", action) for action in ("claim", "snooze", "resume")),
        *(("UCHLOE0001", action) for action in ("reassign", "record_decision")),
    ]
