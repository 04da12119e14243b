"""What the bot's token must be allowed to do in Slack, and why (https://docs.slack.dev/reference/scopes)."""

from collections.abc import Mapping
from types import MappingProxyType

NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "chat:write": "post and update cards, thread replies and ephemeral messages",
        "channels:read": "check that a public channel exists, the bot is in it, and who else is",
        "channels:history": "find the bot's own cards before posting again, in public channels",
        "groups:read": "check that a private channel exists, the bot is in it, and who else is",
        "groups:history": "find the bot's own cards before posting again, in private channels",
        "im:write": "open direct messages to notify people",
        "im:history": "find the bot's own direct messages before sending again",
        "users:read": "keep bots, guests and people from other organisations from deciding",
        "usergroups:read": "see who is in a user group that reviews",
        "commands": "provide the /reviews command",
    }
)
"""The one list of them: the manifest asks for it, and `check` compares it with what was granted."""

REVIEWS_GO_ON_WITHOUT = frozenset({"im:write", "im:history", "usergroups:read", "commands"})
"""Something is missing without them, but cards are posted and decided; where a user group is named that cannot be read,
that is a problem of its own."""
