"""A review's row: every field is kept, and only of the version that was read."""

from collections.abc import Sequence
from typing import Any, get_type_hints

import pytest

from bot.handlers import ralio_event
from bot.reviews.checks import Check, Checks
from bot.reviews.review import (
    Disagreement,
    EarlierDecision,
    EntityType,
    Pause,
    Review,
    SessionEvent,
    SessionState,
    Status,
)
from bot.store.engine.transaction import Transaction
from bot.store.errors import StaleRead
from bot.store.store import Store
from bot.store.tables import reviews

TYPE = "kyc_session_manual_review"
UNLIKE_THE_REST: dict[str, Any] = {
    "pauses": (Pause(1, 2), Pause(3, 4)),
    "entity_type": EntityType.RELATED_PARTY,
    "session_state": SessionState.VERIFIED,
    "status": Status.DECIDED,
    "disagreement": Disagreement.CONTRADICTS,
    "unreadable": True,
    "unconfirmed": True,
    "recorded_afterwards": True,
    "checks": Checks(
        (Check("document", "refused", ("expired", 'a"b'), "DOC"), Check("liveness", "validated"))
    ),
    "fetched_checks": Checks((Check("face", "refused", ("C",), None, 3),), 7),
    "verdict_checks": Checks((Check("address", ""),)),
    "earlier_decision": EarlierDecision("reject", "other", 'a"ü', "UA", 1, "UB", 2, unconfirmed=True),
}


def _changed(before: Review) -> Review:
    """Every field but those that a row is found by is another than before, and than every other field."""
    values = {}
    for number, (name, type_) in enumerate(get_type_hints(Review).items(), 1_000):
        is_number = isinstance(getattr(before, name), int) or "int" in str(type_)
        values[name] = UNLIKE_THE_REST.get(name, number if is_number else f"<{name}>")
    return Review(**values | {"id": before.id, "session_id": before.session_id})


def _load(transaction: Transaction, session_id: str) -> Review:
    return reviews.load(transaction, [session_id])[session_id]


async def _open(store: Store, sessions: Sequence[str]) -> list[Review]:
    for number, session_id in enumerate(sessions):
        event = SessionEvent(
            f"e-{session_id}", number, session_id, SessionState.REVIEW, type=TYPE, received_at=10
        )
        await store.write_batched(ralio_event.receive, event)
    return [await store.write(_load, session_id) for session_id in sessions]


async def test_every_field_is_kept(store: Store) -> None:
    """Of twenty reviews that change together, more than one statement takes."""
    sessions = [f"s-{number}" for number in range(20)]
    opened = await _open(store, sessions)
    changed = [(before, _changed(before)) for before in opened]
    await store.write(reviews.update, changed)
    assert [await store.write(_load, session_id) for session_id in sessions] == [
        after for _, after in changed
    ]


async def test_a_review_that_opens_and_closes_in_one_batch_is_kept_whole(store: Store) -> None:
    """It is inserted as the verdict left it, with its reasons and the disagreement."""
    checks = (Check("document", "refused", ("FORGED",)),)
    opened = SessionEvent("e-1", 1, "s-1", SessionState.REVIEW, type=TYPE, received_at=10)
    verdict = opened._replace(event_id="e-2", occurred_at=2, state=SessionState.REJECTED, checks=checks)

    def receive(transaction: Transaction, events: Sequence[SessionEvent]) -> None:
        ralio_event.receive(transaction, events)

    await store.write(receive, [opened, verdict])
    review = await store.write(_load, "s-1")
    assert (review.status, review.disagreement) == (Status.CLOSED, Disagreement.UNDECIDED)
    assert (review.checks, review.verdict_checks) == (Checks(), Checks(checks))


async def test_a_review_that_somebody_else_changed_is_not_written(store: Store) -> None:
    """Nor is any that was to be written with it."""
    opened = await _open(store, ["s-1", "s-2"])
    seen_too_early = opened[1]._replace(version=opened[1].version + 1)
    changes = [(before, _changed(before)) for before in (opened[0], seen_too_early)]
    with pytest.raises(StaleRead, match="s-2"):
        await store.write(reviews.update, changes)
    assert [await store.write(_load, each.session_id) for each in opened] == opened
