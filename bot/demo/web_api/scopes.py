"""What the bot's token allows: the scopes of each method, as the methods' own pages name them.

All channels here are public, so the `groups:` scopes are never needed. Pages:
https://docs.slack.dev/reference/methods.
"""

from collections.abc import Mapping
from types import MappingProxyType

from bot.demo.web_api.errors import SlackError

ALL_SCOPES = (
    "channels:history", "channels:read", "chat:write", "commands", "groups:history", "groups:read", "im:history",
    "im:read", "im:write", "usergroups:read", "users:read",
)  # fmt: skip

_NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "bots.info": "users:read",
        "chat.delete": "chat:write",
        "chat.postEphemeral": "chat:write",
        "chat.postMessage": "chat:write",
        "chat.update": "chat:write",
        "conversations.history": "channels:history",
        "conversations.info": "channels:read",
        "conversations.members": "channels:read",
        "conversations.open": "im:write",
        "conversations.replies": "channels:history",
        "usergroups.list": "usergroups:read",
        "usergroups.users.list": "usergroups:read",
        "users.info": "users:read",
    }
)


def check_scope(method: str, granted: list[str]) -> None:
    """Refuse a call that the token does not allow."""
    needed = _NEEDED.get(method)
    if needed is not None and needed not in granted:
        raise SlackError("missing_scope", needed=needed, provided=",".join(granted))


def accepted(method: str) -> str:
    """Return the scope that a method needs; empty where any token will do."""
    return _NEEDED.get(method, "")
