"""The cards in Slack: where each is, and those that must be posted again in their queue's channel of today."""

from dataclasses import dataclass

from bot.reviews.review import Review
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables.deliveries import UPDATES


@dataclass(frozen=True, slots=True)
class CardPlace:
    """Where a review's card is in Slack."""

    channel: str
    message_ts: str


@dataclass(frozen=True, slots=True)
class QueueChannel:
    """A queue, the channel of its cards, and the time (milliseconds)."""

    queue: str
    channel: str
    now: int


async def card_place(reading: Reading, review_id: int) -> CardPlace | None:
    """Where the review's card is; None as long as Slack has none that the bot knows of."""
    row = await reading.sql.card_place(reading.connection, review_id=review_id)
    return CardPlace(row["channel"], row["message_ts"]) if row is not None else None


def card_place_to_change(transaction: Transaction, review_id: int) -> CardPlace | None:
    """The same within a transaction."""
    row = transaction.sql.card_place(transaction.connection, review_id=review_id)
    return CardPlace(row["channel"], row["message_ts"]) if row is not None else None


async def is_escalation_pending(reading: Reading, review: Review) -> bool:
    """Whether the leads were not notified yet of the review's escalation."""
    row = await reading.sql.pending_like(
        reading.connection, review_id=review.id, prefix=f"thread:{review.session_id}:escalated:"
    )
    return bool(row["found"])


def move_cards(transaction: Transaction, page_of: tuple[QueueChannel, int]) -> int:
    """Repost at most a page of a queue's cards in its current channel; returns how many had to move.

    The old messages are then edited to say where the cards are now.
    """
    to, page = page_of
    sql, connection = transaction.sql, transaction.connection
    rows = list(sql.cards_elsewhere(connection, queue=to.queue, channel=to.channel, page=page))
    for row in rows:
        if not _repost(transaction, row["review_id"], row["message_ts"], to.now):
            continue
        sql.enqueue_former_card(
            connection,
            review_id=row["review_id"],
            unique_key=f"former:{row['channel']}:{row['message_ts']}",
            lane=UPDATES,
            channel=row["channel"],
            message_ts=row["message_ts"],
            now=to.now,
        )
    return len(rows)


def repost_held_cards(transaction: Transaction, page_of: tuple[QueueChannel, int]) -> int:
    """Post at most a page of cards again that are held in a channel which is no longer their queue's."""
    to, page = page_of
    rows = list(
        transaction.sql.held_cards_elsewhere(
            transaction.connection, queue=to.queue, channel=to.channel, page=page
        )
    )
    return sum(_repost(transaction, row["review_id"], row["message_ts"], to.now) for row in rows)


def _repost(transaction: Transaction, review_id: int, message_ts: str, now: int) -> bool:
    reposted = transaction.sql.repost_card(
        transaction.connection, review_id=review_id, message_ts=message_ts, now=now
    )
    if reposted:
        transaction.wakes_delivery_worker = True
        transaction.sql.refresh_former_cards(transaction.connection, review_id=review_id, now=now)
    return bool(reposted)
