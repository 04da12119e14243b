"""Orders of operators in the database: done once, in one transaction, and safe to repeat."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.handlers import ralio_event
from bot.handlers import replay as replay_module
from bot.handlers.ralio_event import Receipt
from bot.handlers.replay import Replay, Replayed, ReplayResult, replay
from bot.handlers.requeue import Requeue, Requeued, requeue
from bot.ralio.events import MalformedEvent
from bot.reviews.review import SessionEvent
from bot.store.engine.lock_file import LockFile
from bot.store.engine.transaction import Reading, Transaction
from bot.store.store import Store, open_store
from bot.store.tables import events, leases
from bot.store.tables.deliveries import Kind, posts
from bot.store.tables.leases import Leased, LeaseRequest, NotShown
from bot.store.tables.undelivered import undelivered
from tests.support import ralio
from tests.support.postgres import PostgresServer

USER_POSTS = posts("user")


async def _quarantine(store: Store, session_id: str) -> None:
    """A body that an older version did not understand."""
    body = json.dumps(ralio.event(sessionId=session_id)).encode()
    await store.write(
        events.quarantine, MalformedEvent(is_json=True, problems=("old",), body=body, received_at=1_000)
    )


async def _lease(store: Store, now: int, channel: str = "C1") -> list[Leased]:
    return await store.write(leases.lease, LeaseRequest(USER_POSTS, channel, 10, "a", now, now + 1_000))


async def _hold(store: Store, *, unresolved_since: int | None, due_at: int) -> None:
    """A card whose first attempt ended so that an operator has to look."""
    await _quarantine(store, "s1")
    await replay(store, Replay(None), 5_000)
    (delivery,) = await _lease(store, 5_000)
    step = NotShown(
        delivery,
        repost=False,
        due_at=due_at,
        attempts=10,
        unresolved_since=unresolved_since,
        last_error="is_archived",
        held_at=6_000,
        now=6_000,
    )
    assert await store.write(leases.record_not_shown, step)


async def test_a_requeued_delivery_begins_anew(store: Store) -> None:
    """Due at once, with all its attempts, and the lane's channel of today is where it goes."""
    await _hold(store, unresolved_since=None, due_at=6_000)
    assert await _lease(store, 90_000) == []
    assert await requeue(store, Requeue(None), 7_000) == Requeued(1)
    (delivery,) = await _lease(store, 7_000, channel="C2")
    assert (delivery.attempts, delivery.channel, delivery.is_unresolved) == (0, "C2", False)
    assert await requeue(store, Requeue(None), 7_000) == Requeued(0)


async def test_an_open_question_stays_open_and_settles_first(store: Store) -> None:
    """A post of unknown end may still appear: not before it settled, and where it was sent, Slack is looked at."""
    await _hold(store, unresolved_since=5_000, due_at=9_000)
    assert await requeue(store, Requeue(None), 7_000) == Requeued(1)
    assert await _lease(store, 8_999, channel="C2") == []
    (delivery,) = await _lease(store, 9_000, channel="C2")
    assert (delivery.unresolved_since, delivery.is_unresolved, delivery.channel) == (5_000, True, "C1")


async def test_what_is_not_held_is_not_touched(store: Store) -> None:
    """A lease that is under way goes on."""
    await _quarantine(store, "s1")
    await replay(store, Replay(None), 5_000)
    (delivery,) = await _lease(store, 5_000)
    for order in (Requeue(delivery.id), Requeue(None)):
        assert await requeue(store, order, 5_000) == Requeued(0)

    async def cards(reading: Reading) -> list[tuple[bool, int]]:
        rows = [row async for row in undelivered(reading, held=False)]
        return [(row.leased, row.due_at) for row in rows if row.kind is Kind.CARD]

    assert await store.read(cards) == [(True, 6_000)]


async def test_two_processes_replay_the_same_rows(postgres: PostgresServer) -> None:
    """Each row is recorded by one of them, the other finds it gone; every session has one version."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgres.database())
        first, second = [await stack.enter_async_context(open_store(url, 1, lambda: None)) for _ in range(2)]
        for number in range(40):
            await _quarantine(first, f"s{number}")
        pages = await asyncio.gather(*(replay(store, Replay(None), 5_000) for store in (first, second)))
        fates = [row.fate for page in pages for row in page.rows]
        assert fates.count(ReplayResult.RECORDED) == 40
        assert set(fates) <= {ReplayResult.RECORDED, ReplayResult.NOT_QUARANTINED}
        assert await first.read(events.quarantined_count) == 0


async def test_a_body_that_we_trip_over_stays_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its neighbours are recorded, and nothing of it is half-written."""
    receive = ralio_event.receive

    def stumbling(transaction: Transaction, received: Sequence[SessionEvent]) -> Sequence[Receipt]:
        receipts = receive(transaction, received)
        if received[0].session_id == "s1":
            raise KeyError("Jane Doe")
        return receipts

    monkeypatch.setattr(ralio_event, "receive", stumbling)
    for number in range(3):
        await _quarantine(store, f"s{number}")
    page = await replay(store, Replay(None), 5_000)
    assert [row.fate for row in page.rows] == [
        ReplayResult.RECORDED,
        ReplayResult.STAYS,
        ReplayResult.RECORDED,
    ]
    assert page.rows[1].problem == "the bot failed to process it: KeyError"
    assert await store.read(events.quarantined_count) == 1
    monkeypatch.undo()
    again = await replay(store, Replay(None), 5_000)
    assert again.rows == (Replayed(page.rows[1].id, ReplayResult.RECORDED),)


async def test_pages_go_on_behind_what_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies that stay do not hide those behind them."""
    monkeypatch.setattr(replay_module, "PAGE", 2)
    for number in range(5):
        malformed = MalformedEvent(
            is_json=False, problems=("old",), body=b"rubbish %d" % number, received_at=1_000
        )
        await store.write(events.quarantine, malformed)
    seen: list[Replayed] = []
    after: int | None = 0
    while after is not None:
        page = await replay(store, Replay(None, after), 5_000)
        seen += page.rows
        after = page.next_after
    assert len({row.id for row in seen}) == 5
    assert {(row.fate, row.problem) for row in seen} == {(ReplayResult.STAYS, "the body is not JSON")}


def test_a_holder_tells_where_it_takes_orders(database: Path) -> None:
    """As long as it holds the lock, and whole or not at all."""
    lock, other = LockFile(database), LockFile(database)
    assert other.announced() is None
    lock.acquire()
    assert other.announced() is None
    lock.announce(database.with_name("orders.sock"))
    assert other.announced() == database.with_name("orders.sock")
    database.with_name("reviews.db.lock").write_bytes(b"1\n/tmp/half-writ")
    assert other.announced() is None
    lock.release()
    assert other.announced() is None
