"""The modal behind History, as golden files, and every line that it can have."""

import json
from typing import Any

import pytest

from bot.demo.blocks.views import view_problems
from bot.reviews.action_request import Refused
from bot.reviews.audit.entry import (
    BOT,
    DISCARD_DELIVERY,
    FETCH_CHECKS,
    HOLD,
    LIFT_HOLD,
    OVERDUE,
    RALIO,
    REMIND,
    AuditEntry,
)
from bot.reviews.checks import Check, Checks
from bot.reviews.checks_text import checks_as_text
from bot.reviews.notification_topics import ActionTopic, AutomaticTopic
from bot.reviews.review import Action, Status
from bot.slack.messages.history_modal import REASONS, TOPICS, history_modal
from bot.store.tables.deliveries import Kind
from bot.store.tables.history import PAGE, CardState, HistoryPage, SentMessage
from tests.support import golden
from tests.support.examples import (
    HOSTILE,
    LONGEST,
    LONGEST_ID,
    MINUTE,
    MOST,
    OPENED_AT,
    RULES,
    VERIFIED,
    formatted_texts,
    is_harmless,
)

OPEN, CLAIMED = Status.OPEN, Status.CLAIMED
EVENT = {
    "event_id": "9d8b7c6a-5e4f-4a3b-8c2d-1e0f9a8b7c6d",
    "session_state": "REVIEW",
    "occurred_at": "1773765687447",
}
FACE = checks_as_text(Checks((Check("face-matching", "refused", ("NO_MATCH",)),)))


def _entry(actor: str, action: str, refused: str | None = None, /, **detail: str) -> AuditEntry:
    return AuditEntry(OPENED_AT, actor, action, CLAIMED, CLAIMED, 2, refused, detail)


ITEMS: list[tuple[AuditEntry | SentMessage, str]] = [
    (
        AuditEntry(OPENED_AT, RALIO, Action.RECEIVE, None, OPEN, 1, detail=EVENT),
        (
            "Sent to manual review · Ralio's event `9d8b7c6a-5e4f-4a3b-8c2d-1e0f9a8b7c6d` of "
            "<!date^1773765687^{date_short_pretty} at {time}|2026-03-17 16:41 UTC>"
        ),
    ),
    (
        _entry(RALIO, Action.CLOSE, "stale", event_id="event-2"),
        "An older event from Ralio changed nothing · Ralio's event `event-2`",
    ),
    (
        _entry("operator", DISCARD_DELIVERY, delivery="7", reason="decided in the portal"),
        "Held message discarded by `operator`: `decided in the portal`",
    ),
    (
        _entry(RALIO, FETCH_CHECKS, checks=FACE),
        "Ralio's API reported failed checks: Face doesn't match the document",
    ),
    (_entry("UANNA", Action.CLAIM), "<@UANNA> claimed it"),
    (
        _entry("UBORIS", Action.CLAIM, Refused.HELD_BY_OTHER, repeats="3"),
        "<@UBORIS> couldn't claim it, 3 more times: claimed by someone else",
    ),
    (
        _entry("UDAN", Action.SEE_HISTORY, Refused.NOT_A_REVIEWER),
        "<@UDAN> couldn't see its history: not a reviewer of the queue",
    ),
    (_entry("UANNA", "odd_action", "odd_reason"), "<@UANNA> couldn't odd action: odd reason"),
    (
        _entry("UANNA", Action.PROPOSE, outcome="reject", reason="document_expired", note="Ended in *May*."),
        "<@UANNA> proposed *Reject* (Document expired)",
    ),
    (_entry("UBORIS", Action.SEND_BACK, words="Look <again>."), "<@UBORIS> sent it back"),
    (_entry(BOT, OVERDUE), "Overdue"),
    (_entry(BOT, REMIND, told="still_on_it"), 'Notification queued: "Still on it?"'),
    (_entry(BOT, REMIND, told="of_a_newer_version"), "Notification queued: of a newer version"),
    (_entry("ada", HOLD, reason="Case 7"), "Legal hold placed by `ada`: `Case 7`"),
    (_entry("ada", LIFT_HOLD), "Legal hold lifted by `ada`"),
    (
        SentMessage(OPENED_AT, Kind.THREAD_REPLY, "confirmation_needed", ("UBORIS", "SLEADS")),
        "Slack shows a reply in the thread to <@UBORIS>, <!subteam^SLEADS>: confirmation requested",
    ),
    (
        SentMessage(OPENED_AT, Kind.DIRECT_MESSAGE, "", ("UANNA",)),
        "Slack shows a direct message to <@UANNA>: a message",
    ),
]
PAGES = {
    "first": HistoryPage([item for item, _ in ITEMS[:6]], 0, has_older=True, card=CardState.NEWEST),
    "last": HistoryPage([item for item, _ in ITEMS[6:]], 1, has_older=False, card=CardState.HELD),
    "only": HistoryPage([ITEMS[0][0]], 0, has_older=False, card=CardState.NOT_POSTED),
    "gone": HistoryPage([], 3, has_older=False, card=CardState.BEHIND),
}
LONG = _entry(LONGEST_ID, Action.REASSIGN, words="&" * 1_000, to=LONGEST_ID)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_exactly_as_on_file(name: str) -> None:
    """A change of the modal changes the file, so the diff shows it."""
    view = history_modal(VERIFIED, PAGES[name], RULES)
    assert golden.on_file(f"history_{name}", view)
    assert view_problems(dict(view), "modal") == []


