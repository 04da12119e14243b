"""A review in each status, as it comes about when Anna works on it."""

from collections.abc import Callable

import pytest

from bot.reviews.review import EntityType, Review, SessionState, Status


@pytest.fixture
def review_in() -> Callable[[Status], Review]:
    """Return a function that gives a review in a status; Anna claimed it and proposed or decided."""
    is_open = Review(
        session_id="session-1",
        entity_type=EntityType.USER,
        queue="user",
        session_state=SessionState.REVIEW,
        session_event_at=1_000,
        session_event_id="event-1",
        status=Status.OPEN,
        subject_id="user-1",
        opened_at=5_000,
        status_since=5_000,
        version=3,
        id=7,
    )
    claimed = is_open._replace(
        status=Status.CLAIMED,
        claimed_by="UANNA",
        claimed_at=6_000,
        status_since=6_000,
        active_at=6_000,
    )
    proposed = claimed._replace(
        status=Status.PROPOSED,
        outcome="approve",
        reason="fine",
        note="Looks good.",
        decided_by="UANNA",
        decided_at=7_000,
        unconfirmed=True,
        status_since=7_000,
    )
    decided = proposed._replace(
        status=Status.DECIDED,
        confirmed_by="UBORIS",
        confirmed_at=8_000,
        unconfirmed=False,
        status_since=8_000,
    )
    closed = decided._replace(
        status=Status.CLOSED,
        session_state=SessionState.VERIFIED,
        claimed_by=None,
        claimed_at=None,
        status_since=8_500,
        active_at=None,
    )
    reviews = (is_open, claimed, proposed, decided, closed)
    return {review.status: review for review in reviews}.__getitem__
