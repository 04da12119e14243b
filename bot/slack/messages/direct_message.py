"""What one person is told in the bot's direct messages with them. Pure."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    InteractiveElement,
    MarkdownTextObject,
    SectionBlock,
)

from bot.reviews.notifications import Topic
from bot.slack.api.client import Message
from bot.slack.messages import buttons
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import code, moment


def direct_message(key: str, facts: Mapping[str, Any], link: str) -> Message:
    """A reminder of a claimed review; `link` leads to its card, empty where that is not known."""
    text = _text(facts)
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text))]
    if elements := _elements(facts, link):
        blocks.append(ActionsBlock(elements=elements))
    return Message(text=text, blocks=[block.to_dict() for block in blocks], metadata=metadata(key))


def _text(facts: Mapping[str, Any]) -> str:
    session = code(str(facts["session_id"]))
    if facts["topic"] == Topic.STILL_ON_IT:
        return (
            f"Are you still on it? Nothing was heard for a while of your review of session {session}. "
            "Without an answer it will be released for others."
        )
    due = f" was due {moment(facts['due_at'])}" if facts["due_at"] else " waits for your decision"
    return f"The review of session {session} that you have claimed{due}."


def _elements(facts: Mapping[str, Any], link: str) -> list[InteractiveElement]:
    elements: list[InteractiveElement] = []
    session = str(facts["session_id"])
    if facts["topic"] == Topic.STILL_ON_IT:
        elements = [
            ButtonElement(text="Still on it", action_id="review_still_on_it", value=session, style="primary"),
            ButtonElement(text="Release", action_id="review_release", value=session),
        ]
    if link:
        elements.append(ButtonElement(text="Open", action_id=buttons.HOME_OPEN, url=link))
    return elements
