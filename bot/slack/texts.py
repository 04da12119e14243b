"""How single things are written in Slack's mrkdwn: ids, people, times. All text from outside passes through here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from bot.reviews.review import EntityType

QUEUE_NAMES: Mapping[str, str] = MappingProxyType(
    {EntityType.USER: "user", EntityType.RELATED_PARTY: "related party"}
)
"""Queues as people read them."""


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


def people(user_ids: list[str], limit: int = 10) -> str:
    """Mentions of people, shortened when they are many."""
    shown = ", ".join(person(user_id) for user_id in user_ids[:limit])
    return shown if len(user_ids) <= limit else f"{shown} and {len(user_ids) - limit} more"


def moment(at_ms: int) -> str:
    """A time in the reader's own time zone, in UTC where Slack cannot tell."""
    fallback = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{at_ms // 1000}^{{date_short_pretty}} at {{time}}|{fallback}>"


def plain_moment(at_ms: int) -> str:
    """A time in UTC for texts that are read where Slack's own form is not, such as notifications."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
