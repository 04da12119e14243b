"""The worklist: what is to be done, the most urgent first, a page at most; and what it costs."""

import pytest

from bot.reviews.review import Action, Status
from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import worklist
from bot.store.tables.worklist import PAGE, Worklist
from tests.support.store import PARTY, USER, act, propose, receive, rows

BOTH = ["user", "related-party"]


async def _work(store: Store, person: str, queues: list[str], now: int = 9_000) -> Worklist:
    return await store.read(lambda reading: worklist.worklist(reading, person, queues, now))


def _sessions(listed: object) -> list[str]:
    assert isinstance(listed, list)
    return [each.review.session_id for each in listed]


async def test_each_list_holds_its_own_in_its_order(store: Store) -> None:
    """Unclaimed by age over all queues, mine by claim, what waits for my confirmation by proposal."""
    for number, session in enumerate(
        ["open-2", "open-1", "mine-2", "mine-1", "theirs", "to-confirm", "my-proposal"]
    ):
        await receive(store, session, 200 - number)
    await receive(store, "party", 195, PARTY)
    await act(store, "mine-1", "UANNA", Action.CLAIM, 300)
    await act(store, "mine-2", "UANNA", Action.CLAIM, 310)
    await act(store, "theirs", "UBORIS", Action.CLAIM, 300)
    await propose(store, "to-confirm", "UBORIS", 320)
    await propose(store, "my-proposal", "UANNA", 330)
    work = await _work(store, "UANNA", BOTH)
    assert _sessions(work.unclaimed) == ["party", "open-1", "open-2"]
    assert _sessions(work.mine) == ["mine-1", "mine-2", "my-proposal"]
    assert _sessions(work.to_confirm) == ["to-confirm"]
    assert _sessions(work.overdue) == []
    counts = work.counts["user"]
    assert [counts.of(status) for status in Status] == [2, 3, 2, 0, 0]
    assert counts.oldest_open_at == 199
    assert work.counts["related-party"].of(Status.OPEN) == 1


async def test_a_queue_that_one_may_not_work_on_is_not_listed(store: Store) -> None:
    """Neither its reviews nor its counts."""
    await receive(store, "user-1", 100)
    await receive(store, "party-1", 100, PARTY)
    work = await _work(store, "UANNA", ["user"])
    assert _sessions(work.unclaimed) == ["user-1"]
    assert set(work.counts) == {"user"}
    nothing = await _work(store, "UANNA", [])
    assert (_sessions(nothing.unclaimed), nothing.counts) == ([], {})


async def test_what_is_done_is_not_listed(store: Store) -> None:
    """Decided reviews are no work."""
    await receive(store, "done", 100)
    await act(store, "done", "UANNA", Action.CLAIM)
    await act(store, "done", "UANNA", Action.RESOLVE)
    work = await _work(store, "UANNA", BOTH)
    assert (work.counts, _sessions(work.mine), _sessions(work.unclaimed)) == ({}, [], [])


async def test_a_list_is_a_page_and_the_counts_are_whole(store: Store) -> None:
    """A hundred reviews are ten of each queue at most, the oldest of both."""
    for number in range(100):
        await receive(store, f"s-{number:03}", 100 + number, PARTY if number % 2 else USER)
    work = await _work(store, "UBORIS", BOTH)
    assert _sessions(work.unclaimed) == [f"s-{number:03}" for number in range(PAGE)]
    assert [work.counts[queue].of(Status.OPEN) for queue in BOTH] == [50, 50]


async def test_a_session_is_found_by_its_id(store: Store) -> None:
    """With where its card is, as soon as that is known."""
    await receive(store, "s-1", 100)
    found = await store.read(lambda reading: worklist.by_session(reading, "s-1"))
    assert found is not None
    assert (found.review.session_id, found.channel, found.message_ts) == ("s-1", None, None)
    assert await store.read(lambda reading: worklist.by_session(reading, "s-2")) is None


async def test_four_eyes_are_two_people_in_the_database_too(store: Store) -> None:
    """Whatever a program does, nobody confirms their own proposal; a second person does."""
    await receive(store, "s-1", 100)
    await propose(store, "s-1", "UANNA")

    def confirm(transaction: Transaction, person: str) -> None:
        statement = f"UPDATE reviews SET status = 'decided', confirmed_by = '{person}'"  # noqa: S608 - a constant
        transaction.connection.execute(statement)

    with pytest.raises(Exception, match=r"(?i)check constraint"):
        await store.write(confirm, "UANNA")
    assert await rows(store, "SELECT status, confirmed_by FROM reviews") == [
        {"status": "proposed", "confirmed_by": None}
    ]
    await store.write(confirm, "UBORIS")
    assert await rows(store, "SELECT decided_by, confirmed_by FROM reviews") == [
        {"decided_by": "UANNA", "confirmed_by": "UBORIS"}
    ]
