"""Slack fails in every way that it can; each review still ends as exactly one true card."""

from typing import Any

import pytest

from bot.delivery.retry_policy import LONGEST_BACKOFF_S, REFUSED_ATTEMPTS, SETTLE_S
from tests.support import ralio
from tests.support.bot import Bot, MovableClock, running, until
from tests.support.slack import (
    ANA,
    USER_CHANNEL,
    LocalSlack,
    buttons,
    running_slack,
    shown,
)
from tests.support.trouble import at_rest

AMBIGUOUS = ["server_error", "not_json", "drop_before", "drop_after"]


async def _send(bot: Bot) -> str:
    event = ralio.event()
    assert (await bot.ralio.send(event))[0] == 200
    return str(event["data"]["sessionId"])


async def _delivery_error(bot: Bot) -> str | None:
    rows = bot.rows("SELECT last_error FROM deliveries WHERE last_error IS NOT NULL")
    return rows[0]["last_error"] if rows else None


@pytest.mark.parametrize("fault", AMBIGUOUS)
async def test_an_ambiguous_post_ends_as_one_card(bot: Bot, fault: str) -> None:
    """Whether Slack stored the message or not: settle, look, and only then post."""
    await bot.slack.fault("chat.postMessage", fault, count=1)
    session_id = await _send(bot)
    await until(lambda: _delivery_error(bot), "the fault is not noted")
    bot.clock.advance(SETTLE_S - 2)
    await at_rest(bot)
    assert await bot.slack.calls_for_reviews("conversations.history") == []
    bot.clock.advance(2)
    await bot.settled()
    assert len(await bot.cards(session_id)) == 1
    assert len(await bot.slack.calls_for_reviews("conversations.history")) == 1
    posts = await bot.slack.calls("chat.postMessage")
    assert len(posts) == (1 if fault == "drop_after" else 2)
    assert buttons(await bot.card(session_id)) == ["Claim"]


@pytest.mark.parametrize("wrong_by_s", [-7_200, 7_200])
async def test_a_wrong_clock_does_not_double_a_card(
    database_url: str, slack: LocalSlack, wrong_by_s: int
) -> None:
    """The look goes by Slack's time, which its answers tell, not by ours."""
    clock = MovableClock()
    clock.advance(wrong_by_s)
    async with running(database_url, slack, clock) as bot:
        await slack.fault("chat.postMessage", "drop_after", count=1)
        session_id = await _send(bot)
        await until(lambda: _delivery_error(bot), "the fault is not noted")
        clock.advance(SETTLE_S)
        await bot.settled()
        assert len(await bot.cards(session_id)) == 1


async def test_an_adopted_card_is_brought_up_to_date(bot: Bot) -> None:
    """What was claimed while nobody knew of the card is on it in the end."""
    await bot.slack.fault("chat.postMessage", "drop_after", count=1)
    session_id = await _send(bot)
    await until(lambda: _delivery_error(bot), "the fault is not noted")
    await bot.slack.click(ANA, await bot.card(session_id), "Claim")
    bot.clock.advance(SETTLE_S)
    await bot.settled()
    assert "*Claimed*" in shown(await bot.card(session_id))


async def test_the_look_finds_the_card_behind_many_other_messages(
    database_url: str, slack: LocalSlack
) -> None:
    """The channel's history is read page by page, fifteen messages at a time."""
    async with running(database_url, slack, slack_posts_per_second=1.0) as bot:
        await slack.fault("chat.postMessage", "drop_after", count=1)
        session_id = await _send(bot)
        await until(lambda: _delivery_error(bot), "the fault is not noted")
        for number in range(40):
            body = {"user": ANA, "channel": USER_CHANNEL, "text": f"chat {number}"}
            await slack.session.post(f"{slack.address}/_control/messages", json=body)
        bot.clock.advance(SETTLE_S)
        await bot.settled()
        assert len(await bot.cards(session_id)) == 1
        assert len(await slack.calls_for_reviews("conversations.history")) == 3


