"""What a card shows after it was posted again in another channel. Pure."""

from slack_sdk.models.blocks import MarkdownTextObject, SectionBlock

from bot.slack.api.client import Message
from bot.slack.messages.as_json import as_json
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import code, escaped


def former_card(key: str, session_id: str, channel: str, link: str) -> Message:
    """A pointer to the new card, without buttons; `link` is empty if it is unknown."""
    where = f"<#{escaped(channel)}>"
    opens = f" <{link}|Open the card>" if link else ""
    text = f"The review of session {code(session_id)} has moved to {where}.{opens}"
    block = SectionBlock(text=MarkdownTextObject(text=text))
    return Message(text=text, blocks=[as_json(block)], metadata=metadata(key))
