"""What the bot's token must be allowed to do in Slack, and why (https://docs.slack.dev/reference/scopes)."""

from collections.abc import Mapping
from types import MappingProxyType

NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "chat:write": "post and update the cards, their notes and private answers",
        "channels:read": "see whether a public channel exists, the bot is in it, and who else is",
        "channels:history": "look for a card of its own before it is posted again, in public channels",
        "groups:read": "see whether a private channel exists, the bot is in it, and who else is",
        "groups:history": "look for a card of its own before it is posted again, in private channels",
        "im:write": "open the direct messages in which a person is told what concerns them",
        "im:history": "look for a direct message of its own before it is sent again",
        "users:read": "keep bots, guests and people from elsewhere from deciding",
        "usergroups:read": "know who is in a user group that may review",
        "commands": "offer the command /reviews",
    }
)
"""The one list of them: the manifest asks for it, and `check` compares it with what was granted."""

REVIEWS_GO_ON_WITHOUT = frozenset({"im:write", "im:history", "usergroups:read", "commands"})
"""Something is missing without them, but cards are posted and decided; where a user group is named that cannot be read,
that is a problem of its own."""
