"""Every error code that Slack documents, and what follows from it: seen in calls, rows and channels."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.support import ralio
from tests.support.bot import Bot, until
from tests.support.slack import (
    ANA,
    BEN,
    OPERATIONS_CHANNEL,
    RELATED_PARTY_CHANNEL,
    USER_CHANNEL,
    buttons,
    shown,
)
from tests.support.trouble import at_rest, delivery, later, noted, send

POST, UPDATE, TELL, HISTORY = "chat.postMessage", "chat.update", "chat.postEphemeral", "conversations.history"

WAIT = ["ratelimited", "rate_limited"]
UNKNOWN = ["fatal_error", "internal_error", "request_timeout", "service_unavailable"]
OUTAGE = [
    "team_added_to_org",
    "accesslimited",
    "org_login_required",
    "external_channel_migrating",
    "update_failed",
]
ANYTHING_ELSE = ["some_new_error"]
CHANNEL_WRONG = [
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "restricted_action",
    "restricted_action_read_only_channel",
    "is_inactive",
    "posting_to_channel_denied",
    "ekm_access_denied",
]
TOKEN_WRONG = [
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "app_access_restricted",
]
PERMISSION_MISSING = ["missing_scope", "not_allowed_token_type"]
PAYLOAD_WRONG = [
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "metadata_too_large",
    "invalid_metadata_format",
    "invalid_arguments",
]


async def _fails_once(bot: Bot, error: str) -> tuple[str, dict[str, Any]]:
    """A review whose card is refused once; answers with its session and the row after that."""
    await bot.slack.fault(POST, "error", error=error, count=1, channel=USER_CHANNEL)
    session_id = await send(bot)
    return session_id, await noted(bot, session_id, error)


async def _posts(bot: Bot, channel: str = USER_CHANNEL) -> list[dict[str, Any]]:
    return [call for call in await bot.slack.calls(POST) if call["channel"] == channel]


async def _claimed_while(bot: Bot, error: str, count: int | None = 1) -> str:
    """A card that is claimed while `chat.update` is refused."""
    session_id = await send(bot)
    await bot.settled()
    await bot.slack.fault(UPDATE, "error", error=error, count=count)
    await bot.slack.click(ANA, await bot.card(session_id), "Claim")
    return session_id


async def _unclear_post(bot: Bot) -> str:
    """A card of which nobody knows whether Slack has it; it has."""
    await bot.slack.fault(POST, "drop_after", count=1)
    session_id = await send(bot)
    await noted(bot, session_id, "disconnected")
    return session_id


async def test_wait_without_a_time_is_half_a_minute_and_no_attempt(bot: Bot) -> None:
    """Slack asks for patience and does not say how much."""
    for error in WAIT:
        session_id, row = await _fails_once(bot, error)
        assert (row["attempts"], row["held_at"], row["unresolved_since"]) == (0, None, None)
        await later(bot, 31)
        await bot.settled()
        assert await bot.card(session_id)
    assert len(await _posts(bot)) == 4
    assert await bot.slack.calls_for_reviews(HISTORY) == []


async def test_an_unknown_end_is_looked_for_before_it_is_posted_again(bot: Bot) -> None:
    """Slack's own trouble may have left a message or not."""
    for number, error in enumerate(UNKNOWN, 1):
        session_id, row = await _fails_once(bot, error)
        assert row["unresolved_since"] is not None
        await later(bot, 12)
        await bot.settled()
        assert await bot.card(session_id)
        assert len(await bot.slack.calls_for_reviews(HISTORY)) == number


async def test_what_is_certainly_not_done_is_repeated_without_a_look(bot: Bot) -> None:
    """Codes that are not listed count as an outage, too."""
    for error in OUTAGE + ANYTHING_ELSE:
        session_id, row = await _fails_once(bot, error)
        assert (row["attempts"], row["held_at"], row["unresolved_since"]) == (1, None, None)
        await later(bot, 2)
        await bot.settled()
        assert await bot.card(session_id)
    assert await bot.slack.calls_for_reviews(HISTORY) == []


