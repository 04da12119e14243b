"""The shapes in which Slack answers: messages, channels, people, views."""

from bot.demo.records import (
    APP_ID,
    BOT_ID,
    BOT_USER_ID,
    TEAM_ID,
    Channel,
    Json,
    Message,
    Person,
    UserGroup,
    View,
)

_CREATED_S = 1_700_000_000


def message_shape(message: Message, channel: Channel, *, with_metadata: bool) -> Json:
    """Return a message as `conversations.history` and a click's payload show it."""
    shape: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    shape["team"] = TEAM_ID
    if message.user == BOT_USER_ID:
        shape |= {"bot_id": BOT_ID, "app_id": APP_ID}
    if message.blocks:
        shape["blocks"] = message.blocks
    if message.metadata and with_metadata:
        shape["metadata"] = message.metadata
    if message.edited_ts:
        shape["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.thread_ts:
        shape["thread_ts"] = message.thread_ts
        return shape
    replies = thread_replies(channel, message.ts)
    if replies:
        latest = replies[-1].ts
        shape |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": latest}
    return shape


def thread_replies(channel: Channel, thread_ts: str) -> list[Message]:
    """Return the replies to a message, oldest first."""
    return [m for m in channel.threads.get(thread_ts, {}).values() if m.ephemeral_to is None]


def channel_shape(channel: Channel) -> Json:
    """Return a channel as `conversations.info` shows it."""
    if channel.im_user:
        return {"id": channel.id, "created": _CREATED_S, "is_im": True, "user": channel.im_user,
                "is_archived": channel.archived, "is_org_shared": False}  # fmt: skip
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": _CREATED_S,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_general": False,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_archived": channel.archived,
        "is_member": channel.bot_is_member,
        "context_team_id": TEAM_ID,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def channel_members(channel: Channel) -> list[str]:
    """Return the ids of those who are in a channel."""
    if channel.bot_is_member:
        return channel.members
    return [user for user in channel.members if user != BOT_USER_ID]


def person_shape(person: Person) -> Json:
    """Return a person as `users.info` shows them; Slack leaves `is_stranger` out where it is false."""
    shape: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.handle,
        "real_name": person.name,
        "deleted": person.deleted,
        "color": person.color.removeprefix("#"),
        "tz": "Etc/UTC",
        "tz_label": "Coordinated Universal Time",
        "tz_offset": 0,
        "profile": {
            "real_name": person.name,
            "real_name_normalized": person.name,
            "display_name": person.handle,
            "display_name_normalized": person.handle,
            "team": person.team_id,
            "status_text": person.status_text,
            "status_emoji": person.status_emoji,
            "status_expiration": person.status_expiration,
        },
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": _CREATED_S,
    }
    return {**shape, "is_stranger": True} if person.is_stranger else shape


def group_shape(group: UserGroup) -> Json:
    """Return a user group as `usergroups.list` shows it."""
    return {
        "id": group.id,
        "team_id": TEAM_ID,
        "is_usergroup": True,
        "is_external": False,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "date_create": _CREATED_S,
        "date_delete": 0,
        "user_count": len(group.users),
    }


def view_shape(view: View, values: Json | None = None) -> Json:
    """Return a view as `views.*` and payloads show it; `values` is what a person entered."""
    body = view.body
    shape: Json = {
        "id": view.id,
        "team_id": TEAM_ID,
        "type": view.type,
        "blocks": body["blocks"],
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "state": {"values": values or {}},
        "hash": view.hash,
        "clear_on_close": bool(body.get("clear_on_close")),
        "notify_on_close": bool(body.get("notify_on_close")),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": APP_ID,
        "external_id": body.get("external_id", ""),
        "app_installed_team_id": TEAM_ID,
        "bot_id": BOT_ID,
    }
    if view.type == "modal":
        shape |= {name: body.get(name) for name in ("title", "submit", "close")}
    return shape
