"""The worklist: what is to be done, the most urgent first, a page at most; and what it costs."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.reviews.review import Action, Status
from bot.store import worklist
from bot.store.store import Store, open_store
from bot.store.transaction import Reading, Transaction
from bot.store.worklist import PAGE, Worklist
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


QUERIES = {
    "count_in_work": "reviews_in_work",
    "waiting_in_queue": "reviews_in_work",
    "overdue_in_queue": "reviews_due",
    "to_be_confirmed": "reviews_in_work",
    "held_by": "reviews_held",
    "oldest_open": "reviews_in_work",
    "oldest_open_waited_for": "reviews_in_work",
    "has_open": "reviews_in_work",
    "review_of_session": "sqlite_autoindex_reviews_1",
    "card_place": "deliveries_card",
    "refresh_home": "deliveries_unique_key",
    "reviews_with_due_timers": "timers_due",
    "next_timer": "timers_due",
    "due_timers": "sqlite_autoindex_timers_1",
    "fired_timers": "sqlite_autoindex_timers_1",
    "forget_timers": "sqlite_autoindex_timers_1",
    "rest_timers": "sqlite_autoindex_timers_1",
    "timer_fired": "sqlite_autoindex_timers_1",
    "digest_people": "reviews_",
    "digest_overdue": "reviews_due",
    "digest_disagreements": "reviews_disagreeing",
    "count_disagreements": "reviews_disagreeing",
    "disagreeing_reviews": "reviews_disagreeing",
    "in_work_after": "reviews_not_closed",
}


@pytest.mark.parametrize("name", QUERIES)
async def test_closed_reviews_cost_nothing(tmp_path: Path, name: str) -> None:
    """Five million of them must not be read for one that is in work: every query goes by an index."""
    values = dict.fromkeys(
        ["queue", "person", "session_id", "unique_key", "status", "kind"], "x"
    ) | dict.fromkeys(["page", "now", "review_id", "since", "after"], 10)

    async def plan(reading: Reading) -> list[str]:
        sql = getattr(reading.sql, name).sql
        cursor = await reading.connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        return [row["detail"] for row in await cursor.fetchall()]

    async with open_store(f"sqlite:///{tmp_path / 'reviews.db'}", 1, lambda: None) as store:
        steps = await store.read(plan)
    assert any(f"INDEX {QUERIES[name]}" in step for step in steps), steps
    # A scan of the index of what is in work or disagrees, or of a page found before, is short; one of a table is not.
    short = ("INDEX reviews_in_work", "INDEX reviews_disagreeing", "SCAN longest_due", "SCAN CONSTANT ROW")
    scans = [step for step in steps if step.startswith("SCAN")]
    assert [step for step in scans if not any(each in step for each in short)] == [], steps


async def test_four_eyes_are_two_people_in_the_database_too(store: Store) -> None:
    """Whatever a program does, nobody confirms their own proposal; a second person does."""
    await receive(store, "s-1", 100)
    await propose(store, "s-1", "UANNA")

    def confirm(transaction: Transaction, people: Sequence[str]) -> Sequence[None]:
        for person in people:
            statement = f"UPDATE reviews SET status = 'decided', confirmed_by = '{person}'"  # noqa: S608 - our own words
            transaction.connection.execute(statement)
        return [None] * len(people)

    with pytest.raises(Exception, match=r"(?i)check constraint"):
        await store.write(confirm, "UANNA")
    assert await rows(store, "SELECT status, confirmed_by FROM reviews") == [
        {"status": "proposed", "confirmed_by": None}
    ]
    await store.write(confirm, "UBORIS")
    assert await rows(store, "SELECT decided_by, confirmed_by FROM reviews") == [
        {"decided_by": "UANNA", "confirmed_by": "UBORIS"}
    ]