async def test_a_wrong_channel_or_a_missing_permission_holds_the_card_and_alerts_operators(bot: Bot) -> None:
    """Each reason is told once, the card stays for an operator, nothing is tried in vain."""
    errors = CHANNEL_WRONG + PERMISSION_MISSING
    for error in errors:
        _, row = await _fails_once(bot, error)
        assert row["held_at"] is not None
    await bot.settled()
    assert len(await _posts(bot)) == len(errors)
    assert await bot.slack.messages(USER_CHANNEL) == []
    told = "\n".join(message["text"] for message in await bot.slack.alerts())
    assert [error for error in errors if told.count(f"`{error}`") != 1] == []


async def test_a_wrong_token_holds_up_everything_and_costs_nothing(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once Slack confirms the token again, the cards come by themselves."""
    monkeypatch.setattr("bot.slack.api.health.CHECK_AGAIN_S", 0.05)
    for error in TOKEN_WRONG:
        session_id, row = await _fails_once(bot, error)
        assert (row["attempts"], row["held_at"], row["unresolved_since"]) == (0, None, None)
        await asyncio.sleep(0.2)
        await later(bot, 31)
        await bot.settled()
        assert await bot.card(session_id)
    assert len(await _posts(bot)) == 2 * len(TOKEN_WRONG)


async def test_a_refused_payload_is_sent_once_more_in_a_plain_form(bot: Bot) -> None:
    """The plain card carries the same key, and can be worked on."""
    for number, error in enumerate(PAYLOAD_WRONG, 1):
        await bot.slack.fault(POST, "error", error=error, count=1)
        session_id = await send(bot)
        await bot.settled()
        card = await bot.card(session_id)
        assert [block["type"] for block in card["blocks"]] == ["section", "actions"]
        assert buttons(card) == ["Claim"]
        assert card["metadata"]["event_payload"]["key"] == f"card:{session_id}"
        assert len(await _posts(bot)) == 2 * number
    await bot.slack.click(ANA, card, "Claim")
    await bot.settled()
    assert "*Claimed*" in shown(await bot.card(session_id))
    assert bot.rows("SELECT id FROM deliveries WHERE held_at IS NOT NULL") == []


async def test_a_payload_that_is_refused_in_its_plain_form_too_is_held(bot: Bot) -> None:
    """Two calls and no more; operations are told, and both log lines name the place."""
    await bot.slack.fault(POST, "error", error="invalid_blocks", channel=USER_CHANNEL)
    with capture_logs() as lines:
        session_id = await send(bot)
        row = await noted(bot, session_id, "invalid_blocks")
    places = [line["details"] for line in lines if line["event"] in ("payload_refused", "delivery_held")]
    assert places == [("[ERROR] refused by the fault that is switched on [json-pointer:/blocks/0]",)] * 2
    assert row["held_at"] is not None
    await bot.settled()
    assert len(await _posts(bot)) == 2
    (notice,) = await bot.slack.alerts()
    assert "`invalid_blocks`" in notice["text"]


async def test_a_refused_notice_falls_back_to_a_plain_one(bot: Bot) -> None:
    """What operations must know does not depend on how it looks; refused twice it is held, and tells nobody more."""
    for refusals, held in ((1, 0), (None, 1)):
        await bot.slack.no_faults()
        error = "restricted_action" if held else "is_archived"
        await bot.slack.fault(
            POST, "error", error="invalid_blocks", count=refusals, channel=OPERATIONS_CHANNEL
        )
        await bot.slack.fault(POST, "error", error=error, channel=USER_CHANNEL)
        await send(bot)
        await bot.settled()
        kept = bot.rows(
            "SELECT id FROM deliveries WHERE held_at IS NOT NULL AND kind = :kind", kind="operations_notice"
        )
        assert len(kept) == held
    assert len(await bot.slack.alerts()) == 1
    assert len(await _posts(bot, OPERATIONS_CHANNEL)) == 4


async def test_an_hour_of_patience_is_kept_in_one_channel_alone(bot: Bot) -> None:
    """Retry-After 3600 closes the channel's lane; the other channel goes on."""
    await bot.slack.fault(POST, "ratelimited", count=1, retry_after=3600, channel=USER_CHANNEL)
    first = await send(bot)
    await noted(bot, first, "ratelimited")
    second = await send(bot)
    assert (await bot.ralio.send(ralio.related_party_event()))[0] == 200
    await until(lambda: bot.slack.messages(RELATED_PARTY_CHANNEL), "the other channel waits as well")
    await later(bot, 3590)
    await later(bot, 0)
    assert len(await _posts(bot)) == 1
    assert delivery(bot, first)["attempts"] == delivery(bot, second)["attempts"] == 0
    await later(bot, 11)
    await bot.settled()
    assert await bot.card(first)
    assert await bot.card(second)
    assert len(await _posts(bot)) == 3


@pytest.mark.parametrize("error", ["ratelimited", "fatal_error", "update_failed", "some_new_error"])
async def test_an_update_that_fails_in_passing_is_repeated(bot: Bot, error: str) -> None:
    """It needs no look: the same update twice does no harm."""
    session_id = await _claimed_while(bot, error)
    await noted(bot, session_id, error)
    await later(bot, 31)
    await bot.settled()
    assert "*Claimed*" in shown(await bot.card(session_id))
    assert await bot.slack.calls_for_reviews(HISTORY) == []


async def test_an_update_that_is_refused_for_good(bot: Bot) -> None:
    """Plain where the payload is refused, anew where the message is gone, held where the channel is wrong."""
    plain = await _claimed_while(bot, "invalid_blocks")
    await bot.settled()
    assert buttons(await bot.card(plain)) == ["Resolve", "Release"]
    gone = await _claimed_while(bot, "message_not_found")
    await bot.settled()
    assert len(await bot.cards(gone)) == 2
    assert "*Claimed*" in shown((await bot.cards(gone))[-1])
    held = await _claimed_while(bot, "is_archived")
    assert (await noted(bot, held, "is_archived"))["held_at"] is not None
    await bot.settled()


async def test_a_private_note_that_cannot_be_told_is_no_concern_of_operators(bot: Bot) -> None:
    """Given up where the channel is wrong, repeated where Slack asks for patience, plain where it is refused."""
    session_id = await send(bot)
    await bot.settled()
    card = await bot.card(session_id)
    await bot.slack.click(ANA, card, "Claim")
    for error, pause_s, told in (
        ("channel_not_found", 0, 0),
        ("ratelimited", 31, 1),
        ("invalid_blocks", 0, 2),
    ):
        await bot.slack.fault(TELL, "error", error=error, count=1)
        await bot.slack.click(BEN, card, "Claim")

        async def answered(calls: int = len(await bot.slack.calls(TELL))) -> bool:
            return len(await bot.slack.calls(TELL)) > calls

        await until(answered, "the note is not tried")
        await at_rest(bot)
        await later(bot, pause_s)
        await bot.settled()
        assert len(await bot.slack.private_notes(BEN)) == told
    assert await bot.slack.alerts() == []


@pytest.mark.parametrize("error", ["fatal_error", "some_new_error", "invalid_arguments", "channel_not_found"])
async def test_a_look_that_is_refused_posts_nothing(bot: Bot, error: str) -> None:
    """As long as nobody knows, nothing is sent; where an operator is needed the card is held."""
    session_id = await _unclear_post(bot)
    await bot.slack.fault(HISTORY, "error", error=error, count=1)
    await later(bot, 12)
    row = await noted(bot, session_id, error)
    assert row["unresolved_since"] is not None
    assert (row["held_at"] is not None) == (error in ("invalid_arguments", "channel_not_found"))
    await later(bot, 31)
    await bot.settled()
    assert len(await bot.cards(session_id)) == 1
    assert len(await _posts(bot)) == 1


async def test_a_limited_look_waits_and_costs_no_attempt(bot: Bot) -> None:
    """429 on conversations.history: the question stays open for as long as Slack asks."""
    session_id = await _unclear_post(bot)
    await bot.slack.fault(HISTORY, "ratelimited", count=1, retry_after=60)
    await later(bot, 12)
    row = await noted(bot, session_id, "ratelimited")
    assert (row["attempts"], row["held_at"]) == (1, None)
    await later(bot, 55)
    await later(bot, 0)
    assert len(await bot.slack.calls_for_reviews(HISTORY)) == 1
    await later(bot, 6)
    await bot.settled()
    assert len(await bot.cards(session_id)) == len(await _posts(bot)) == 1
