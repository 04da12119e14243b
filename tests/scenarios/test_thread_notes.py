"""A note in a card's thread reaches it: once, whatever Slack does, and not before there is a card."""

import asyncio

import pytest

from bot.delivery.retry_policy import CARD_WAIT_S, LEASE_S
from tests.support.bot import Bot, until
from tests.support.people import Person, new_review, thread
from tests.support.slack import ANA, BEN, USER_CHANNEL, LocalSlack
from tests.support.trouble import at_rest, later, send

TOLD = f"<@{ANA}>: <@{BEN}> took this review over from you: Ana is away."


def _note(bot: Bot) -> dict[str, object]:
    (row,) = bot.rows("SELECT * FROM deliveries WHERE kind = 'thread_note'")
    return row


async def _taken_over(bot: Bot, session_id: str) -> None:
    """Ana claims, Ben takes over, whatever Slack does meanwhile."""
    ben = Person(bot, BEN)
    await Person(bot, ANA).send_press(session_id)
    menu = {
        "action_id": "review_more",
        "block_id": f"review:{session_id}",
        "selected_option": {"value": "take_over"},
    }
    trigger = {"user": BEN, "channel": USER_CHANNEL, "ts": "1.000001", "action": {"type": "overflow"} | menu}
    await bot.slack.control("POST", "click", trigger)
    form = await ben.form()
    body = {"user": BEN, "view_id": form["id"], "values": {"words": "Ana is away."}}
    assert (await bot.slack.control("POST", "submit-view", body))["body"] == ""


async def _in_time(bot: Bot, session_id: str) -> list[str]:
    """What stands in the thread once time enough has passed."""

    async def told() -> list[str]:
        # What is due gets the chance to begin: a lease that the clock overtakes is only due again much later.
        await asyncio.sleep(0.1)
        await at_rest(bot)
        await later(bot, CARD_WAIT_S + 1)
        return await thread(bot, session_id) if await bot.cards(session_id) else []

    await until(told, "the note does not come")
    await bot.settled()
    return await thread(bot, session_id)


async def test_a_note_waits_for_its_card(bot: Bot, slack: LocalSlack) -> None:
    """Slack takes no messages for a while: when the card is there, the note follows into its thread."""
    await slack.fault("chat.postMessage", "error", error="update_failed")
    session_id = await send(bot)
    await _taken_over(bot, session_id)

    async def waits() -> bool:
        return _note(bot)["last_error"] == "card_not_posted"

    await until(waits, "the note does not wait")
    assert _note(bot)["attempts"] == 0
    await slack.no_faults()
    assert await _in_time(bot, session_id) == [TOLD]


async def test_a_note_whose_post_ended_unclearly_is_found_again(bot: Bot, slack: LocalSlack) -> None:
    """Slack has it, and the answer was lost: the thread is looked through, and nothing is posted twice."""
    session_id = await new_review(bot)
    await slack.fault("chat.postMessage", "drop_after", count=1)
    await _taken_over(bot, session_id)

    async def is_open() -> bool:
        return _note(bot)["last_error"] == "disconnected" and _note(bot)["lease_token"] is None

    await until(is_open, "the end is not unclear")
    assert await thread(bot, session_id) == [TOLD]
    await later(bot, LEASE_S + CARD_WAIT_S)
    await bot.settled()
    assert await thread(bot, session_id) == [TOLD]
    (look,) = await slack.calls("conversations.replies")
    card = await bot.card(session_id)
    assert look["arguments"]["ts"] == card["ts"]


async def test_a_note_that_slack_never_got_is_posted_after_the_look(bot: Bot, slack: LocalSlack) -> None:
    """The connection broke before Slack had it: it is not found, and posted once."""
    session_id = await new_review(bot)
    await slack.fault("chat.postMessage", "drop_before", count=1)
    await _taken_over(bot, session_id)
    await until(lambda: _has_error(bot, "disconnected"), "the end is not unclear")
    assert await thread(bot, session_id) == []
    await later(bot, LEASE_S + CARD_WAIT_S)
    await bot.settled()
    assert await thread(bot, session_id) == [TOLD]


async def _has_error(bot: Bot, error: str) -> bool:
    return _note(bot)["last_error"] == error and _note(bot)["lease_token"] is None


async def test_a_note_for_a_card_that_somebody_deleted_goes_below_the_new_one(
    bot: Bot, slack: LocalSlack
) -> None:
    """The card is posted anew with the next change, and the note with it."""
    session_id = await new_review(bot)
    await slack.delete(await bot.card(session_id))
    await _taken_over(bot, session_id)
    assert await _in_time(bot, session_id) == [TOLD]


@pytest.mark.parametrize("fault", [None, "drop_after"])
async def test_a_reminder_under_a_deleted_card_brings_the_card_back(
    bot: Bot, slack: LocalSlack, fault: str | None
) -> None:
    """Slack posts the reply at top level: it is deleted, the card is posted again, and the reply follows below it.

    So it ends even if the answer about the stray reply was lost.
    """
    session_id = await new_review(bot)
    await bot.settled()
    gone = await bot.card(session_id)
    await slack.delete(gone)
    if fault:
        await slack.fault("chat.postMessage", fault, count=1)
    # The verdict's reply mentions the holder; the card's own update is kept from noticing first.
    await slack.fault("chat.update", "ratelimited", count=1, retry_after=60)
    await _taken_over(bot, session_id)
    assert await _in_time(bot, session_id) == [TOLD]
    card = await bot.card(session_id)
    assert card["ts"] != gone["ts"]
    messages = await slack.messages(USER_CHANNEL)
    assert [message["thread_ts"] for message in messages] == [None, card["ts"]]
    assert len(await slack.calls("chat.delete")) == 1


async def test_a_note_that_slack_refuses_as_it_is_is_told_plainly(bot: Bot, slack: LocalSlack) -> None:
    """The sentence without blocks still mentions whom it concerns."""
    session_id = await new_review(bot)
    await slack.fault("chat.postMessage", "error", error="invalid_blocks", count=1)
    await _taken_over(bot, session_id)
    await bot.settled()
    assert await thread(bot, session_id) == [TOLD]
