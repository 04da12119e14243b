"""Recorded requests sent once more, byte by byte: nothing happens twice, and old ones are refused."""

import json
from typing import Any
from urllib.parse import urlencode

from bot.demo.signing import slack_headers
from tests.support import ralio
from tests.support.bot import Bot
from tests.support.people import record
from tests.support.slack import ANA, SIGNING_SECRET, USER_CHANNEL

STALE_S = 301


def _recorded(bot: Bot, payload: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """What somebody on the way could keep: the bytes and the headers."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return body, dict(slack_headers(SIGNING_SECRET, body, bot.clock() // 1000))


async def _send(bot: Bot, recorded: tuple[bytes, dict[str, str]]) -> int:
    body, headers = recorded
    async with bot.slack.session.post(
        f"{bot.address}/slack/interactions", data=body, headers=headers
    ) as answer:
        return answer.status


async def test_a_recorded_click_or_form_does_nothing_again(bot: Bot) -> None:
    """Within five minutes it gets the first answer again; after that it is refused as a stranger's."""
    event = ralio.event()
    session_id = event["data"]["sessionId"]
    assert (await bot.ralio.send(event))[0] == 200
    person = {"user": {"id": ANA}, "channel": {"id": USER_CHANNEL}}
    click = {
        "type": "block_actions",
        "actions": [{"action_id": "review_claim", "value": session_id}],
    } | person
    claim = _recorded(bot, click)
    assert [await _send(bot, claim) for _ in range(3)] == [200] * 3
    step = bot.review(session_id)["version"]
    chosen = {"outcome": {"outcome": {"selected_option": {"value": "approve"}}}}
    view = {
        "callback_id": "review_form",
        "private_metadata": json.dumps({"action": "resolve", "session_id": session_id, "step": step}),
        "state": {"values": chosen},
    }
    form = _recorded(bot, {"type": "view_submission", "view": view} | person)
    assert [await _send(bot, form) for _ in range(3)] == [200] * 3
    assert [(action, refused) for _, action, refused in record(bot, session_id)] == [
        ("claim", None),
        ("resolve", None),
    ]
    await bot.settled()
    before = bot.review(session_id)
    bot.clock.advance(STALE_S)
    assert [await _send(bot, recorded) for recorded in (claim, form)] == [401] * 2
    assert bot.review(session_id) == before


async def test_a_recorded_webhook_is_counted_once_however_old(bot: Bot) -> None:
    """Ralio's signature does not age; what is known changes nothing, not even after a newer event."""
    event = ralio.event()
    session_id = event["data"]["sessionId"]
    verdict = ralio.event("kyc_session_verified", sessionId=session_id)
    for content, result in (
        (event, "recorded"),
        (verdict, "recorded"),
        (event, "duplicate"),
        (verdict, "duplicate"),
    ):
        assert await bot.ralio.send(content) == (200, {"received": True, "result": result})
        await bot.settled()
        bot.clock.advance(86_400)
    assert bot.review(session_id)["status"] == "closed"
    assert len(bot.rows("SELECT id FROM events")) == 2
