"""A held decision that is discarded lets the later ones of its review go on."""

from collections.abc import AsyncIterator

import pytest

from bot.handlers.discard import Discard, discard_delivery
from bot.reviews.decision_update import DecisionSharing
from bot.reviews.review import Action
from bot.store.store import Store, open_store
from bot.store.tables import decision_webhook, leases
from bot.store.tables.deliveries import DECISIONS
from bot.store.tables.leases import Leased, LeaseRequest, NotShown
from tests.support.store import RULES, act, receive, rows


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store that queues decisions."""
    async with open_store(
        database_url, 1, lambda: None, queues=RULES, sharing=DecisionSharing.WITHOUT_NOTE
    ) as opened:
        yield opened


async def _lease(store: Store, now: int) -> list[Leased]:
    return await store.write(decision_webhook.lease, LeaseRequest(DECISIONS, None, 10, "a", now, now + 10))


async def test_a_discarded_decision_no_longer_holds_up_the_later_ones(store: Store) -> None:
    """It is given up once; the second time there is nothing to discard."""
    await receive(store, "s1", 1_000)
    await act(store, "s1", "UANNA", Action.CLAIM)
    await act(store, "s1", "UANNA", Action.RESOLVE)
    (decided,) = await _lease(store, 3_000)
    await store.write(
        leases.record_not_shown,
        NotShown(
            decided,
            repost=False,
            due_at=3_001,
            attempts=1,
            unresolved_since=None,
            last_error="http_400",
            held_at=3_001,
            now=3_001,
        ),
    )
    await act(store, "s1", "UANNA", Action.REOPEN, 4_000)
    assert await _lease(store, 5_000) == []
    discarding = Discard(decided.id, "operator", "sent by hand")
    done = await discard_delivery(store, discarding, 5_000)
    assert (done.is_done, done.kind, done.session_id) == (True, "decision_webhook", "s1")
    (reopened,) = await _lease(store, 5_001)
    assert reopened.id > decided.id
    assert not (await discard_delivery(store, discarding, 5_002)).is_done
    entries = await rows(store, "SELECT actor, detail FROM audit WHERE action = 'discard_delivery'")
    assert len(entries) == 1
    assert '"http_400"' in entries[0]["detail"]
