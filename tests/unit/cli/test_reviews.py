"""A review as `reviews` prints it."""

from bot.cli.reviews import review_line, review_object
from bot.reviews.review import Disagreement, EntityType, Review, SessionState, Status
from bot.store.tables.reviews import ListedReview

OPEN = Review(
    session_id="5e551014",
    entity_type=EntityType.RELATED_PARTY,
    queue="related-party",
    session_state=SessionState.REVIEW,
    session_event_at=0,
    session_event_id="event",
    status=Status.OPEN,
    opened_at=1_000,
    id=42,
)
DECIDED = OPEN._replace(
    status=Status.DECIDED, claimed_by="UANA", outcome="reject", decided_by="UANA", decided_at=2_000
)


def test_an_open_review_has_no_holder_and_no_outcome() -> None:
    """Its columns line up with those of other reviews."""
    line = review_line(ListedReview(OPEN, None, None))
    assert (
        line
        == "#42     5e551014  related-party  open                      REVIEW    1970-01-01T00:00:01.000Z"
    )


def test_a_decided_review_names_the_people() -> None:
    """Who claimed it, what was decided and who decided."""
    line = review_line(ListedReview(DECIDED, "C1", "1.5"))
    assert "  decided by UANA           REVIEW  " in line
    assert line.endswith("  reject by UANA")


def test_a_review_without_an_opening_has_a_dash() -> None:
    """Ralio's first event can be its verdict."""
    assert review_line(ListedReview(OPEN._replace(opened_at=None), None, None)).endswith("  -")


def test_the_object_has_iso_times_and_the_card() -> None:
    """What is empty is null."""
    shown = review_object(ListedReview(DECIDED, "C1", "1.5"))
    assert shown["session_id"] == "5e551014"
    assert shown["status"] == "decided"
    assert shown["opened_at"] == "1970-01-01T00:00:01.000Z"
    assert shown["decided_at"] == "1970-01-01T00:00:02.000Z"
    assert shown["channel"] == "C1"
    assert shown["message_ts"] == "1.5"
    assert shown["confirmed_by"] is None
    assert shown["due_at"] is None


def test_the_object_has_the_contracts_fields_in_its_order() -> None:
    """Programs that read `reviews --json` can rely on them."""
    confirmed = DECIDED._replace(
        confirmed_by="UBEN", confirmed_at=3_000, disagreement=Disagreement.CONTRADICTS, version=4
    )
    assert list(review_object(ListedReview(confirmed, "C1", "1.5")).items()) == [
        ("session_id", "5e551014"),
        ("number", 42),
        ("entity_type", "related-party"),
        ("subject_id", None),
        ("queue", "related-party"),
        ("session_state", "REVIEW"),
        ("status", "decided"),
        ("claimed_by", "UANA"),
        ("claimed_at", None),
        ("outcome", "reject"),
        ("reason", None),
        ("note", None),
        ("decided_by", "UANA"),
        ("decided_at", "1970-01-01T00:00:02.000Z"),
        ("confirmed_by", "UBEN"),
        ("confirmed_at", "1970-01-01T00:00:03.000Z"),
        ("snoozed_until", None),
        ("opened_at", "1970-01-01T00:00:01.000Z"),
        ("due_at", None),
        ("disagreement", "contradicts"),
        ("channel", "C1"),
        ("message_ts", "1.5"),
        ("version", 4),
    ]
