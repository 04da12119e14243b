"""What Slack refuses for a reason that an operator can fix is held alone, named, and sent once the reason is gone."""

import asyncio
from typing import Any

import pytest

from bot.delivery.retry_policy import SETTLE_S
from tests.support.bot import Bot, MovableClock, running, until
from tests.support.slack import ANA, USER_CHANNEL, LocalSlack, shown
from tests.support.trouble import noted, send

HELD = "SELECT id FROM deliveries WHERE held_at IS NOT NULL"


async def _readiness(bot: Bot) -> dict[str, Any]:
    async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
        return dict(await answer.json())


async def test_one_method_without_its_scope_holds_only_that_delivery(
    database_url: str, slack: LocalSlack
) -> None:
    """Cards and clicks go on, operators get the scope's name, and then the held card is found: one card, one post."""
    clock = MovableClock()
    async with running(database_url, slack, clock) as bot:
        await slack.fault("chat.postMessage", "drop_after", count=1)
        await slack.fault("conversations.history", "error", error="missing_scope")
        unclear = await send(bot)
        await noted(bot, unclear, "disconnected")
        clock.advance(SETTLE_S)
        assert (await noted(bot, unclear, "missing_scope"))["held_at"] is not None

        other = await send(bot)
        await bot.settled()
        await slack.click(ANA, await bot.card(other), "Claim")
        await bot.settled()
        assert "*Claimed*" in shown(await bot.card(other))
        (alert,) = await slack.alerts()
        assert "`missing_scope`" in alert["text"]
        problems = (await _readiness(bot))["problems"]
        assert problems["slack_permissions"] == "missing: missing_scope"
        assert "slack_token" not in problems
        await slack.no_faults()
    async with running(database_url, slack, clock) as bot:
        await until(lambda: _nothing_held(bot), "it is not resumed")
        await bot.settled()
        assert len(await bot.cards(unclear)) == 1


async def test_a_missing_scope_is_named_until_slack_grants_it(
    database_url: str, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack's refusal says which one; nobody restarts anything."""
    monkeypatch.setattr("bot.slack.api.health.CHECK_AGAIN_S", 0.05)
    granted = (await slack.control("GET", "state"))["scopes"]
    async with running(database_url, slack) as bot:
        await slack.control("PUT", "scopes", {"scopes": [each for each in granted if each != "chat:write"]})
        session_id = await send(bot)
        await noted(bot, session_id, "missing_scope:chat:write")
        problems = (await _readiness(bot))["problems"]
        assert problems["slack_permissions"] == "missing: missing_scope:chat:write"
        await slack.control("PUT", "scopes", {"scopes": granted})
        await until(lambda: bot.cards(session_id), "the card does not come")
        await bot.settled()

        async def ready() -> bool:
            return bool((await _readiness(bot))["ready"])

        await until(ready, "readiness still names the scope")
        alerts = [message["text"] for message in await slack.alerts()]
        assert all("Add the scope `chat:write`" in text for text in alerts)


async def test_what_a_channel_refused_follows_once_the_channel_is_healthy(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is tried after every check; the first that succeeds brings the others along."""
    monkeypatch.setattr("bot.slack.api.health.CHECK_AGAIN_S", 0.05)
    await bot.slack.change_channel(USER_CHANNEL, archived=True)
    sessions = [await send(bot) for _ in range(3)]
    for session_id in sessions:
        await noted(bot, session_id, "is_archived")

    async def named() -> bool:
        return USER_CHANNEL in (await _readiness(bot))["problems"].get("channels", {})

    await until(named, "readiness does not name the channel")
    await bot.settled()
    tried = len(await bot.slack.calls("chat.postMessage"))
    await asyncio.sleep(0.3)
    assert len(await bot.slack.calls("chat.postMessage")) == tried
    await bot.slack.change_channel(USER_CHANNEL, archived=False)
    for session_id in sessions:
        await until(lambda session_id=session_id: bot.cards(session_id), "a card does not come")  # type: ignore[misc]  # mypy cannot type a lambda's default
    await bot.settled()
    assert await _nothing_held(bot)
    assert len(await bot.slack.alerts()) == 1


async def test_a_later_change_of_the_review_tries_a_held_card_again(bot: Bot) -> None:
    """Slack refused what the card said then, not what it says now."""
    session_id = await send(bot)
    await bot.settled()
    await bot.slack.fault("chat.update", "error", error="invalid_blocks", count=2)
    await bot.slack.click(ANA, await bot.card(session_id), "Claim")
    assert (await noted(bot, session_id, "invalid_blocks"))["held_at"] is not None
    await bot.slack.press(
        ANA, USER_CHANNEL, "1.000001", {"type": "button", "action_id": "review_release", "value": session_id}
    )
    await bot.settled()
    assert await _nothing_held(bot)
    assert "*Unclaimed*" in shown(await bot.card(session_id))


async def _nothing_held(bot: Bot) -> bool:
    return bot.rows(HELD) == []
