"""The reviews: one row a session, changed by compare-and-set."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter, itemgetter
from typing import Any

from bot.reviews.checks_text import checks_as_text, checks_from_text
from bot.reviews.review import (
    Disagreement,
    EarlierDecision,
    EntityType,
    Pause,
    Review,
    SessionState,
    Status,
)
from bot.store.engine.bulk import rows_written, write_rows
from bot.store.engine.transaction import Reading, Transaction
from bot.store.errors import StaleRead

PAGE = 500


@dataclass(frozen=True, slots=True)
class ListedReview:
    """A review and where its card is in Slack."""

    review: Review
    channel: str | None
    message_ts: str | None


def load(transaction: Transaction, session_ids: Sequence[str]) -> dict[str, Review]:
    """The reviews of these sessions, for changing them in this transaction."""
    rows = transaction.sql.reviews_of_sessions(
        transaction.connection, session_ids=json.dumps(list(session_ids))
    )
    return {row["session_id"]: review_of(row) for row in rows}


def insert(transaction: Transaction, reviews: Sequence[Review]) -> dict[str, Review]:
    """Insert new reviews; answers with them as they got their row ids. StaleRead if a session has one by now."""
    rows = [
        (
            *(review.session_id, review.entity_type, review.subject_id, review.queue, int(review.unreadable)),
            *(
                checks_as_text(review.checks),
                review.session_state,
                review.session_event_at,
                review.session_event_id,
            ),
            *(
                review.status,
                review.opened_at,
                review.status_since,
                review.due_at,
                review.disagreement,
                review.version,
                review.revision,
                checks_as_text(review.verdict_checks),
            ),
        )
        for review in reviews
    ]
    ids = {row["session_id"]: row["id"] for row in rows_written(transaction, "insert_reviews", rows)}
    if len(ids) != len(rows):
        raise StaleRead("another instance opened one of the reviews first")
    transaction.new_sessions |= {id_: session_id for session_id, id_ in ids.items()}
    return {review.session_id: review._replace(id=ids[review.session_id]) for review in reviews}


def update(transaction: Transaction, changed: Sequence[tuple[Review, Review]]) -> None:
    """Write changed reviews, each as it was read and as it is now; StaleRead if one was changed since."""
    rows = [
        (
            *(*_changing(after), int(after.unreadable), *_as_texts(after), after.recorded_afterwards),
            *(before.id, before.version),
        )
        for before, after in changed
    ]
    if rows and write_rows(transaction, "update_reviews", rows) != len(rows):
        sessions = ", ".join(before.session_id for before, _ in changed)
        raise StaleRead(f"one of the sessions {sessions} changed since it was read")


def lock(transaction: Transaction, review_id: int) -> Review | None:
    """One review, for changing it in this transaction; None if it is gone or another instance is changing it."""
    row = transaction.sql.review_to_change(transaction.connection, id=review_id)
    return None if row is None else review_of(row)


def ids_in_work(transaction: Transaction, after: int, limit: int) -> list[int]:
    """The row ids of at most `limit` reviews in progress or awaiting a verdict in time, in order, after row `after`."""
    sql, connection = transaction.sql, transaction.connection
    statements = (sql.in_work_after, sql.awaiting_verdict_after)
    rows = [row for statement in statements for row in statement(connection, after=after, page=limit)]
    return sorted(row["id"] for row in rows)[:limit]


def oldest_open(transaction: Transaction, queues: Sequence[str]) -> str | None:
    """The session of the open review that has waited longest in these queues; None when no review is open.

    Reviews that another instance is changing are skipped while there is any other. When there is no other this waits
    for that instance, and raises StaleRead if an open review appears in the meantime.
    """
    sql, connection = transaction.sql, transaction.connection
    for statement in (sql.oldest_open, sql.oldest_open_waited_for):
        rows = [row for queue in queues if (row := statement(connection, queue=queue)) is not None]
        if rows:
            return str(min(rows, key=lambda row: row["opened_at"])["session_id"])
    if any(sql.has_open(connection, queue=queue)["found"] for queue in queues):
        raise StaleRead("another instance has just changed which reviews are open")
    return None


def claimed_by(transaction: Transaction, person: str) -> list[int]:
    """The row ids of the reviews that this person has claimed."""
    return [row["id"] for row in transaction.sql.claimed_by(transaction.connection, person=person)]


async def open_tests(reading: Reading) -> list[tuple[str, EntityType]]:
    """The sessions that `send-test` sent and that are not closed yet, oldest first."""
    rows = reading.sql.open_tests(reading.connection)
    return [(row["session_id"], EntityType(row["entity_type"])) async for row in rows]


async def holders(reading: Reading) -> list[str]:
    """The people who have claimed reviews now."""
    return [row["claimed_by"] async for row in reading.sql.holders(reading.connection)]


async def by_id(reading: Reading, review_id: int) -> Review:
    """The review with this row id; LookupError if there is none."""
    row = await reading.sql.review_by_id(reading.connection, id=review_id)
    if row is None:
        raise LookupError(f"there is no review with row id {review_id}")
    return review_of(row)


async def listing(
    reading: Reading, status: Status | None, *, disagreeing: bool = False
) -> AsyncIterator[ListedReview]:
    """Reviews of one status or all, or of these the disagreeing ones, oldest first, read page by page."""
    after = 0
    query = reading.sql.disagreeing_reviews if disagreeing else reading.sql.list_reviews
    while rows := [row async for row in query(reading.connection, after=after, status=status, page=PAGE)]:
        for row in rows:
            yield listed(row)
        after = rows[-1]["id"]


def listed(row: Mapping[str, Any]) -> ListedReview:
    """A review with its card's place from a row of both tables."""
    return ListedReview(review_of(row), row["channel"], row["message_ts"])


