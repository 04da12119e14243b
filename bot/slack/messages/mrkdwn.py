"""Slack's mrkdwn for ids, people and times. All text from outside is escaped here."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from bot.reviews.permissions import Absence
from bot.reviews.review import EntityType, SessionState

QUEUE_NAMES: Mapping[str, str] = MappingProxyType(
    {EntityType.USER: "user", EntityType.RELATED_PARTY: "related party"}
)
"""The display names of queues."""

VERDICTS: Mapping[SessionState, str] = MappingProxyType(
    {SessionState.VERIFIED: "verified", SessionState.REJECTED: "rejected", SessionState.EXPIRED: "expired"}
)
"""The display names of Ralio's verdicts."""


NO_ONE_AWAY: Mapping[str, Absence] = MappingProxyType({})


def escaped(text: str) -> str:
    """Text that Slack shows as it is: it cannot hide a mention, a link or a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_words(code_: str) -> str:
    """A code that has no label, as words."""
    return escaped(code_.replace("_", " "))


def code(text: str) -> str:
    """Opaque text as inline code, where no character is formatting."""
    without_ticks = text.replace("`", "'")
    return f"`{escaped(without_ticks)}`"


def person(user_id: str) -> str:
    """A mention of a person by id."""
    return f"<@{escaped(user_id)}>"


def mention(id_: str) -> str:
    """A mention of a person, user group or channel, distinguished by the first letter of the id."""
    if is_channel(id_):
        return f"<#{escaped(id_)}>"
    return f"<!subteam^{escaped(id_)}>" if id_.startswith("S") else person(id_)


def is_channel(id_: str) -> bool:
    """Whether the id is a channel's."""
    return id_.startswith(("C", "G", "D"))


def people(ids: Sequence[str], limit: int = 10, away: Mapping[str, Absence] = NO_ONE_AWAY) -> str:
    """Mentions of people and user groups, with who is out of office; a long list is shortened."""
    shown = ", ".join(f"{mention(id_)}{absence(id_, away)}" for id_ in ids[:limit])
    return shown if len(ids) <= limit else f"{shown} and {len(ids) - limit} more"


def absence(user_id: str, away: Mapping[str, Absence]) -> str:
    """That a person is out of office and until when, for after a mention; empty if they are not."""
    found = away.get(user_id)
    if found is None:
        return ""
    return (
        f" (🌴 out of office until {day(found.until)})" if found.until is not None else " (🌴 out of office)"
    )


def one_line(text: str, limit: int) -> str:
    """Text on one line, shortened; the caller still has to escape it."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def cut(text: str, limit: int) -> str:
    """Shorten escaped text, never inside an entity or a mention."""
    if len(text) <= limit:
        return text
    return re.sub(r"(&[a-z]*|<[^>]*)$", "", text[: limit - 1]) + "…"


def moment(at_ms: int) -> str:
    """A time in the reader's own time zone; in UTC where Slack does not know it."""
    fallback = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{at_ms // 1000}^{{date_short_pretty}} at {{time}}|{fallback}>"


def plain_moment(at_ms: int) -> str:
    """A time in UTC for texts where Slack's date format does not work, such as notifications."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def day(at_ms: int) -> str:
    """A date in the reader's own time zone; in UTC where Slack does not know it."""
    return f"<!date^{at_ms // 1000}^{{date_short_pretty}}|{plain_day(at_ms)}>"


def plain_day(at_ms: int) -> str:
    """A date in UTC for texts where Slack's date format does not work."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")


def number(review_id: int | None) -> str:
    """A review's number, with a blank before it; empty if it is unknown."""
    return f" #{review_id}" if review_id is not None else ""


def permalink(workspace_url: str, channel: str | None, message_ts: str | None) -> str:
    """The link to a message; empty if the message or the address of the workspace is unknown."""
    if not channel or not message_ts or not workspace_url:
        return ""
    return f"{workspace_url}archives/{channel}/p{message_ts.replace('.', '')}"
