"""What the operations channel is told: what is wrong, and the command that shows or mends it. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.slack.gateway import Message
from bot.slack.metadata import metadata
from bot.slack.texts import code, escaped


def operations_notice(key: str, facts: Mapping[str, Any]) -> Message:
    """A notice for operators, told at most once an hour for each kind of thing."""
    text = _text(facts)
    return Message(
        text=text,
        blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": text}}],
        metadata=metadata(key),
    )


def _text(facts: Mapping[str, Any]) -> str:
    error = escaped(str(facts["error"]))[:500]
    if facts["what"] == "quarantined":
        return (
            f"⚠️ *A signed event of Ralio could not be understood* and waits in the quarantine: {error}\n"
            f"Nothing is lost. See {code('python -m bot events --quarantined')}. Further ones are told in an hour."
        )
    return (
        f"⚠️ *Slack refuses messages of the bot* ({escaped(str(facts['lane']))}): {error}\n"
        "They are held, nothing is lost. `/readyz` counts them. Further ones are told in an hour."
    )
