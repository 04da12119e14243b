"""How single things are written in Slack's mrkdwn: ids, people, times. All text from outside passes through here."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from bot.reviews.review import EntityType, SessionState

QUEUE_NAMES: Mapping[str, str] = MappingProxyType(
    {EntityType.USER: "user", EntityType.RELATED_PARTY: "related party"}
)
"""Queues as people read them."""

VERDICTS: Mapping[SessionState, str] = MappingProxyType(
    {SessionState.VERIFIED: "verified", SessionState.REJECTED: "rejected", SessionState.EXPIRED: "expired"}
)
"""Ralio's verdicts as people read them."""


def escaped(text: str) -> str:
    """Text that Slack shows as it is: no mention, link or channel can hide in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(word: str) -> str:
    """An opaque word in fixed width, so that none of its characters formats anything."""
    without_ticks = word.replace("`", "'")
    return f"`{escaped(without_ticks)}`"


def person(user_id: str) -> str:
    """A mention of a person by id."""
    return f"<@{escaped(user_id)}>"


def mention(id_: str) -> str:
    """A mention of a person or of a user group, told apart by the first letter of its id."""
    return f"<!subteam^{escaped(id_)}>" if id_.startswith("S") else person(id_)


def people(ids: Sequence[str], limit: int = 10) -> str:
    """Mentions of people and user groups, shortened when they are many."""
    shown = ", ".join(mention(id_) for id_ in ids[:limit])
    return shown if len(ids) <= limit else f"{shown} and {len(ids) - limit} more"


def one_line(words: str, limit: int) -> str:
    """What somebody typed, on one line and shortened; still to be escaped."""
    line = " ".join(words.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def cut(text: str, limit: int) -> str:
    """Shorten escaped text, never inside an entity or a mention."""
    if len(text) <= limit:
        return text
    return re.sub(r"(&[a-z]*|<[^>]*)$", "", text[: limit - 1]) + "…"


def moment(at_ms: int) -> str:
    """A time in the reader's own time zone, in UTC where Slack cannot tell."""
    fallback = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{at_ms // 1000}^{{date_short_pretty}} at {{time}}|{fallback}>"


def plain_moment(at_ms: int) -> str:
    """A time in UTC for texts that are read where Slack's own form is not, such as notifications."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def permalink(workspace_url: str, channel: str | None, message_ts: str | None) -> str:
    """Where a message opens; empty as long as it, or the workspace's address, is not known."""
    if not channel or not message_ts or not workspace_url:
        return ""
    return f"{workspace_url}archives/{channel}/p{message_ts.replace('.', '')}"
