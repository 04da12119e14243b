"""The worklist: what is to be done, the most urgent first, a page at most; and what it costs."""

from collections.abc import Sequence

import pytest

from bot.reviews.review import Action, Status
from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import worklist
from bot.store.tables.worklist import (
    OF_REVIEWERS,
    PAGE,
    Expanded,
    ListName,
    ReviewList,
    Scope,
    TeamMember,
    Worklist,
)
from tests.support.store import PARTY, USER, act, propose, receive, rows, verdict

BOTH = ["user", "related-party"]


def _scope(person: str, queues: list[str], led: Sequence[str] = (), now: int = 9_000) -> Scope:
    return Scope(person, queues, led, now)


async def _work(store: Store, scope: Scope, expanded: Expanded | None = None) -> Worklist:
    return await store.read(lambda reading: worklist.worklist(reading, scope, expanded))


def _sessions(work: Worklist, name: ListName) -> list[str]:
    return [each.review.session_id for each in work.lists[name].reviews]


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
    work = await _work(store, _scope("UANNA", BOTH))
    assert _sessions(work, ListName.UNCLAIMED) == ["party", "open-1", "open-2"]
    assert _sessions(work, ListName.MINE) == ["mine-1", "mine-2", "my-proposal"]
    assert _sessions(work, ListName.TO_CONFIRM) == ["to-confirm"]
    assert set(work.lists) == set(OF_REVIEWERS)
    counts = work.counts["user"]
    assert [counts.of(status) for status in Status] == [2, 3, 2, 0, 0]
    assert counts.oldest_open_at == 199
    assert work.counts["related-party"].of(Status.OPEN) == 1


async def test_a_lead_sees_what_others_have(store: Store) -> None:
    """Who has how much, the busiest first; escalated reviews apart; only of the queues that they lead."""
    for number, session in enumerate(["mine", "claimed-1", "claimed-2", "escalated", "proposed"]):
        await receive(store, session, 100 + number)
    await receive(store, "party", 100, PARTY)
    await act(store, "party", "UBORIS", Action.CLAIM, 200)
    await act(store, "mine", "ULEA", Action.CLAIM, 200)
    for session in ("claimed-1", "claimed-2"):
        await act(store, session, "UANNA", Action.CLAIM, 300)
    await act(store, "escalated", "UBORIS", Action.CLAIM, 300)
    await act(store, "escalated", "UBORIS", Action.ESCALATE, 310)
    await propose(store, "proposed", "UANNA", 320)
    work = await _work(store, _scope("ULEA", BOTH, ["user"]))
    assert _sessions(work, ListName.ESCALATED) == ["escalated"]
    assert _sessions(work, ListName.IN_PROGRESS) == ["claimed-1", "claimed-2"]
    assert _sessions(work, ListName.TO_CONFIRM) == ["proposed"]
    assert _sessions(work, ListName.MINE) == ["mine"]
    assert work.team == [
        TeamMember("UANNA", claimed=2, proposed=1),
        TeamMember("UBORIS", claimed=1, escalated=1),
        TeamMember("ULEA", claimed=1),
    ]
    listed = [each for name in work.lists for each in _sessions(work, name)]
    assert len(listed) == len(set(listed))


async def test_a_lead_sees_verdicts_that_disagree_for_a_week(store: Store) -> None:
    """The newest first; nothing of the queues of others."""
    week = worklist.DISAGREEMENTS_FOR_MS
    for session, entity, since in (
        ("old", USER, 1_000),
        ("new", USER, 3_000),
        ("newer", USER, 4_000),
        ("party", PARTY, 4_000),
    ):
        await receive(store, session, 100, entity)
        await verdict(store, session, since, entity_type=entity)
    work = await _work(store, _scope("ULEA", BOTH, ["user"], now=2_000 + week))
    assert _sessions(work, ListName.DISAGREEMENTS) == ["newer", "new"]


async def test_a_queue_that_one_may_not_work_on_is_not_listed(store: Store) -> None:
    """Neither its reviews nor its counts, nor what one has claimed there."""
    await receive(store, "user-1", 100)
    await receive(store, "party-1", 100, PARTY)
    await receive(store, "party-2", 100, PARTY)
    await act(store, "party-2", "UBORIS", Action.CLAIM)
    work = await _work(store, _scope("UBORIS", ["user"]))
    assert _sessions(work, ListName.UNCLAIMED) == ["user-1"]
    assert (_sessions(work, ListName.MINE), set(work.counts)) == ([], {"user"})
    nothing = await _work(store, _scope("UANNA", []))
    assert (_sessions(nothing, ListName.UNCLAIMED), nothing.counts) == ([], {})


