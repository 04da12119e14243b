"""`conversations.*`: channels, their members and what was said in them."""

import base64
import binascii
from collections.abc import Iterator

from bot.demo.records import Channel, Json, Message
from bot.demo.timestamps import microseconds
from bot.demo.web_api.call import Call
from bot.demo.web_api.errors import SlackError
from bot.demo.web_api.places import find_channel, find_joined_channel, find_message, find_person
from bot.demo.web_api.shapes import channel_members, channel_shape, message_shape, thread_replies
from bot.demo.workspace import Workspace

_LIMIT = 100
_LIMIT_MOST = 999


def history(workspace: Workspace, call: Call) -> Json:
    """`conversations.history`: messages, newest first; replies only when they were broadcast."""
    channel = find_joined_channel(workspace, call)
    newest_first = _newest_first(call, channel)
    found = [m for m in newest_first if m.thread_ts is None or m.reply_broadcast]
    return _page_of_messages(call, channel, found)


def replies(workspace: Workspace, call: Call) -> Json:
    """`conversations.replies`: a message and its thread, oldest first."""
    channel = find_joined_channel(workspace, call)
    ts = call.required_text("ts")
    try:
        parent = find_message(channel, ts)
    except SlackError:
        raise SlackError("thread_not_found") from None
    oldest_us, latest_us = _span(call)
    found = [m for m in thread_replies(channel, ts) if oldest_us < microseconds(m.ts) < latest_us]
    return _page_of_messages(call, channel, [parent, *found])


def info(workspace: Workspace, call: Call) -> Json:
    """`conversations.info`: name, whether it is archived, whether the bot is in it."""
    channel = find_channel(workspace, call)
    shape = channel_shape(channel)
    if call.flag("include_num_members"):
        shape["num_members"] = len(channel_members(channel))
    return {"channel": shape}


def members(workspace: Workspace, call: Call) -> Json:
    """`conversations.members`: the ids of those who are in a channel."""
    users = channel_members(find_channel(workspace, call))
    start, limit = _read_page(call)
    rest = start + limit if start + limit < len(users) else None
    return {"members": users[start : start + limit], "response_metadata": {"next_cursor": _cursor(rest)}}


def open_direct(workspace: Workspace, call: Call) -> Json:
    """`conversations.open`: the direct messages with one person."""
    if call.text("channel"):
        channel = find_channel(workspace, call)
    else:
        user = call.text("users")
        if not user:
            raise SlackError("users_list_not_supplied")
        channel = workspace.direct_channel(find_person(workspace, user).id)
    shape = channel_shape(channel) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shape}


def _newest_first(call: Call, channel: Channel) -> Iterator[Message]:
    """What everyone can see between `oldest` and `latest`: the scan ends at the first message that is too old."""
    oldest_us, latest_us = _span(call)
    for message in reversed(channel.messages.values()):
        sent_us = microseconds(message.ts)
        if sent_us <= oldest_us:
            return
        if sent_us < latest_us and message.ephemeral_to is None:
            yield message


def _span(call: Call) -> tuple[int, int]:
    """What is between `oldest` and `latest`, both exclusive, in microseconds."""
    oldest_us = _bound(call, "oldest", "invalid_ts_oldest", 0)
    latest_us = _bound(call, "latest", "invalid_ts_latest", microseconds("999999999999"))
    if call.flag("inclusive"):
        return oldest_us - 1, latest_us + 1
    return oldest_us, latest_us


def _bound(call: Call, name: str, error: str, default_us: int) -> int:
    ts = call.text(name)
    if not ts:
        return default_us
    try:
        return microseconds(ts)
    except ValueError:
        raise SlackError(error) from None


def _page_of_messages(call: Call, channel: Channel, found: list[Message]) -> Json:
    start, limit = _read_page(call)
    with_metadata = call.flag("include_all_metadata")
    page = [message_shape(m, channel, with_metadata=with_metadata) for m in found[start : start + limit]]
    has_more = start + limit < len(found)
    answer: Json = {"messages": page, "has_more": has_more, "pin_count": 0}
    if has_more:
        answer["response_metadata"] = {"next_cursor": _cursor(start + limit)}
    return answer


def _read_page(call: Call) -> tuple[int, int]:
    limit = call.number("limit", _LIMIT, most=_LIMIT_MOST)
    cursor = call.text("cursor")
    if not cursor:
        return 0, limit
    try:
        start = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, ValueError):
        raise SlackError("invalid_cursor") from None
    word, _, number = start.partition(":")
    if word != "after" or not (number.isascii() and number.isdigit()):
        raise SlackError("invalid_cursor")
    return int(number), limit


def _cursor(start: int | None) -> str:
    return "" if start is None else base64.b64encode(f"after:{start}".encode()).decode()