_COLUMNS = tuple(Review._fields)
_COLUMN_NAMES = {"revision": "step"}
"""Columns that are not named like their field."""
_TEXTS = ("checks", "fetched_checks", "verdict_checks", "earlier_decision", "pauses")
"""Columns that hold JSON."""
_as_stored = itemgetter(*(_COLUMN_NAMES.get(name, name) for name in _COLUMNS))
_changing = attrgetter(
    *(
        name
        for name in _COLUMNS
        if name not in ("id", "session_id", "unreadable", "recorded_afterwards", *_TEXTS)
    )
)


def review_of(row: Mapping[str, Any]) -> Review:
    """The domain's review from a row of the table."""
    disagreement, earlier, pauses = row["disagreement"], row["earlier_decision"], row["pauses"]
    return Review._make(_as_stored(row))._replace(
        entity_type=EntityType(row["entity_type"]),
        session_state=SessionState(row["session_state"]),
        status=Status(row["status"]),
        unreadable=bool(row["unreadable"]),
        checks=checks_from_text(row["checks"]),
        fetched_checks=checks_from_text(row["fetched_checks"]),
        verdict_checks=checks_from_text(row["verdict_checks"]),
        unconfirmed=bool(row["unconfirmed"]),
        earlier_decision=EarlierDecision(**json.loads(earlier)) if earlier else None,
        disagreement=Disagreement(disagreement) if disagreement else None,
        pauses=() if pauses == "[]" else tuple(Pause(*pause) for pause in json.loads(pauses)),
        recorded_afterwards=bool(row["recorded_afterwards"]),
    )


def _as_texts(review: Review) -> tuple[str | None, ...]:
    earlier = review.earlier_decision
    return (
        checks_as_text(review.checks),
        checks_as_text(review.fetched_checks),
        checks_as_text(review.verdict_checks),
        None if earlier is None else json.dumps(asdict(earlier)),
        json.dumps([(pause.start, pause.end) for pause in review.pauses]) if review.pauses else "[]",
    )
