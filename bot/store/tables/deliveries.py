"""All that Slack must get: the cards, and one-off messages. `leases` tells how it gets there."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot.reviews.review import Review
from bot.store.engine.bulk import write_rows
from bot.store.engine.transaction import Reading, Transaction

PAGE = 500

SOMEBODY_WAITS = 0
BACKGROUND = 1
URGENCIES = (SOMEBODY_WAITS, BACKGROUND)
"""What somebody waits for goes before the backlog."""

UPDATES = "update"
PRIVATE = "private"
HOMES = "home"
DIRECT = "direct"
OPERATIONS = "post:operations"


def posts(queue: str) -> str:
    """The lane of the queue's new cards. Deliveries of one lane share one pace."""
    return f"post:{queue}"


class Kind(StrEnum):
    """What a delivery is."""

    CARD = "card"
    EPHEMERAL = "private_note"
    OPS_ALERT = "operations_notice"
    THREAD_REPLY = "thread_note"
    HOME = "home"
    DIRECT_MESSAGE = "direct_message"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What Slack has not got yet; `oldest_at` in milliseconds."""

    pending: int
    oldest_at: int | None
    held: int


@dataclass(frozen=True, slots=True)
class CardPlace:
    """Where a review's card is in Slack."""

    channel: str
    message_ts: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A delivery that Slack has not got yet; times are milliseconds."""

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


def enqueue_cards(transaction: Transaction, reviews: Sequence[Review], now: int, urgency: int) -> None:
    """The cards of these reviews shall show their newest version."""
    rows = [
        (Kind.CARD, review.id, posts(review.queue), urgency, "{}", review.version, 0, now, now, 0)
        for review in reviews
    ]
    if rows:
        transaction.wakes_publisher = True
        write_rows(transaction, "enqueue_cards", rows)


def enqueue_ephemeral(
    transaction: Transaction, channel: str, person: str, facts: Mapping[str, object], now: int
) -> None:
    """Tell one person something in a channel that only they can see."""
    _want_message(
        transaction,
        kind=Kind.EPHEMERAL,
        lane=PRIVATE,
        urgency=SOMEBODY_WAITS,
        channel=channel,
        recipient=person,
        arguments=facts,
        now=now,
    )


def enqueue_thread_reply(
    transaction: Transaction, review: Review, facts: Mapping[str, object], now: int, key: str = ""
) -> None:
    """Tell people something in the thread under the review's card; once for each key, or version of the review."""
    _want_message(
        transaction,
        kind=Kind.THREAD_REPLY,
        review_id=review.id,
        unique_key=f"thread:{review.session_id}:{key or review.version}",
        lane=posts(review.queue),
        urgency=SOMEBODY_WAITS,
        arguments=facts,
        now=now,
    )


def enqueue_direct_message(
    transaction: Transaction, review: Review, person: str, facts: Mapping[str, object], now: int, key: str
) -> None:
    """Tell one person something about a review in the bot's direct messages with them; once for each key."""
    _want_message(
        transaction,
        kind=Kind.DIRECT_MESSAGE,
        review_id=review.id,
        unique_key=f"direct:{review.session_id}:{key}",
        lane=DIRECT,
        urgency=BACKGROUND,
        recipient=person,
        arguments=facts,
        now=now,
    )


def enqueue_digest(
    transaction: Transaction, queue: str, day: str, facts: Mapping[str, object], now: int
) -> None:
    """Post a queue's digest of a day, once."""
    _want_message(
        transaction,
        kind=Kind.DIGEST,
        unique_key=f"digest:{queue}:{day}",
        lane=posts(queue),
        urgency=BACKGROUND,
        arguments=facts,
        now=now,
    )


def enqueue_home_tab(transaction: Transaction, person: str, notice: Mapping[str, object], now: int) -> None:
    """The person's home tab shall show what is true now, and above it what became of their last click there."""
    transaction.wakes_publisher = True
    transaction.sql.enqueue_home_tab(
        transaction.connection,
        unique_key=_home_of(person),
        lane=HOMES,
        recipient=person,
        arguments=json.dumps(notice, ensure_ascii=False),
        now=now,
    )


def refresh_homes(transaction: Transaction, people: Iterable[str], now: int) -> None:
    """Bring the home tabs of these people up to date; whoever has never opened theirs has none."""
    rows = [{"unique_key": _home_of(person), "now": now} for person in people]
    transaction.sql.refresh_home(transaction.connection, rows)


def _home_of(person: str) -> str:
    return f"home:{person}"


def enqueue_ops_alert(transaction: Transaction, what: str, facts: Mapping[str, object], now: int) -> None:
    """Tell the operations channel that something needs a person; at most once an hour for each kind of thing."""
    hour = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%dT%H")
    _want_message(
        transaction,
        kind=Kind.OPS_ALERT,
        unique_key=f"{what}:{hour}",
        lane=OPERATIONS,
        urgency=BACKGROUND,
        arguments={"what": what} | dict(facts),
        now=now,
    )


def _want_message(  # noqa: PLR0913 - the columns of one row
    transaction: Transaction,
    *,
    kind: Kind,
    lane: str,
    urgency: int,
    arguments: Mapping[str, object],
    now: int,
    review_id: int | None = None,
    unique_key: str | None = None,
    channel: str | None = None,
    recipient: str | None = None,
) -> None:
    row = {
        "kind": kind,
        "review_id": review_id,
        "unique_key": unique_key,
        "lane": lane,
        "urgency": urgency,
        "channel": channel,
        "recipient": recipient,
        "arguments": json.dumps(arguments, ensure_ascii=False),
        "now": now,
    }
    transaction.wakes_publisher = True
    transaction.sql.want_message(transaction.connection, [row])


async def backlog(reading: Reading) -> Backlog:
    """Counts of what waits and what is held."""
    row = await reading.sql.backlog(reading.connection)
    return Backlog(pending=row["pending"], oldest_at=row["oldest_at"], held=row["held"])


async def card_place(reading: Reading, review_id: int) -> CardPlace | None:
    """Where the review's card is; None as long as Slack has none that we know of."""
    row = await reading.sql.card_place(reading.connection, review_id=review_id)
    return CardPlace(row["channel"], row["message_ts"]) if row is not None else None


async def undelivered(reading: Reading, *, held: bool) -> AsyncIterator[Undelivered]:
    """What Slack has not got, or of that what is held, oldest first, read page by page."""
    after = 0
    query = reading.sql.list_deliveries
    while rows := [row async for row in query(reading.connection, after=after, held=int(held), page=PAGE)]:
        for row in rows:
            yield _undelivered(dict(row))
        after = rows[-1]["id"]


def _undelivered(values: dict[str, Any]) -> Undelivered:
    """A private note has no review of its own; the session that it is about stands among its facts."""
    facts = json.loads(values.pop("arguments"))
    values["session_id"] = values["session_id"] or facts.get("session_id")
    values["kind"] = Kind(values["kind"])
    values["leased"] = bool(values["leased"])
    return Undelivered(**values)


def requeue(transaction: Transaction, delivery_id: int | None, now: int) -> int:
    """Make one held delivery due, or all where none is named; answers with how many there were."""
    transaction.wakes_publisher = True
    return int(transaction.sql.requeue_deliveries(transaction.connection, id=delivery_id, now=now))
