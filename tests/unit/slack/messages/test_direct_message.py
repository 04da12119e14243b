"""What the holder of a claim is told alone, as golden files."""

from typing import Any

import pytest

from bot.demo.blocks.validation import block_problems
from bot.reviews.notifications import Topic
from bot.slack.messages.direct_message import direct_message
from bot.slack.messages.metadata import metadata
from tests.support import golden
from tests.support.examples import HOSTILE, LONGEST_SESSION_ID, OPENED_AT, formatted_texts, is_harmless
from tests.support.slack import buttons

LINK = "https://team.example.com/archives/CUSER00001/p1773765688000001"
FACTS: dict[str, Any] = {"topic": "remind_holder", "session_id": "session-1", "due_at": OPENED_AT}
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "overdue": (FACTS, LINK),
    "without_a_due_time": (FACTS | {"due_at": None}, LINK),
    "still_on_it": (FACTS | {"topic": "still_on_it"}, LINK),
    "still_on_it_where_the_card_is_not_known": (FACTS | {"topic": "still_on_it"}, ""),
}


@pytest.mark.parametrize("name", CASES)
def test_a_direct_message_is_exactly_as_on_file(name: str) -> None:
    """Text, buttons and the key that it is found by."""
    facts, link = CASES[name]
    message = direct_message("direct:s:1", facts, link)
    assert golden.on_file(
        f"direct_{name}", {"text": message.text, "blocks": message.blocks, "metadata": message.metadata}
    )


def test_every_file_has_its_case() -> None:
    """None is left over."""
    assert golden.names("direct_") == {f"direct_{name}" for name in CASES}


@pytest.mark.parametrize(
    ("topic", "link", "labels"),
    [
        ("still_on_it", LINK, ["Still on it", "Release", "Open"]),
        ("still_on_it", "", ["Still on it", "Release"]),
        ("remind_holder", LINK, ["Open"]),
        ("remind_holder", "", []),
    ],
)
def test_only_a_question_can_be_answered(topic: str, link: str, labels: list[str]) -> None:
    """A reminder leads to the card, where the decision is taken."""
    message = direct_message("k", FACTS | {"topic": topic}, link)
    assert buttons({"blocks": list(message.blocks)}) == labels


@pytest.mark.parametrize("topic", [Topic.REMIND_HOLDER, Topic.STILL_ON_IT])
@pytest.mark.parametrize("session_id", [HOSTILE, LONGEST_SESSION_ID, "&" * 128])
def test_slack_takes_every_message_as_text_alone(topic: Topic, session_id: str) -> None:
    """Also the longest id, and one that tries to be a mention."""
    message = direct_message("k", FACTS | {"topic": topic, "session_id": session_id}, LINK)
    assert block_problems(list(message.blocks)) == []
    assert all(is_harmless(text) for text in [message.text, *formatted_texts(list(message.blocks))])
    assert message.metadata == metadata("k")
