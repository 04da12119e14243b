"""Everything that happened to a review, page by page: its audit entries, and the messages about it that Slack has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.reviews.audit.entry import AuditEntry, read_detail
from bot.reviews.notifications import ThreadReply
from bot.reviews.reminders import DirectMessage, ReminderEnded
from bot.store.engine.transaction import Reading
from bot.store.tables.audit import entry_of
from bot.store.tables.deliveries import Kind
from bot.store.tables.notification_codec import decode

PAGE = 20


class CardState(StrEnum):
    """How far Slack is with a review's card."""

    NEWEST = "newest"
    BEHIND = "behind"
    HELD = "held"
    NOT_POSTED = "not_posted"


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A thread reply or a direct message that Slack has since `at` (milliseconds).

    `topic` is the notification's, empty if this version cannot read it; `to` are the people whom it mentions.
    """

    at: int
    kind: Kind
    topic: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of a review's history, newest first; the first page is number 0."""

    items: Sequence[AuditEntry | SentMessage]
    number: int
    has_older: bool
    card: CardState


async def history_page(reading: Reading, review_id: int, number: int) -> HistoryPage:
    """A page of a review's history; without items if there is no such page."""
    rows = [
        row
        async for row in reading.sql.history_of_review(
            reading.connection, review_id=review_id, skip=number * PAGE, page=PAGE + 1
        )
    ]
    items = [_item(row) for row in rows[:PAGE]]
    return HistoryPage(items, number, len(rows) > PAGE, await _card_state(reading, review_id))


async def sent_messages(reading: Reading, review_id: int) -> list[SentMessage]:
    """The messages about a review that Slack has, besides its card, oldest first."""
    query = reading.sql.messages_of_review
    return [_sent(row) async for row in query(reading.connection, review_id=review_id)]


async def _card_state(reading: Reading, review_id: int) -> CardState:
    row = await reading.sql.card_delivery(reading.connection, review_id=review_id)
    if row is None or row["message_ts"] is None:
        return CardState.HELD if row is not None and row["held_at"] is not None else CardState.NOT_POSTED
    if row["shown_version"] >= row["wanted_version"]:
        return CardState.NEWEST
    return CardState.HELD if row["held_at"] is not None else CardState.BEHIND


def _item(row: Mapping[str, Any]) -> AuditEntry | SentMessage:
    if row["source"] != "audit":
        return _sent(row)
    return entry_of(row, read_detail(row["detail"]))


def _sent(row: Mapping[str, Any]) -> SentMessage:
    notification, recipient = decode(row["detail"]), row["actor"]
    to: tuple[str, ...] = (recipient,) if recipient else ()
    topic = ""
    if isinstance(notification, ThreadReply | DirectMessage | ReminderEnded):
        topic = notification.topic.value
    if isinstance(notification, ThreadReply | DirectMessage):
        to = to or notification.to
    return SentMessage(row["at"], Kind(row["source"]), topic, to)
