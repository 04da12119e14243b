"""Removing one of the bot's messages that a newer one replaces."""

from dataclasses import dataclass

from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import Message, Place, SlackClient

CANNOT_BE_DELETED = frozenset({"cant_delete_message", "compliance_exports_prevent_deletion"})
"""Slack's errors if a workspace doesn't allow deleting messages."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Delete the message; `instead` is what it shows if Slack doesn't allow deleting it."""

    instead: Message


async def remove(slack_client: SlackClient, place: Place, ts: str, removal: Removal) -> CallResult:
    """Delete a message, or reduce it to one line; done if someone else has already deleted it."""
    result = await slack_client.delete(place.channel, ts)
    if result.error in CANNOT_BE_DELETED:
        result = await slack_client.update(place.channel, ts, removal.instead)
    return CallResult(ResultKind.DONE) if result.kind is ResultKind.MESSAGE_GONE else result
