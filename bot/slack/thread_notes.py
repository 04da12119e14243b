"""What is told in the thread under a card: it mentions whom it concerns, so that Slack tells them. Pure."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import Block, MarkdownTextObject, PlainTextObject, SectionBlock

from bot.reviews.announcements import Topic
from bot.slack.gateway import Message
from bot.slack.metadata import metadata
from bot.slack.texts import escaped, one_line, people, person

FALLBACK_WORDS_LENGTH = 500


def thread_note(key: str, facts: Mapping[str, Any]) -> Message:
    """An announcement; what a person typed stands below it as it was typed."""
    text, words = _text(facts), facts["words"]
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text))]
    if words:
        blocks.append(SectionBlock(text=PlainTextObject(text=words, emoji=False)))
    said = f" {escaped(one_line(words, FALLBACK_WORDS_LENGTH))}" if words else ""
    return Message(text=f"{text}{said}", blocks=[block.to_dict() for block in blocks], metadata=metadata(key))


def _text(facts: Mapping[str, Any]) -> str:
    to, by = people(facts["to"]), person(facts["by"])
    colon = ":" if facts["words"] else "."
    match Topic(facts["topic"]):
        case Topic.REASSIGNED:
            return f"{to}: {by} has reassigned this review{colon}"
        case Topic.TAKEN_OVER:
            return f"{to}: {by} has taken this review over from you{colon}"
        case Topic.RELEASED:
            return f"{to}: {by} has released this review, which you had claimed{colon}"
        case Topic.ESCALATED:
            return f"{to}: {by} asks the leads for help with this review{colon}"
        case Topic.SENT_BACK:
            return f"{to}: {by} has sent your decision back{colon}"
        case Topic.REOPENED:
            return f"{to}: {by} has reopened this review, which was decided{colon}"
