"""Requests that are cancelled at any moment leave nothing half-written, on either database."""

import asyncio
import random

import pytest

from bot.handlers import ralio_event
from bot.handlers.ralio_event import Receipt
from bot.reviews.review import EntityType, SessionEvent, SessionState
from bot.store.store import Store
from tests.support.look import look_into

COUNT = 400


def _event(number: int) -> SessionEvent:
    return SessionEvent(
        f"e{number}",
        100,
        f"s{number}",
        SessionState.REVIEW,
        entity_type=EntityType.USER,
        subject_id="u1",
        type="kyc_session_manual_review",
        received_at=1_000,
    )


@pytest.mark.parametrize("seed", range(3))
async def test_four_hundred_cancelled_requests_leave_whole_reviews_or_none(
    store: Store, database_url: str, seed: int
) -> None:
    """Whoever was not cancelled has its review; of the others there is all or nothing, and they may come again."""
    chance = random.Random(seed)
    tasks = [
        asyncio.create_task(store.write_batched(ralio_event.receive, _event(number)))
        for number in range(COUNT)
    ]
    for task in chance.sample(tasks, COUNT):
        await asyncio.sleep(chance.choice([0, 0, 0.0005]))
        if chance.random() < 0.9:
            task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    kept = {f"s{number}" for number, end in enumerate(ended) if end is Receipt.RECORDED}
    assert 0 < len(kept) < COUNT

    again = await asyncio.gather(
        *(store.write_batched(ralio_event.receive, _event(number)) for number in range(COUNT))
    )
    assert {f"s{number}" for number, receipt in enumerate(again) if receipt is Receipt.DUPLICATE} >= kept
    for table in ("events", "reviews", "audit", "deliveries"):
        (row,) = look_into(database_url, f"SELECT count(*) AS n FROM {table}")  # noqa: S608 - names of ours
        assert row["n"] == COUNT, table
