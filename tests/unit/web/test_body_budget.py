"""The budget of all request bodies: who makes room, and what is free again."""

import asyncio

from bot.web.body_budget import BodyBudget


async def test_what_is_answered_is_free_again() -> None:
    """Whole bodies stay charged until then, and a released body is not released twice."""
    budget = BodyBudget(100)
    budget.complete("a", 60)
    budget.complete("b", 30)
    assert budget.used_bytes == 90
    budget.release("a")
    budget.release("a")
    assert budget.used_bytes == 30


async def test_the_slowest_that_is_still_arriving_is_evicted() -> None:
    """Not the largest, and never one that has arrived."""
    budget = BodyBudget(100)
    async with asyncio.timeout(None) as slow, asyncio.timeout(None) as fast:
        await asyncio.sleep(0)
        budget.complete("whole", 40)
        budget.start("slow", 0.0, slow)
        budget.start("fast", 9.0, fast)
        budget.add("slow", 30, 10.0)
        budget.add("fast", 30, 10.0)
        assert (budget.used_bytes, slow.when(), fast.when()) == (100, None, None)
        budget.add("fast", 1, 10.0)
        assert (budget.used_bytes, slow.when(), fast.when(), budget.evicted) == (71, 10.0, None, 1)
        budget.add("slow", 30, 10.0)  # it arrives before its reader is stopped
        assert budget.used_bytes == 71
        slow.reschedule(None)


async def test_if_all_others_have_arrived_the_newcomer_makes_room() -> None:
    """Verified work goes on."""
    budget = BodyBudget(100)
    async with asyncio.timeout(None) as deadline:
        await asyncio.sleep(0)
        budget.complete("whole", 100)
        budget.start("newcomer", 0.0, deadline)
        budget.add("newcomer", 1, 1.0)
        assert (budget.used_bytes, deadline.when()) == (100, 1.0)
        deadline.reschedule(None)
