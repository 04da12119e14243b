"""Reading: the whole state, a channel's messages, the log of calls."""

from dataclasses import asdict, fields
from itertools import islice

from aiohttp import web

from bot.demo.call_log import KEPT_CALLS
from bot.demo.control.body import query_number
from bot.demo.interactions.conversation import find_channel
from bot.demo.local_slack import LOCAL_SLACK, LocalSlack
from bot.demo.records import APP_ID, BOT_USER_ID, TEAM_ID, TEAM_NAME, Channel, Json, Message, View
from bot.demo.web_api.shapes import channel_members, view_shape

_MESSAGE_FIELDS = tuple(each.name for each in fields(Message))
_ALL = 10**9


async def get_state(request: web.Request) -> web.Response:
    """`GET /_control/state`: everything; `user` narrows what is personal, `limit` the messages a channel."""
    slack = request.app[LOCAL_SLACK]
    user = request.query.get("user")
    limit = query_number(request, "limit", _ALL)
    return web.json_response(_state(slack, user, limit))


async def get_messages(request: web.Request) -> web.Response:
    """`GET /_control/messages`: a channel's messages in order, or every channel's one after the other."""
    slack = request.app[LOCAL_SLACK]
    name = request.query.get("channel")
    channels = [find_channel(slack, name)] if name else list(slack.workspace.channels.values())
    user = request.query.get("user")
    return web.json_response([shown for each in channels for shown in _messages(each, user, _ALL)])


async def get_calls(request: web.Request) -> web.Response:
    """`GET /_control/calls`: the newest calls of the Web API in order of arrival."""
    limit = query_number(request, "limit", KEPT_CALLS)
    calls = request.app[LOCAL_SLACK].call_log.newest(request.query.get("method"), limit)
    return web.json_response([asdict(call) for call in calls])


async def delete_calls(request: web.Request) -> web.Response:
    """`DELETE /_control/calls`: forget the calls."""
    request.app[LOCAL_SLACK].call_log.clear()
    return web.json_response({})


def clock_state(slack: LocalSlack) -> Json:
    """What time it is here, in milliseconds, and by how many seconds it was moved."""
    return {"now_ms": slack.config.time(), "ahead_s": slack.config.time.ahead_s}


def _state(slack: LocalSlack, user: str | None, limit: int) -> Json:
    workspace = slack.workspace
    channels = list(workspace.channels.values())
    if user is not None:
        channels = [channel for channel in channels if channel.im_user in (None, user)]
    return {
        "version": slack.changes.version,
        "team": {"id": TEAM_ID, "name": TEAM_NAME},
        "app": {"id": APP_ID, "user": BOT_USER_ID, "name": workspace.people[BOT_USER_ID].name},
        "bot_url": slack.bot.url,
        "clock": clock_state(slack),
        "scopes": workspace.scopes,
        "people": [asdict(person) for person in workspace.people.values()],
        "usergroups": [asdict(group) for group in workspace.groups.values()],
        "channels": [channel_state(channel) for channel in channels],
        "messages": {channel.id: _messages(channel, user, limit) for channel in channels},
        "homes": {who: _view(home) for who, home in workspace.homes.items() if user in (None, who)},
        "modals": {
            who: [_view(view) for view in stack]
            for who, stack in workspace.modals.items()
            if user in (None, who)
        },
        "faults": [asdict(fault) for fault in slack.faults.listed()],
    }


def channel_state(channel: Channel) -> Json:
    """Return a channel as the control API shows it, without its messages."""
    return {
        "id": channel.id,
        "name": channel.name,
        "archived": channel.archived,
        "bot_is_member": channel.bot_is_member,
        "im_user": channel.im_user,
        "members": channel_members(channel),
    }


def message_state(message: Message) -> Json:
    """Return a message as the control API shows it."""
    return {name: getattr(message, name) for name in _MESSAGE_FIELDS}


def _messages(channel: Channel, user: str | None, limit: int) -> list[Json]:
    newest_first = (m for m in reversed(channel.messages.values()) if user is None or _is_visible(m, user))
    shown = [message_state(message) for message in islice(newest_first, limit)]
    shown.reverse()
    return shown


def _is_visible(message: Message, user: str) -> bool:
    return message.ephemeral_to in (None, user)


def _view(view: View) -> Json:
    return {**view_shape(view), "user": view.user, "errors": view.errors}
