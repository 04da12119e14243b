"""A card that can no longer be updated where it is gets a new message, and the old one says where, if it still can."""

import pytest

from bot.delivery.failure import REPOST_EVERY_S
from bot.delivery.retry_policy import CARD_WAIT_S
from tests.support import ralio
from tests.support.bot import Bot, MovableClock, running, until
from tests.support.operator import command
from tests.support.people import Person
from tests.support.slack import (
    ANA,
    RELATED_PARTY_CHANNEL,
    USER_CHANNEL,
    LocalSlack,
    buttons,
    find_button,
    shown,
)
from tests.support.trouble import at_rest, delivery, later, noted, send

ELSEWHERE = RELATED_PARTY_CHANNEL


@pytest.mark.parametrize("archived", [False, True])
async def test_the_cards_in_work_follow_their_queue_to_its_new_channel(
    database_url: str, slack: LocalSlack, *, archived: bool
) -> None:
    """The old card points to the new one if it can be edited; a press on it counts, and is answered with the place."""
    async with running(database_url, slack) as bot:
        session_id = await send(bot)
        await bot.settled()
        old = await bot.card(session_id)
    await slack.change_channel(USER_CHANNEL, archived=archived)
    async with running(database_url, slack, user_review_channel=ELSEWHERE) as bot:
        await until(lambda: bot.cards(session_id, ELSEWHERE), "the card does not move")
        await at_rest(bot)
        await later(bot, CARD_WAIT_S)
        await bot.settled()
        new = await bot.card(session_id, ELSEWHERE)
        pointer = await bot.card(session_id)
        assert pointer["ts"] == old["ts"]
        if archived:
            assert buttons(pointer) == ["Claim"]
            return
        assert buttons(pointer) == []
        link = f"{slack.address}/archives/{ELSEWHERE}/p{new['ts'].replace('.', '')}"
        assert f"has moved to <#{ELSEWHERE}>" in pointer["text"]
        assert link in pointer["text"]

        await slack.press(ANA, USER_CHANNEL, old["ts"], find_button(old, "Claim"))
        await bot.settled()
        assert "*Claimed*" in shown(await bot.card(session_id, ELSEWHERE))
        (note,) = await slack.private_notes(ANA)
        assert f"<#{ELSEWHERE}>" in note
        assert link in note


async def test_a_held_card_of_a_finished_review_is_posted_where_its_queue_is_now(
    database_url: str, slack: LocalSlack
) -> None:
    """Its old channel is archived, so Slack refuses the update; nobody has to requeue anything."""
    async with running(database_url, slack) as bot:
        session_id = await send(bot)
        await bot.settled()
        await slack.change_channel(USER_CHANNEL, archived=True)
        verdict = ralio.event("kyc_session_verified", sessionId=session_id)
        assert (await bot.ralio.send(verdict))[0] == 200

        async def held() -> bool:
            return bool(bot.rows("SELECT id FROM deliveries WHERE kind = 'card' AND held_at IS NOT NULL"))

        await until(held, "the card is not held")
    async with running(database_url, slack, user_review_channel=ELSEWHERE) as bot:
        await until(lambda: bot.cards(session_id, ELSEWHERE), "the card does not move")
        await at_rest(bot)
        await later(bot, CARD_WAIT_S)
        await bot.settled()
        assert "*Closed*" in shown(await bot.card(session_id, ELSEWHERE))


async def test_a_card_of_a_recreated_app_is_posted_again(bot: Bot) -> None:
    """Its old message is another app's for good: one new card, even if the answer about it is lost."""
    session_id = await send(bot)
    await bot.settled()
    old = await bot.card(session_id)
    await bot.slack.fault("chat.update", "error", error="cant_update_message", count=1)
    await bot.slack.fault("chat.postMessage", "drop_before", count=1, channel=USER_CHANNEL)
    await bot.slack.click(ANA, old, "Claim")
    await noted(bot, session_id, "disconnected")
    bot.clock.advance(15)
    await bot.settled()
    first, second = await bot.cards(session_id)
    assert first["ts"] == old["ts"] == delivery(bot, session_id)["replaced_ts"]
    assert "*Claimed*" in shown(second)


async def test_a_short_edit_window_posts_a_card_again_once_an_hour(
    database_url: str, slack: LocalSlack
) -> None:
    """The changes in between wait together; operators are told what to change, by `check` too."""
    clock = MovableClock()
    async with running(database_url, slack, clock) as bot:
        session_id = await send(bot)
        await bot.settled()
        await slack.fault("chat.update", "error", error="edit_window_closed")
        await slack.click(ANA, await bot.card(session_id), "Claim")
        row = await noted(bot, session_id, "edit_window_closed")
        assert (row["held_at"], row["attempts"]) == (None, 0)
        assert len(await bot.cards(session_id)) == 1
        clock.advance(REPOST_EVERY_S + 5)
        await bot.settled()
        assert len(await bot.cards(session_id)) == 2
        assert "*Claimed*" in shown((await bot.cards(session_id))[-1])
        alerts = await slack.alerts()
        assert all("at most once an hour" in alert["text"] for alert in alerts)
        assert len(alerts) in (1, 2)  # two if the hour ends on another day
    found = await command(database_url, "check")
    assert "card updates: Slack refuses to edit older messages" in found.stdout


async def test_a_press_on_the_newest_card_needs_no_pointer(bot: Bot) -> None:
    """Only a former card is answered with the place."""
    session_id = await send(bot)
    await bot.settled()
    await Person(bot, ANA).press(session_id, "Claim")
    assert await bot.slack.private_notes(ANA) == []
