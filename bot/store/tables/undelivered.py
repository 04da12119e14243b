"""What has not been delivered yet, listed for operators."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from bot.reviews.notifications import session_of
from bot.store.engine.transaction import Reading
from bot.store.tables.deliveries import Kind
from bot.store.tables.notification_codec import Unreadable, decode

PAGE = 500


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A delivery that is not in Slack yet; times are milliseconds."""

    id: int
    kind: Kind
    session_id: str | None
    lane: str
    channel: str | None
    recipient: str | None
    attempts: int
    wanted_version: int
    shown_version: int
    due_at: int
    held_at: int | None
    leased: bool
    last_error: str | None


async def undelivered(reading: Reading, *, held: bool) -> AsyncIterator[Undelivered]:
    """The deliveries that are not in Slack yet, or only the held ones; oldest first, read page by page."""
    after = 0
    query = reading.sql.list_deliveries
    while rows := [row async for row in query(reading.connection, after=after, held=int(held), page=PAGE)]:
        for row in rows:
            yield _undelivered(dict(row))
        after = rows[-1]["id"]


def _undelivered(values: dict[str, Any]) -> Undelivered:
    """An ephemeral message has no review of its own: its notification names the session."""
    arguments = values.pop("arguments")
    values["session_id"] = values["session_id"] or _session_in(arguments)
    values["kind"] = Kind(values["kind"])
    values["leased"] = bool(values["leased"])
    return Undelivered(**values)


def _session_in(arguments: str) -> str | None:
    """The session that a stored notification names; an unreadable one is listed without."""
    notification = decode(arguments)
    return None if isinstance(notification, Unreadable) else session_of(notification)
