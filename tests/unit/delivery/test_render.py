"""The plain form of a message, which is sent if Slack refuses the message."""

import pytest

from bot.delivery.render import PLAIN_LENGTH, plain_form
from bot.slack.api.client import Message
from bot.slack.messages.metadata import metadata

BUTTONS = {"type": "actions", "block_id": "review_actions", "elements": [{"type": "button", "value": "s-1"}]}
CARD = Message("Session s-1: open.", [{"type": "header"}, BUTTONS], metadata("card:s-1", "s-1"))


def test_a_plain_form_keeps_the_text_the_buttons_and_the_metadata() -> None:
    """People can still work on the review, and the message can still be found."""
    plain = plain_form(CARD, "invalid_blocks")
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "Session s-1: open."}}
    assert plain == Message(CARD.text, [section, BUTTONS], CARD.metadata)


@pytest.mark.parametrize(
    "error", ["metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema"]
)
def test_refused_metadata_shrinks_to_the_key(error: str) -> None:
    """Without the key, the message could not be found again after an unknown outcome."""
    assert plain_form(CARD, error).metadata == metadata("card:s-1")


def test_a_message_without_metadata_stays_without() -> None:
    """Ephemeral messages have none."""
    assert plain_form(Message("words"), "metadata_too_large").metadata == {}


@pytest.mark.parametrize(("word", "kept"), [("&amp;", ""), ("<@U123456789>", ""), ("plain words", "pla")])
def test_a_long_text_is_cut_and_never_inside_an_entity_or_a_mention(word: str, kept: str) -> None:
    """Slack would show half an entity as garbage."""
    start = "x" * (PLAIN_LENGTH - 4)
    text = plain_form(Message(start + word + "y" * 100), "msg_too_long").text
    assert text == f"{start}{kept}…"
    assert len(text) <= PLAIN_LENGTH
