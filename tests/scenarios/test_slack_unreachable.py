"""Slack answers too late, not at all, or not even the question whether the token is good."""

import pytest

from tests.support.bot import Bot, MovableClock, running, until
from tests.support.process import free_port
from tests.support.slack import LocalSlack
from tests.support.trouble import delivery, later, noted, send

POST, HISTORY = "chat.postMessage", "conversations.history"


async def test_a_message_that_slack_accepts_late_is_found(bot: Bot) -> None:
    """In real time: given up after eight seconds, stored before the ninth and a half, looked for after eleven."""
    await bot.slack.fault(POST, "slow", count=1, seconds=9.5)
    session_id = await send(bot)

    async def given_up() -> bool:
        return bool(delivery(bot, session_id)["last_error"] == "timeout")

    await until(given_up, "the call has no limit", 12)
    assert await bot.cards(session_id) == []
    await bot.settled()
    assert len(await bot.cards(session_id)) == 1
    assert len(await bot.slack.calls(POST)) == 1


async def test_a_clock_that_is_set_forward_doubles_no_card(bot: Bot) -> None:
    """While a card is being posted its lease seems to be over, and it is leased again."""
    await bot.slack.fault(POST, "slow", count=1, seconds=1.0)
    session_id = await send(bot)

    async def is_posting() -> bool:
        return bool(await bot.slack.calls(POST))

    await until(is_posting, "nothing is posted")
    await later(bot, 60)
    await bot.settled()
    assert len(await bot.cards(session_id)) == 1
    assert len(await bot.slack.calls(POST)) == 1


async def test_where_nobody_listens_nothing_was_sent(database_url: str, slack: LocalSlack) -> None:
    """It is certain that Slack has nothing, so that nothing has to be looked for once it is back."""
    clock = MovableClock()
    nowhere = f"http://127.0.0.1:{free_port()}/api/"
    async with running(database_url, slack, clock, slack_api_url=nowhere) as bot:
        session_id = await send(bot)
        row = await noted(bot, session_id, "cannot_connect")
        assert (row["unresolved_since"], row["held_at"]) == (None, None)
        assert row["attempts"] >= 1
    clock.advance(60)
    async with running(database_url, slack, clock) as bot:
        await bot.settled()
        assert await bot.card(session_id)
        assert await slack.calls_for_reviews(HISTORY) == []


@pytest.mark.parametrize("method", ["auth.test", "conversations.info"])
async def test_a_limit_on_a_question_about_slack_is_no_problem_with_it(
    database_url: str, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Cards go out meanwhile, and the bot is ready once it was told what it asked for."""
    monkeypatch.setattr("bot.slack.api.health.CHECK_AGAIN_S", 0.05)
    await slack.fault(method, "ratelimited", count=2, retry_after=3600)
    async with running(database_url, slack) as bot:
        session_id = await send(bot)
        await bot.settled()
        assert await bot.card(session_id)

        async def ready() -> bool:
            async with slack.session.get(f"{bot.address}/readyz") as answer:
                return answer.status == 200

        await until(ready, "it does not become ready")
