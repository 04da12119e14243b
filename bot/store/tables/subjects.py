"""What people look up: a review by its session or number, and the other reviews of a subject."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.reviews.review import EntityType, Review
from bot.store.engine.transaction import Reading
from bot.store.tables.reviews import ListedReview, listed, review_of

LISTED = 10
"""A list holds no more reviews of a subject than this; beyond it, there are "10+"."""

_NUMBER = re.compile(r"#?([1-9][0-9]{0,17})", re.ASCII)
_LATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class EarlierReviews:
    """How many reviews of the same subject were opened earlier, at most LISTED + 1, and the last of them."""

    count: int
    last: ListedReview


@dataclass(frozen=True, slots=True)
class SubjectReviews:
    """A subject's newest reviews, at most LISTED; `more` if there are others."""

    reviews: Sequence[ListedReview]
    more: bool


def number_in(reference: str) -> int | None:
    """The number in `42` or `#42`; None in any other text."""
    found = _NUMBER.fullmatch(reference)
    return int(found[1]) if found else None


async def by_reference(
    reading: Reading, reference: str, queues: Collection[str] | None = None
) -> ListedReview | None:
    """The review of this session or, if there is none, the review with this number, written `42` or `#42`.

    With `queues`, only their reviews are found.
    """
    sql, connection, number = reading.sql, reading.connection, number_in(reference)
    row = await sql.review_of_session(connection, session_id=reference)
    if number is not None and (row is None or not _is_in(row["queue"], queues)):
        row = await sql.review_of_number(connection, number=number)
    return listed(row) if row is not None and _is_in(row["queue"], queues) else None


async def by_message(
    reading: Reading, channel: str, message_ts: str, queues: Collection[str]
) -> ListedReview | None:
    """The review of these queues whose card, or former card, is this message."""
    row = await reading.sql.review_of_message(reading.connection, channel=channel, message_ts=message_ts)
    if row is None:
        return None
    found = await reading.sql.review_of_number(reading.connection, number=row["review_id"])
    return listed(found) if found is not None and _is_in(found["queue"], queues) else None


def _is_in(queue: str, queues: Collection[str] | None) -> bool:
    return queues is None or queue in queues


async def on_card(reading: Reading, review_id: int) -> tuple[Review, EarlierReviews | None]:
    """The review that a card shows, and the earlier ones of its subject; LookupError if there is no such review."""
    row = await reading.sql.review_on_card(reading.connection, id=review_id, counted=LISTED + 1)
    if row is None:
        raise LookupError(f"there is no review with row id {review_id}")
    if not row["earlier_count"]:
        return review_of(row), None
    last = await reading.sql.review_of_number(reading.connection, number=row["earlier_last"])
    return review_of(row), EarlierReviews(row["earlier_count"], listed(last))


async def earlier_reviews(reading: Reading, review: Review) -> SubjectReviews:
    """The reviews of the same subject that were opened before this one, newest first."""
    if review.subject_id is None or review.opened_at is None or review.id is None:
        return SubjectReviews((), more=False)
    return await _page(reading, review.entity_type, review.subject_id, review.opened_at, review.id)


async def reviews_of(reading: Reading, entity_type: EntityType, subject_id: str) -> SubjectReviews:
    """All reviews of a subject, newest first."""
    return await _page(reading, entity_type, subject_id, _LATEST, _LATEST)


async def _page(
    reading: Reading, entity_type: EntityType, subject_id: str, opened_before: int, before: int
) -> SubjectReviews:
    rows = reading.sql.reviews_of_subject(
        reading.connection,
        entity_type=entity_type,
        subject_id=subject_id,
        opened_before=opened_before,
        before=before,
        page=LISTED + 1,
    )
    found = [listed(row) async for row in rows]
    return SubjectReviews(found[:LISTED], more=len(found) > LISTED)
