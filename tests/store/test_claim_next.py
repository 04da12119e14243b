"""Claim next: the oldest that the person may take, atomically, however many ask at once."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from bot.handlers.claim_next import claim_next
from bot.handlers.person_action import Submission
from bot.reviews.action_request import Authority, Refused
from bot.reviews.permissions import Roster
from bot.reviews.policy import Policy
from bot.reviews.review import Action
from bot.store.store import Store, open_store
from tests.support.postgres import PostgresServer
from tests.support.store import PARTY, RULES, act, asked, receive, rows


def _next(person: str) -> Submission:
    return asked(None, person, Action.CLAIM)


async def _claimed(store: Store, person: str) -> str | None:
    verdict = await store.write(claim_next, _next(person))
    return verdict.review.session_id if verdict.review else None


async def test_the_oldest_comes_first_over_all_queues_that_one_may_take(store: Store) -> None:
    """Whatever the order in which they were recorded; Anna may take users only, Boris both kinds."""
    await receive(store, "user-300", 300)
    await receive(store, "party-100", 100, PARTY)
    await receive(store, "user-200", 200)
    await receive(store, "party-400", 400, PARTY)
    assert await _claimed(store, "UANNA") == "user-200"
    assert [await _claimed(store, "UBORIS") for _ in range(4)] == ["party-100", "user-300", "party-400", None]


async def test_when_none_is_left_it_is_said_and_on_record(store: Store) -> None:
    """A review that somebody has, or that one may not take, is none."""
    await receive(store, "party-1", 100, PARTY)
    await receive(store, "user-1", 100)
    await act(store, "user-1", "UBORIS", Action.CLAIM)
    verdict = await store.write(claim_next, _next("UANNA"))
    assert (verdict.refused, verdict.review) == (Refused.NONE_LEFT, None)
    (entry,) = await rows(store, "SELECT * FROM audit WHERE refused IS NOT NULL")
    assert (entry["actor"], entry["action"], entry["refused"]) == ("UANNA", "claim", "none_left")
    assert entry["review_id"] is None


@pytest.mark.parametrize(
    ("roster", "why"),
    [
        (Roster(reviewers=frozenset({"UBORIS"})), Refused.NOT_A_REVIEWER),
        (Roster(reviewer_groups=frozenset({"SUNKNOWN"})), Refused.CANNOT_CHECK),
    ],
)
async def test_who_may_take_nothing_takes_nothing(store: Store, roster: Roster, why: Refused) -> None:
    """Nobody who is no reviewer, and nobody as long as their group is not known."""
    await receive(store, "user-1", 100)
    request, _ = _next("UANNA")
    mine = (request, Authority(policies=dict.fromkeys(RULES, Policy(roster))))
    verdict = await store.write(claim_next, mine)
    assert verdict.refused is why
    assert await rows(store, "SELECT status FROM reviews") == [{"status": "open"}]


async def _fifty_on_thirty(stores: list[Store]) -> None:
    for number in range(30):
        await receive(stores[0], f"s-{number}", 100 + number)
    claims = [stores[number % len(stores)].write(claim_next, _next(f"U{number}")) for number in range(50)]
    verdicts = await asyncio.gather(*claims)
    taken = [verdict.review.session_id for verdict in verdicts if verdict.review is not None]
    assert sorted(taken) == sorted(f"s-{number}" for number in range(30))
    assert Counter(verdict.refused for verdict in verdicts) == {None: 30, Refused.NONE_LEFT: 20}
    holders = await rows(stores[0], "SELECT DISTINCT claimed_by FROM reviews WHERE status = 'claimed'")
    assert len(holders) == 30


async def test_fifty_at_once_on_thirty_reviews(store: Store) -> None:
    """Thirty have a different one each, twenty are told that none is left."""
    await _fifty_on_thirty([store])


@pytest.mark.parametrize("round_number", range(3))
async def test_fifty_at_once_on_thirty_reviews_over_two_instances(
    postgres: PostgresServer, round_number: int
) -> None:
    """The same where two instances share one database, time and again."""
    assert round_number >= 0
    with postgres.database() as url:
        async with AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(open_store(url, 1, lambda: None)) for _ in range(2)]
            await _fifty_on_thirty(opened)