async def test_what_is_done_is_not_listed(store: Store) -> None:
    """Decided reviews are no work."""
    await receive(store, "done", 100)
    await act(store, "done", "UANNA", Action.CLAIM)
    await act(store, "done", "UANNA", Action.RESOLVE)
    work = await _work(store, _scope("UANNA", BOTH, BOTH))
    assert (work.counts, work.team) == ({}, [])
    assert [each for name in work.lists for each in _sessions(work, name)] == []


async def test_a_list_is_a_page_and_its_total_is_right(store: Store) -> None:
    """Of fifty reviews, the oldest five; page by page on request, and the last page when it got shorter."""
    for number in range(50):
        await receive(store, f"s-{number:03}", 100 + number, PARTY if number % 2 else USER)
    scope = _scope("UBORIS", BOTH)
    work = await _work(store, scope)
    assert _sessions(work, ListName.UNCLAIMED) == [f"s-{number:03}" for number in range(PAGE)]
    assert (work.lists[ListName.UNCLAIMED].total, work.lists[ListName.UNCLAIMED].more) == (50, 50 - PAGE)
    assert [work.counts[queue].of(Status.OPEN) for queue in BOTH] == [25, 25]
    for first, begin, end in ((0, 0, 15), (15, 15, 30), (45, 45, 50), (60, 45, 50), (900_000_000, 45, 50)):
        work = await _work(store, scope, Expanded(ListName.UNCLAIMED, first))
        assert _sessions(work, ListName.UNCLAIMED) == [f"s-{number:03}" for number in range(begin, end)]
        assert work.lists[ListName.UNCLAIMED].more == 50 - end


@pytest.mark.parametrize("name", ListName)
async def test_every_total_counts_what_the_pages_list(store: Store, name: ListName) -> None:
    """However small the pages are."""
    steps = {
        "open": [],
        "mine": [("ULEA", Action.CLAIM)],
        "claimed": [("UBORIS", Action.CLAIM)],
        "escalated": [("UBORIS", Action.CLAIM), ("UBORIS", Action.ESCALATE)],
        "decided": [("UBORIS", Action.CLAIM), ("UBORIS", Action.RESOLVE)],
        "closed": [],
    }
    for number in range(3):
        for kind, actions in steps.items():
            await receive(store, f"{kind}-{number}", 100)
            for person, action in actions:
                await act(store, f"{kind}-{number}", person, action)
        await receive(store, f"proposed-{number}", 100)
        await propose(store, f"proposed-{number}", "UBORIS")
        await verdict(store, f"closed-{number}", 8_000)

    def make_overdue(transaction: Transaction, due_at: int) -> None:
        transaction.connection.execute(f"UPDATE reviews SET due_at = {due_at} WHERE status <> 'closed'")  # noqa: S608

    await store.write(make_overdue, 1)
    scope = _scope("ULEA", ["user"], ["user"])

    async def listed(page: int, first: int) -> ReviewList:
        return await store.read(lambda reading: worklist.review_list(reading, name, scope, page, first))

    whole = await listed(100, 0)
    pages = [await listed(2, first) for first in range(0, whole.total, 2)]
    assert whole.total == len(whole.reviews) == (15 if name is ListName.OVERDUE else 3)
    assert [each for page in pages for each in page.reviews] == list(whole.reviews)
    assert {page.total for page in pages} == {whole.total}
    assert pages[-1].more == 0


def test_an_expanded_list_is_read_back_as_it_was_written() -> None:
    """From a button's value, which could hold anything."""
    for name in ListName:
        assert Expanded.read(str(Expanded(name, 30))) == Expanded(name, 30)
    for text in (
        "",
        "mine",
        "mine:",
        "mine:-1",
        "mine:1.5",
        "mine:٣",
        "yours:1",
        "mine:1:2",
        "mine:" + "9" * 10,
    ):
        assert Expanded.read(text) is None


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
