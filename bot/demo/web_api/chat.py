"""`chat.*`: the bot writes, changes and removes messages."""

from bot.demo.records import BOT_USER_ID, Json, Message
from bot.demo.web_api.call import Call
from bot.demo.web_api.content import read_content
from bot.demo.web_api.errors import SlackError
from bot.demo.web_api.places import find_channel, find_message, find_open_channel
from bot.demo.web_api.shapes import channel_members, message_shape
from bot.demo.workspace import Workspace

POST_TEXT_MOST = 40_000
UPDATE_TEXT_MOST = 4_000


def post_message(workspace: Workspace, call: Call) -> Json:
    """`chat.postMessage`: store a message of the bot. A reply to a message that is gone appears at top level."""
    channel = find_open_channel(workspace, call)
    content = read_content(call, text_most=POST_TEXT_MOST)
    thread_ts = call.text("thread_ts") or None
    if thread_ts not in channel.messages:
        thread_ts = None
    message = Message(
        ts=workspace.timestamps.next(),
        channel=channel.id,
        user=BOT_USER_ID,
        text=content.text or "",
        blocks=content.blocks or [],
        metadata=content.metadata,
        thread_ts=thread_ts,
        reply_broadcast=thread_ts is not None and call.flag("reply_broadcast"),
    )
    workspace.add_message(message)
    shape = message_shape(message, channel, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shape}


def update(workspace: Workspace, call: Call) -> Json:
    """`chat.update`: what is left out of blocks and metadata stays, what is sent empty goes."""
    channel = find_open_channel(workspace, call)
    message = find_message(channel, call.required_text("ts"))
    if message.user != BOT_USER_ID:
        raise SlackError("cant_update_message")
    content = read_content(call, text_most=UPDATE_TEXT_MOST)
    message.text = content.text or ""
    if content.blocks is not None:
        message.blocks = content.blocks
    if content.metadata is not None:
        message.metadata = content.metadata or None
    message.edited_count += 1
    message.edited_ts = workspace.timestamps.next()
    workspace.changed()
    shape = message_shape(message, channel, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shape}


def delete(workspace: Workspace, call: Call) -> Json:
    """`chat.delete`: remove a message of the bot."""
    channel = find_open_channel(workspace, call)
    message = find_message(channel, call.required_text("ts"))
    if message.user != BOT_USER_ID:
        raise SlackError("cant_delete_message")
    workspace.remove_message(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(workspace: Workspace, call: Call) -> Json:
    """`chat.postEphemeral`: show a note to one person in a channel."""
    channel = find_open_channel(workspace, call)
    user = call.required_text("user")
    if user not in channel_members(channel):
        raise SlackError("user_not_in_channel")
    content = read_content(call, text_most=POST_TEXT_MOST)
    note = Message(
        ts=workspace.timestamps.next(),
        channel=channel.id,
        user=BOT_USER_ID,
        text=content.text or "",
        blocks=content.blocks or [],
        thread_ts=call.text("thread_ts") or None,
        ephemeral_to=user,
    )
    workspace.add_message(note)
    return {"message_ts": note.ts}


def get_permalink(workspace: Workspace, call: Call) -> Json:
    """`chat.getPermalink`: the address of a message, which opens in this simulator's page."""
    channel = find_channel(workspace, call)
    message = find_message(channel, call.required_text("message_ts"))
    link = f"{call.origin}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}
