"""What the operations channel is told: what is wrong, and the command that shows or mends it. Pure."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import MarkdownTextObject, SectionBlock

from bot.slack.api.client import Message
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import code, escaped


def operations_notice(key: str, facts: Mapping[str, Any]) -> Message:
    """A notice for operators, told at most once an hour for each kind of thing."""
    text = _text(facts)
    return Message(
        text=text,
        blocks=[SectionBlock(text=MarkdownTextObject(text=text)).to_dict()],
        metadata=metadata(key),
    )


def _where(facts: Mapping[str, Any]) -> str:
    channel = facts.get("channel")
    return f"in <#{escaped(str(channel))}>" if channel else "without a channel"


def _text(facts: Mapping[str, Any]) -> str:
    error = str(facts["error"])[:300]  # at most five times as long once it is escaped, and Slack takes 3,000
    if facts["what"] == "quarantined":
        return (
            f"⚠️ *A signed event of Ralio could not be understood* and waits in the quarantine: {escaped(error)}\n"
            f"Nothing is lost. See {code('python -m bot events --quarantined')}; after an upgrade that understands "
            f"more, {code('python -m bot events replay --all')}. Further ones are told in an hour."
        )
    return (
        f"⚠️ *Slack refuses messages of the bot* ({_where(facts)}): {code(error)}\n"
        f"They are held, nothing is lost. See {code('python -m bot deliveries --held')}, mend the cause, then run "
        f"{code('python -m bot deliveries requeue --all')}. Further ones are told in an hour."
    )