async def test_many_open_questions_share_a_reading(bot: Bot) -> None:
    """Ten cards whose posts were cut off do not read the channel ten times."""
    await bot.slack.fault("chat.postMessage", "ratelimited", count=1, retry_after=60)
    await bot.slack.fault("chat.postMessage", "drop_after", count=10)
    sessions = [await _send(bot)]
    await until(lambda: _delivery_error(bot), "the limit is not noted")
    sessions += [await _send(bot) for _ in range(9)]
    bot.clock.advance(60)

    async def all_noted() -> bool:
        noted = bot.rows(
            "SELECT id FROM deliveries WHERE last_error = 'disconnected' AND lease_token IS NULL"
        )
        return len(noted) == 10

    await until(all_noted, "the faults are not noted")
    bot.clock.advance(SETTLE_S + 2)
    await bot.settled()
    for session_id in sessions:
        assert len(await bot.cards(session_id)) == 1
    # One probe finds out that Slack is back, then the other nine share theirs.
    assert len(await bot.slack.calls_for_reviews("conversations.history")) <= 6


async def test_a_look_that_fails_is_repeated_before_anything_is_posted(bot: Bot) -> None:
    """As long as nobody knows, nothing is sent."""
    await bot.slack.fault("chat.postMessage", "drop_after", count=1)
    await bot.slack.fault("conversations.history", "server_error", count=2)
    session_id = await _send(bot)
    await until(lambda: _delivery_error(bot), "the fault is not noted")
    for _ in range(3):
        bot.clock.advance(SETTLE_S + LONGEST_BACKOFF_S)
        await at_rest(bot)
    await bot.settled()
    assert len(await bot.cards(session_id)) == 1
    assert len(await bot.slack.calls("chat.postMessage")) == 1


@pytest.mark.parametrize("fault", AMBIGUOUS)
async def test_an_update_is_repeated_until_the_card_is_true(bot: Bot, fault: str) -> None:
    """chat.update may be sent twice: no look is needed."""
    session_id = await _send(bot)
    await bot.settled()
    await bot.slack.fault("chat.update", fault, count=1)
    await bot.slack.click(ANA, await bot.card(session_id), "Claim")
    await until(lambda: _delivery_error(bot), "the fault is not noted")
    bot.clock.advance(SETTLE_S)
    await bot.settled()
    assert "*Claimed*" in shown(await bot.card(session_id))
    assert await bot.slack.calls_for_reviews("conversations.history") == []


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "chat.postEphemeral"])
async def test_a_rate_limit_is_waited_for_and_costs_no_attempt(bot: Bot, method: str) -> None:
    """Retry-After is honoured per method; nothing is sent before it is over."""
    await bot.slack.fault(method, "ratelimited", count=1, retry_after=30)
    session_id = await _send(bot)
    await bot.slack.click(
        ANA, await _card_when_there(bot, session_id), "Claim"
    ) if method != "chat.postMessage" else None
    if method == "chat.postEphemeral":
        await bot.slack.click(ANA, await _open_copy(bot, session_id), "Claim")
    await until(lambda: _delivery_error(bot), "the limit is not noted")
    assert await _delivery_error(bot) == "ratelimited"
    bot.clock.advance(25)
    await at_rest(bot)
    assert len(await bot.slack.calls(method)) == 1
    assert [
        row["attempts"] for row in bot.rows("SELECT attempts FROM deliveries WHERE last_error IS NOT NULL")
    ] == [0]
    bot.clock.advance(10)
    await bot.settled()
    assert len(await bot.slack.calls(method)) == 2


async def _card_when_there(bot: Bot, session_id: str) -> dict[str, Any]:
    await until(lambda: bot.cards(session_id), "no card")
    return await bot.card(session_id)


async def _open_copy(bot: Bot, session_id: str) -> dict[str, Any]:
    """The card as it was drawn while the review was open."""
    button = {
        "action_id": "review_claim",
        "value": session_id,
        "text": {"type": "plain_text", "text": "Claim"},
    }
    row = {"type": "actions", "elements": [{"type": "button"} | button]}
    return await bot.card(session_id) | {"blocks": [row]}


async def test_a_deleted_card_is_posted_anew_with_the_next_change(bot: Bot) -> None:
    """Somebody removed the message: the review goes on on a new one."""
    session_id = await _send(bot)
    await bot.settled()
    card = await bot.card(session_id)
    await bot.slack.delete(card)
    await bot.slack.press(
        ANA, USER_CHANNEL, card["ts"], card["blocks"][-1]["elements"][0] | {"type": "button"}
    )
    await bot.settled()
    renewed = await bot.card(session_id)
    assert renewed["ts"] != card["ts"]
    assert "*Claimed*" in shown(renewed)


