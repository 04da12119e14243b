"""The chain in the database: one order for all who append, no gaps, and checked in constant memory."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest

from bot.handlers import ralio_event
from bot.handlers.ralio_event import Receipt
from bot.reviews.audit.chain import ChainCheck, Finding
from bot.reviews.audit.entry import Keys
from bot.reviews.review import SessionEvent, SessionState
from bot.store.engine.transaction import Reading, Transaction
from bot.store.store import Store, open_store
from bot.store.tables import audit_trail
from tests.support.postgres import PostgresServer

KEYS = Keys(["key"])


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store whose record is keyed."""
    async with open_store(database_url, 1, lambda: None, KEYS) as opened:
        yield opened


def _event(number: int, session: str) -> SessionEvent:
    return SessionEvent(
        f"e{number}",
        100 + number,
        session,
        SessionState.REVIEW,
        type="kyc_session_manual_review",
        received_at=1_000 + number,
    )


async def _verify(store: Store) -> tuple[Finding | None, ChainCheck]:
    return await store.read(lambda reading: audit_trail.verify(reading, KEYS, None, lambda _done: None))


def _stumbling(transaction: Transaction, events: Sequence[SessionEvent]) -> Sequence[Receipt]:
    """A command that fails after it has appended."""
    ralio_event.receive(transaction, events)
    raise KeyError("stumbled")


async def test_batches_and_failures_leave_no_gap(store: Store) -> None:
    """Many sessions at once, some of them twice, and commands that fail in between."""
    work = [
        store.write_batched(ralio_event.receive, _event(number, f"s{number % 40}")) for number in range(100)
    ]
    work += [store.write_batched(_stumbling, _event(1_000 + number, f"s{number}")) for number in range(5)]
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    assert sum(isinstance(outcome, KeyError) for outcome in outcomes) == 5
    finding, check = await _verify(store)
    assert (finding, check.entries) == (None, 101)


async def test_instances_append_to_one_chain(postgres: PostgresServer) -> None:
    """Three of them about the same sessions at once: one order, no gap, and nobody fails."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgres.database())
        stores = [await stack.enter_async_context(open_store(url, 1, lambda: None, KEYS)) for _ in range(3)]
        work = [
            stores[number % 3].write_batched(ralio_event.receive, _event(number, f"s{number % 50}"))
            for number in range(600)
        ]
        assert set(await asyncio.gather(*work)) == {Receipt.RECORDED}
        finding, check = await _verify(stores[0])
        assert (finding, check.entries) == (None, 601)


async def test_an_instance_that_vanishes_does_not_keep_the_head(postgres: PostgresServer) -> None:
    """The server ends a transaction that is idle, so that the others go on."""
    query = "SHOW idle_in_transaction_session_timeout"

    def asked(transaction: Transaction, _nothing: None) -> str:
        row = transaction.connection.execute(query).fetchone()
        return str(row["idle_in_transaction_session_timeout"])

    with postgres.database() as url:
        async with open_store(url, 1, lambda: None) as store:
            assert await store.write(asked, None) == "10s"


async def _peak(store: Store) -> int:
    """The most memory that checking and reading all of it took, in bytes."""

    async def read(reading: Reading) -> None:
        async for _ in audit_trail.entries(reading):
            pass

    tracemalloc.start()
    try:
        assert (await _verify(store))[0] is None
        await store.read(read)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def _fill(store: Store, first: int, last: int) -> None:
    for start in range(first, last, 1_000):
        events = (_event(number, f"s{number}") for number in range(start, start + 1_000))
        await asyncio.gather(*(store.write_batched(ralio_event.receive, event) for event in events))


async def test_checking_and_reading_take_constant_memory(store: Store) -> None:
    """Three times as many entries need no more than the first ones did."""
    await _fill(store, 0, 2_000)
    await _peak(store)
    first = await _peak(store)
    await _fill(store, 2_000, 6_000)
    assert await _peak(store) < first * 1.5
