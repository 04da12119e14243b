"""Slack's answers are kept for a while: fresh ones count, older ones only while Slack cannot be asked."""

import asyncio

import pytest

from bot.slack.api import cache
from bot.slack.api.cache import ASK_AGAIN_S, FRESH_S, REMEMBERED, USABLE_S, Cache


class Slack:
    """Answers with what is set, and counts how often it is asked; None is no answer."""

    def __init__(self) -> None:
        self.answer: str | None = "yes"
        self.asked: list[str] = []
        self.now = 1_800_000_000_000
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def clock(self) -> int:
        """The time, in milliseconds."""
        return self.now

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.now += int(seconds * 1000)

    async def ask(self, id_: str) -> str | None:
        """A call that may take a while."""
        self.asked.append(id_)
        await self.may_answer.wait()
        return self.answer


@pytest.fixture
def slack() -> Slack:
    """A Slack that answers at once."""
    return Slack()


@pytest.fixture
def people(slack: Slack) -> Cache[str]:
    """What is remembered of it."""
    return Cache(slack.clock, slack.ask)


async def test_a_fresh_answer_is_not_asked_for_again(slack: Slack, people: Cache[str]) -> None:
    """For five minutes; then the new answer counts."""
    assert await people.get("U1") == "yes"
    slack.answer = "no"
    slack.later(FRESH_S)
    assert await people.get("U1") == "yes"
    slack.later(1)
    assert await people.get("U1") == "no"
    assert slack.asked == ["U1", "U1"]


async def test_an_older_answer_counts_only_while_there_is_no_new_one(
    slack: Slack, people: Cache[str]
) -> None:
    """For an hour since it was given; then there is none."""
    await people.get("U1")
    slack.answer = None
    slack.later(USABLE_S)
    assert await people.get("U1") == "yes"
    assert await people.get("U2") is None
    slack.later(1)
    assert await people.get("U1") is None


async def test_after_a_failure_it_is_not_asked_at_every_click(slack: Slack, people: Cache[str]) -> None:
    """Only every five seconds."""
    slack.answer = None
    for _ in range(10):
        assert await people.get("U1") is None
    assert slack.asked == ["U1"]
    slack.answer = "yes"
    slack.later(ASK_AGAIN_S)
    assert await people.get("U1") == "yes"


async def test_who_asks_at_the_same_time_shares_one_call(slack: Slack, people: Cache[str]) -> None:
    """And who goes away does not take the answer from the others."""
    slack.may_answer.clear()
    asking = [asyncio.create_task(people.get("U1")) for _ in range(50)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    slack.may_answer.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1:] == ["yes"] * 49
    assert slack.asked == ["U1"]


async def test_few_are_asked_about_at_once(slack: Slack, people: Cache[str]) -> None:
    """A crowd of new people does not use up what Slack allows."""
    slack.may_answer.clear()
    asking = [asyncio.create_task(people.get(f"U{number}")) for number in range(50)]
    await asyncio.sleep(0.01)
    assert len(slack.asked) == cache.ASKED_AT_ONCE
    slack.may_answer.set()
    assert await asyncio.gather(*asking) == ["yes"] * 50


async def test_what_was_asked_longest_ago_makes_room(slack: Slack, people: Cache[str]) -> None:
    """A stranger a second for a year does not fill the memory."""
    for number in range(REMEMBERED + 1):
        await people.get(f"U{number}")
    await people.get(f"U{REMEMBERED}")
    assert len(slack.asked) == REMEMBERED + 1
    await people.get("U0")
    assert slack.asked[-1] == "U0"


async def test_closing_ends_what_is_asked(slack: Slack, people: Cache[str]) -> None:
    """The bot stops without waiting for Slack."""
    slack.may_answer.clear()
    asking = asyncio.create_task(people.get("U1"))
    await asyncio.sleep(0)
    await people.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_several_missing_answers_are_asked_for_at_the_same_time(
    slack: Slack, people: Cache[str]
) -> None:
    """Fresh ones are not asked for again, and what gets no answer is left out."""
    assert await people.get("U1") == "yes"
    slack.may_answer.clear()
    asking = asyncio.create_task(people.get_all(["U1", "U2", "U3"]))
    await asyncio.sleep(0.01)
    assert slack.asked == ["U1", "U2", "U3"]
    slack.may_answer.set()
    assert await asking == {"U1": "yes", "U2": "yes", "U3": "yes"}
    slack.answer = None
    assert await people.get_all(["U1", "U4"]) == {"U1": "yes"}