def test_every_file_has_its_case() -> None:
    """A file that nothing is compared with would prove nothing."""
    assert golden.names("history_") == {f"history_{name}" for name in PAGES}


@pytest.mark.parametrize(("item", "line"), ITEMS)
def test_everything_has_its_line(item: AuditEntry | SentMessage, line: str) -> None:
    """What a person typed stands below it, as plain text."""
    view = history_modal(VERIFIED, HistoryPage([item], 0, has_older=False, card=CardState.NEWEST), RULES)
    texts = [text for text in formatted_texts(view) if " · " in text][1:]
    assert [text.partition(" · ")[2] for text in texts] == [line]


def test_checks_that_cannot_be_read_do_not_close_the_history() -> None:
    """In a database that was changed, they can be anything."""
    entry = _entry(RALIO, FETCH_CHECKS, checks="{}")
    view = history_modal(VERIFIED, HistoryPage([entry], 0, has_older=False, card=CardState.NEWEST), RULES)
    assert any("what is recorded of them can't be read" in text for text in formatted_texts(view))


def test_a_full_page_of_the_longest_entries_fits() -> None:
    """In blocks, characters and bytes."""
    page = HistoryPage([LONG] * PAGE, 10**9, has_older=True, card=CardState.NEWEST)
    view = history_modal(LONGEST, page, MOST)
    assert view_problems(dict(view), "modal") == []
    assert len(json.dumps(view)) < 250_000


@pytest.mark.parametrize("action", [*Action, REMIND, HOLD, FETCH_CHECKS, OVERDUE])
@pytest.mark.parametrize("refused", [None, HOSTILE])
def test_a_hostile_text_is_only_a_text(action: str, refused: str | None) -> None:
    """In every place, for everything that can be on record."""
    detail: dict[str, Any] = dict.fromkeys(("words", "note", "outcome", "to", "reason", "event_id"), HOSTILE)
    detail |= {"told": HOSTILE, "session_state": "VERIFIED", "repeats": HOSTILE}
    items: list[AuditEntry | SentMessage] = [
        _entry(HOSTILE, action)._replace(refused=refused, detail=detail),
        SentMessage(OPENED_AT + MINUTE, Kind.THREAD_REPLY, HOSTILE, (HOSTILE,)),
    ]
    page = HistoryPage(items, 0, has_older=False, card=CardState.NEWEST)
    view = history_modal(VERIFIED._replace(session_id=HOSTILE), page, RULES)
    assert all(map(is_harmless, formatted_texts(view)))


def test_every_reason_and_topic_has_its_words() -> None:
    """None is shown by its code."""
    assert set(REASONS) == set(Refused)
    assert set(TOPICS) == {*ActionTopic, *AutomaticTopic}
