"""Finds the channel, message or person that a call is about, or refuses the call."""

from bot.demo.records import Channel, Message, Person
from bot.demo.web_api.call import Call
from bot.demo.web_api.errors import SlackError
from bot.demo.workspace import Workspace


def find_channel(workspace: Workspace, call: Call) -> Channel:
    """Return the channel that a call names; a person's id means the direct messages with that person."""
    name = call.required_text("channel")
    channel = workspace.channels.get(name)
    if channel is not None:
        return channel
    if name in workspace.people:
        return workspace.direct_channel(name)
    raise SlackError("channel_not_found")


def find_joined_channel(workspace: Workspace, call: Call) -> Channel:
    """Return the channel that a call names, provided that the bot is in it."""
    channel = find_channel(workspace, call)
    if not channel.bot_is_member:
        raise SlackError("not_in_channel")
    return channel


def find_open_channel(workspace: Workspace, call: Call) -> Channel:
    """Return a channel that the bot can write to."""
    channel = find_joined_channel(workspace, call)
    if channel.archived:
        raise SlackError("is_archived")
    return channel


def find_message(channel: Channel, ts: str) -> Message:
    """Return a message of the channel; notes to one person are not found, as in Slack."""
    message = channel.messages.get(ts)
    if message is None or message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    return message


def find_person(workspace: Workspace, user: str) -> Person:
    """Return a person by id."""
    person = workspace.people.get(user)
    if person is None:
        raise SlackError("user_not_found")
    return person
