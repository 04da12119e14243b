"""Two instances of the bot on one PostgreSQL database: together they behave as one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from bot.delivery.retry_policy import LEASE_S
from bot.delivery.worker import IN_FLIGHT_PER_LANE
from bot.slack.api.users import JOINED_S
from tests.support import ralio
from tests.support.bot import Bot, MovableClock, running, until
from tests.support.postgres import PostgresServer
from tests.support.slack import ANA, BEN, USER_CHANNEL, LocalSlack, running_slack, shown
from tests.support.trouble import claim, claims_recorded, delivery, send

POST = "chat.postMessage"


@pytest.fixture
def database_url(postgres: PostgresServer) -> Iterator[str]:
    """SQLite has one process; these stories are about PostgreSQL only."""
    with postgres.database() as url:
        yield url


@pytest.fixture
async def bots(database_url: str, slack: LocalSlack) -> AsyncIterator[list[Bot]]:
    """Two running instances with one clock."""
    clock = MovableClock()
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(running(database_url, slack, clock)) for _ in range(2)]


async def test_the_same_event_at_both_is_one_card(bots: list[Bot]) -> None:
    """Whichever records it first; the other says that it has it already."""
    events = [ralio.event() for _ in range(20)]
    answers = await asyncio.gather(*(bot.ralio.send(event) for event in events for bot in bots))
    assert {status for status, _ in answers} == {200}
    await bots[0].settled()
    for event in events:
        assert await bots[0].card(event["data"]["sessionId"])
    assert len(await bots[0].slack.calls_for_reviews(POST)) == 20


async def test_the_card_follows_clicks_at_either(bots: list[Bot]) -> None:
    """A claim that one instance takes and a refusal that the other gives."""
    session_id = await send(bots[0])
    await bots[1].settled()
    for bot, person, action in ((bots[1], ANA, "Claim"), (bots[0], ANA, "Release"), (bots[0], BEN, "Claim")):
        await bot.slack.bot_is_at(bot.port)
        await bot.slack.click(person, await bot.card(session_id), action)
        await bot.settled()
    assert f"*Claimed* by <@{BEN}>" in shown(await bots[0].card(session_id))
    await claim(bots[1], ANA, session_id)
    await bots[1].settled()
    assert f"<@{BEN}> has been working on this" in "".join(await bots[0].slack.private_notes(ANA))


async def test_fifty_claims_over_both_have_one_winner(bots: list[Bot]) -> None:
    """Half of the people reach each instance, at once."""
    session_id = await send(bots[0])
    await bots[0].settled()
    people = await bots[0].slack.add_people(50)
    for bot in bots:
        bot.clock.advance(JOINED_S + 1)
    await asyncio.gather(
        *(claim(bots[number % 2], person, session_id) for number, person in enumerate(people))
    )
    await claims_recorded(bots[0], len(people))
    await bots[0].settled()
    claims = bots[0].rows("SELECT actor, refused FROM audit WHERE action = 'claim'")
    (winner,) = [row["actor"] for row in claims if row["refused"] is None]
    assert len(claims) == 50
    assert f"*Claimed* by <@{winner}>" in shown(await bots[0].card(session_id))


async def test_a_rolling_deploy_loses_and_doubles_nothing(database_url: str, slack: LocalSlack) -> None:
    """The new instance starts, events go on, the old one stops with calls under way."""
    clock = MovableClock()
    sessions: list[str] = []
    async with AsyncExitStack() as new_stack:
        async with running(database_url, slack, clock) as old:
            sessions += [await send(old) for _ in range(5)]
            await slack.fault(POST, "slow_answer", seconds=0.5, probability=0.5)
            new = await new_stack.enter_async_context(running(database_url, slack, clock))
            for _ in range(10):
                sessions += await asyncio.gather(send(old), send(new))
        sessions += [await send(new) for _ in range(5)]
        await slack.no_faults()
        await new.settled()
        for session_id in sessions:
            assert await new.card(session_id)
        assert len(await slack.calls_for_reviews(POST)) == len(sessions)


async def test_a_stalled_instance_is_overtaken_and_records_nothing(
    database_url: str, slack: LocalSlack
) -> None:
    """Its lease ends while it waits for Slack: the other finds the message and adopts it."""
    clock = MovableClock()
    async with running(database_url, slack, clock) as stalled:
        await slack.fault(POST, "slow_answer", count=1, seconds=3.0)
        session_id = await send(stalled)
        await until(lambda: slack.calls_for_reviews(POST), "nothing is sent")
        # Only the other one polls from here on.
        async with running(database_url, slack, clock) as other:
            clock.advance(LEASE_S + 1)
            await other.settled()
            adopted = delivery(other, session_id)
            assert len(await slack.calls_for_reviews(POST)) == 1
            await asyncio.sleep(3.0)
            assert delivery(other, session_id) == adopted
            assert await other.card(session_id)
            assert len(await slack.calls_for_reviews(POST)) == 1


async def test_what_one_instance_could_not_post_the_other_posts(database_url: str, slack: LocalSlack) -> None:
    """The call was cut off and its instance is gone: settle, look, post once."""
    clock = MovableClock()
    async with running(database_url, slack, clock) as other:
        async with running(database_url, slack, clock) as gone:
            await slack.fault(POST, "drop_before", count=1)
            session_id = await send(gone)
            await until(lambda: slack.calls_for_reviews(POST), "nothing is sent")
        clock.advance(LEASE_S + 1)
        await other.settled()
        assert await other.card(session_id)
        assert len(await slack.calls_for_reviews(POST)) == 2


async def test_two_instances_share_a_channels_pace(database_url: str) -> None:
    """Each knows only its own calls: Slack's 429 keeps both together within its pace, and each card comes once."""
    pace, cards = 10.0, 100
    burst = 5 * pace
    clock = MovableClock()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(running_slack(posts_per_second=pace))
        bots = [
            await stack.enter_async_context(running(database_url, slack, clock, slack_posts_per_second=pace))
            for _ in range(2)
        ]
        sessions = await asyncio.gather(*(send(bots[number % 2]) for number in range(cards)))
        await bots[0].settled(30)
        texts = [shown(message) for message in await slack.messages(USER_CHANNEL)]
        assert [sum(session_id in text for text in texts) for session_id in sessions] == [1] * cards
        calls = await slack.calls_for_reviews(POST)
        taken = [call["at"] for call in calls if call["status"] == 200]
        limited = [call["at"] for call in calls if call["status"] == 429]
        assert len(taken) == cards
        assert taken[-1] - taken[0] >= (cards - burst) / pace - 1
        # Together they may begin two bursts, of which Slack refuses one; after that they keep the peace.
        assert 0 < len(limited) <= burst + 2 * IN_FLIGHT_PER_LANE
        assert bots[0].rows("SELECT id FROM deliveries WHERE attempts > 0 OR held_at IS NOT NULL") == []
