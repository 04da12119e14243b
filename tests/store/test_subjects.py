"""Reviews found by session or number, and the other reviews of a subject."""

from collections.abc import Sequence

from bot.reviews.review import EntityType
from bot.store.engine.transaction import Reading
from bot.store.store import Store
from bot.store.tables import reviews, subjects
from bot.store.tables.reviews import ListedReview
from bot.store.tables.subjects import LISTED, EarlierReviews, SubjectReviews
from tests.support.store import PARTY, USER, receive, verdict


async def _earlier(store: Store, session: str) -> EarlierReviews | None:
    async def query(reading: Reading) -> EarlierReviews | None:
        found = await subjects.by_reference(reading, session)
        assert found is not None
        return (await subjects.on_card(reading, found.review.id or 0))[1]

    return await store.read(query)


async def _reviews_of(store: Store, entity_type: EntityType = USER) -> SubjectReviews:
    return await store.read(lambda reading: subjects.reviews_of(reading, entity_type, "subject"))


def _sessions(listed: Sequence[ListedReview]) -> list[str]:
    return [each.review.session_id for each in listed]


async def _found(store: Store, reference: str, queues: Sequence[str] | None = None) -> str | None:
    found = await store.read(lambda reading: subjects.by_reference(reading, reference, queues))
    return found.review.session_id if found else None


async def test_a_review_is_found_by_its_session_or_its_number(store: Store) -> None:
    """An exact session id comes first, unless it is a session of another queue; with a sign it is always a number."""
    await receive(store, "s-first", 1_000)
    await receive(store, "1", 2_000, PARTY)
    assert await _found(store, "s-first") == "s-first"
    assert await _found(store, "1") == "1"
    assert await _found(store, "1", ["user"]) == await _found(store, "#1") == "s-first"
    assert await _found(store, "2") == await _found(store, "#2") == "1"
    for unknown in ("#2x", "#0", "3", "s-2", "9" * 18, "9" * 30, ""):
        assert await _found(store, unknown) is None
    assert await _found(store, "2", ["user"]) is None


async def test_only_what_was_opened_earlier_counts(store: Store) -> None:
    """Never the review itself, a later one, or one of another type; a review opened again is the later one."""
    await receive(store, "s-1", 1_000)
    assert await _earlier(store, "s-1") is None
    await receive(store, "s-2", 2_000)
    await receive(store, "s-3", 2_000)
    await receive(store, "s-4", 3_000, PARTY)
    assert await _earlier(store, "s-1") is None
    assert await _earlier(store, "s-4") is None
    last = await _earlier(store, "s-3")
    assert last is not None
    assert (last.count, last.last.review.session_id) == (2, "s-2")
    await verdict(store, "s-1", 4_000)
    await receive(store, "s-1", 5_000)
    last = await _earlier(store, "s-1")
    assert last is not None
    assert (last.count, last.last.review.session_id) == (2, "s-3")
    assert await _earlier(store, "s-2") is None
    assert _sessions((await _reviews_of(store)).reviews) == ["s-1", "s-3", "s-2"]
    assert _sessions((await _reviews_of(store, PARTY)).reviews) == ["s-4"]


async def test_a_session_that_was_never_in_review_does_not_count(store: Store) -> None:
    """Ralio's verdicts come for sessions that no person looked at, too."""
    await verdict(store, "s-1", 1_000)
    await receive(store, "s-2", 2_000)
    assert await _earlier(store, "s-2") is None
    assert _sessions((await _reviews_of(store)).reviews) == ["s-2"]
    assert await _earlier(store, "s-1") is None


async def test_the_count_has_a_limit(store: Store) -> None:
    """However many a subject has, a card reads no more of them."""
    for number in range(LISTED + 3):
        await receive(store, f"s-{number}", 1_000 + number)
    earlier = await _earlier(store, f"s-{LISTED + 2}")
    assert earlier is not None
    assert (earlier.count, earlier.last.review.session_id) == (LISTED + 1, f"s-{LISTED + 1}")
    listed = await _reviews_of(store)
    assert (len(listed.reviews), listed.more) == (LISTED, True)
    last = await store.read(lambda reading: reviews.by_id(reading, LISTED + 1))
    before = await store.read(lambda reading: subjects.earlier_reviews(reading, last))
    assert (len(before.reviews), before.more) == (LISTED, False)
