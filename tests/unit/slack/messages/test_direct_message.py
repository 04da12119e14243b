"""Direct messages to the holder of a claim, as golden files."""

from dataclasses import replace

import pytest

from bot.demo.blocks.validation import block_problems
from bot.reviews.reminders import (
    DirectMessage,
    HolderReminder,
    ReminderEnded,
    SnoozeEnded,
    SnoozeInterrupted,
    StillOnItQuestion,
    VerdictMissing,
)
from bot.reviews.review import Action, SessionState, Status
from bot.slack.messages.direct_message import direct_message, reminder_ended
from bot.slack.messages.metadata import metadata
from tests.support import golden
from tests.support.examples import HOSTILE, LONGEST_SESSION_ID, OPEN, OPENED_AT, formatted_texts, is_harmless
from tests.support.slack import buttons

LINK = "https://team.example.com/archives/CUSER00001/p1773765688000001"
REMINDER = HolderReminder(("UANNA",), "session-1", Status.CLAIMED, "UANNA", OPENED_AT)
QUESTION = StillOnItQuestion(("UANNA",), "session-1", Status.CLAIMED, "UANNA", OPENED_AT)
SNOOZE_ENDED = SnoozeEnded(("UANNA",), "session-1", Status.CLAIMED, "UANNA", None)
SNOOZE_INTERRUPTED = SnoozeInterrupted(("UANNA",), "session-1", Status.CLAIMED, "UANNA", OPENED_AT)
VERDICT_MISSING = VerdictMissing(("UANNA",), "session-1", Status.DECIDED, "UANNA", OPENED_AT)
PORTAL = "https://portal.example.com/sessions/1"
CASES: dict[str, tuple[DirectMessage, str]] = {
    "overdue": (REMINDER, LINK),
    "without_a_due_time": (replace(REMINDER, due_at=None), LINK),
    "snooze_ended": (SNOOZE_ENDED, LINK),
    "snooze_interrupted": (SNOOZE_INTERRUPTED, LINK),
    "still_on_it": (QUESTION, LINK),
    "verdict_missing": (VERDICT_MISSING, LINK),
    "still_on_it_where_the_card_is_not_known": (QUESTION, ""),
}


@pytest.mark.parametrize("name", CASES)
def test_a_direct_message_is_exactly_as_on_file(name: str) -> None:
    """Text, buttons and the key by which it is found again."""
    notification, link = CASES[name]
    message = direct_message("direct:s:1", notification, link, OPEN._replace(id=42, revision=4), PORTAL)
    assert golden.on_file(
        f"direct_{name}", {"text": message.text, "blocks": message.blocks, "metadata": message.metadata}
    )


def test_every_file_has_its_case() -> None:
    """None is left over."""
    assert golden.names("direct_") == {f"direct_{name}" for name in CASES}


@pytest.mark.parametrize(
    ("notification", "link", "labels"),
    [
        (QUESTION, LINK, ["Still on it", "Release", "Open"]),
        (QUESTION, "", ["Still on it", "Release"]),
        (REMINDER, LINK, ["Open"]),
        (REMINDER, "", []),
    ],
)
def test_only_a_question_can_be_answered(notification: DirectMessage, link: str, labels: list[str]) -> None:
    """A reminder leads to the card, where the decision is taken."""
    message = direct_message("k", notification, link)
    assert buttons({"blocks": list(message.blocks)}) == labels


IT = f"<{LINK}|review #42>"
ENDED = ReminderEnded(("UANNA",), "session-1", Action.STILL_ON_IT, "UANNA", "UANNA", SessionState.REVIEW)
ENDINGS = [
    (ENDED, f"You are still working on {IT}."),
    (replace(ENDED, action=Action.RELEASE, holder=None), f"You released {IT}. Anyone can claim it now."),
    (
        replace(ENDED, action=Action.RELEASE, holder=None, actor="ULEA"),
        f"<@ULEA> released {IT}. Anyone can claim it now.",
    ),
    (
        replace(ENDED, action=Action.RELEASE, holder=None, actor="bot"),
        f"Your claim on {IT} expired. Anyone can claim it now.",
    ),
    (
        replace(ENDED, action=Action.REASSIGN, holder="UBORIS", actor="ULEA"),
        f"<@ULEA> reassigned {IT} to <@UBORIS>.",
    ),
    (replace(ENDED, action=Action.TAKE_OVER, holder="ULEA", actor="ULEA"), f"<@ULEA> took over {IT}."),
    (replace(ENDED, action=Action.PROPOSE), f"You proposed a decision on {IT}."),
    (replace(ENDED, action=Action.RESOLVE), f"You decided {IT}."),
    (replace(ENDED, action=Action.SNOOZE), f"You snoozed {IT}."),
    (
        replace(ENDED, action=Action.REOPEN, holder=None, actor="ULEA"),
        f"<@ULEA> reopened {IT}. Anyone can claim it now.",
    ),
    (
        replace(ENDED, action=Action.CLOSE, actor="ralio", session_state=SessionState.REJECTED),
        f"Ralio rejected this session, so {IT} is closed.",
    ),
    (
        replace(ENDED, action=Action.RECEIVE, actor="ralio", holder=None),
        f"Ralio sent {IT} to review again. Anyone can claim it now.",
    ),
    (replace(ENDED, action="unknown", actor="ULEA"), f"<@ULEA> changed {IT}."),
]


@pytest.mark.parametrize(("ended", "sentence"), ENDINGS)
def test_a_message_that_is_over_says_how_it_ended(ended: ReminderEnded, sentence: str) -> None:
    """It has no buttons any more; the key is the same."""
    message = reminder_ended("k", ended, LINK, 42)
    assert message.text == f"{sentence} (Session `session-1`)"
    assert [block["type"] for block in message.blocks] == ["section"]
    assert message.metadata == metadata("k")
    hostile = replace(ended, session_id=HOSTILE, actor=HOSTILE, holder=HOSTILE)
    for each in (reminder_ended("k", hostile, "", None), reminder_ended("k", hostile, LINK, 42)):
        assert block_problems(list(each.blocks)) == []
        assert is_harmless(each.text)


@pytest.mark.parametrize(
    "notification", [REMINDER, QUESTION, SNOOZE_ENDED, SNOOZE_INTERRUPTED, VERDICT_MISSING]
)
@pytest.mark.parametrize("session_id", [HOSTILE, LONGEST_SESSION_ID, "&" * 128])
def test_slack_accepts_every_direct_message(notification: DirectMessage, session_id: str) -> None:
    """Even the longest id, and one that tries to be a mention."""
    message = direct_message("k", replace(notification, session_id=session_id), LINK)
    assert block_problems(list(message.blocks)) == []
    assert all(is_harmless(text) for text in [message.text, *formatted_texts(list(message.blocks))])
    assert message.metadata == metadata("k")