@pytest.mark.parametrize("trouble", [{"archived": True}, {"bot_is_member": False}])
async def test_a_channel_that_does_not_take_messages(bot: Bot, trouble: dict[str, bool]) -> None:
    """The cards are held, the operations channel is told once, readiness says so."""
    await bot.slack.change_channel(USER_CHANNEL, **trouble)
    for _ in range(3):
        await _send(bot)

    async def told() -> bool:
        return len(await bot.slack.alerts()) > 0

    await until(told, "the operations channel is not told")
    await bot.settled()
    assert len(bot.rows("SELECT id FROM deliveries WHERE held_at IS NOT NULL")) == 3
    assert len(await bot.slack.alerts()) == 1
    async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
        assert answer.status == 503
        held = (await answer.json())["problems"]["held"]
    assert held == "3 held: fix the cause and they will be sent; python -m bot deliveries --held shows it"


@pytest.mark.leaves_undelivered("the token stays revoked")
async def test_a_revoked_token_holds_everything_until_it_is_good_again(bot: Bot) -> None:
    """Readiness fails, nothing is given up, and no call is wasted meanwhile."""
    await bot.slack.fault("*", "error", error="token_revoked")
    session_id = await _send(bot)

    async def not_ready() -> bool:
        async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
            return "token_revoked" in str((await answer.json())["problems"].get("slack_token"))

    await until(not_ready, "readiness does not tell")
    assert len(await bot.slack.calls("chat.postMessage")) == 1
    assert bot.rows("SELECT id FROM deliveries WHERE held_at IS NOT NULL") == []
    assert session_id


async def test_after_a_restart_with_a_good_token_the_cards_come(database_url: str, slack: LocalSlack) -> None:
    """A new token needs a restart, and nothing else."""
    clock = MovableClock()
    await slack.fault("*", "error", error="invalid_auth")
    async with running(database_url, slack, clock) as bot:
        session_id = await _send(bot)
        await until(lambda: slack.calls("auth.test"), "Slack is not asked")
    await slack.no_faults()
    clock.advance(60)
    async with running(database_url, slack, clock) as bot:
        await bot.settled()
        assert await bot.card(session_id)


@pytest.mark.parametrize("error", ["some_new_error", "team_added_to_org"])
async def test_an_error_that_can_pass_is_retried_for_hours(bot: Bot, error: str) -> None:
    """A workspace that joins an organisation takes an afternoon; then the card comes by itself."""
    await bot.slack.fault("chat.postMessage", "error", error=error, channel=USER_CHANNEL)
    session_id = await _send(bot)

    async def tried_often() -> bool:
        bot.clock.advance(LONGEST_BACKOFF_S)
        return len(await bot.slack.calls("chat.postMessage")) > REFUSED_ATTEMPTS

    await until(tried_often, "it is given up", 30)
    assert bot.rows("SELECT id FROM deliveries WHERE held_at IS NOT NULL") == []
    await bot.slack.no_faults()
    bot.clock.advance(LONGEST_BACKOFF_S)
    await bot.settled()
    assert await bot.card(session_id)


@pytest.mark.leaves_undelivered("at Slack's own pace the last cards would take ten seconds more")
async def test_new_cards_come_at_slacks_pace_and_a_click_goes_first(database_url: str) -> None:
    """With the default pace the local Slack, which limits as Slack does, has nothing to refuse."""
    async with running_slack(posts_per_second=1.0) as slack:
        async with running(database_url, slack, slack_posts_per_second=1.0) as bot:
            sessions = [await _send(bot) for _ in range(12)]
            card = await _card_when_there(bot, sessions[0])
            await bot.slack.click(ANA, card, "Claim")

            async def follows() -> bool:
                return "*Claimed*" in shown(await bot.card(sessions[0]))

            await until(follows, "the click waits behind the backlog", 1.0)
            assert len(await slack.messages(USER_CHANNEL)) < 8
        statuses = {call["status"] for call in await slack.calls("chat.postMessage")}
        assert statuses == {200}
