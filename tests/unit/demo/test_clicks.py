"""A person presses the bot's buttons; the stub in the bot's place sees what Slack would send."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo import bot_client

CHANNEL = "CUSER00001"
ANA = "UANA000001"
METADATA = {"event_type": "review", "event_payload": {"session_id": "s-1"}}
BLOCKS: list[dict[str, Any]] = [
    {"type": "section", "block_id": "top", "text": {"type": "mrkdwn", "text": "Review"}},
    {
        "type": "actions",
        "block_id": "buttons",
        "elements": [
            {"type": "button", "action_id": "claim", "text": {"type": "plain_text", "text": "Claim"},
             "value": "s-1", "style": "primary"},
            {"type": "overflow", "action_id": "more", "options": [
                {"text": {"type": "plain_text", "text": "Take over"}, "value": "take_over"},
                {"text": {"type": "plain_text", "text": "Escalate"}, "value": "escalate"},
            ]},
            {"type": "users_select", "action_id": "who"},
        ],
    },
]  # fmt: skip

BotRequest = tuple[str, dict[str, str], bytes]
Answers = dict[str, Callable[[], Awaitable[web.Response]]]


def _payload(request: BotRequest) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(parse_qs(request[2].decode())["payload"][0])
    return payload


async def _card(slack: AsyncWebClient) -> str:
    posted = await slack.chat_postMessage(channel=CHANNEL, text="Review", blocks=BLOCKS, metadata=METADATA)
    return str(posted["ts"])


async def _click(control: aiohttp.ClientSession, ts: str, **press: object) -> dict[str, Any]:
    body = {"user": ANA, "channel": CHANNEL, "ts": ts, **press}
    answer: dict[str, Any] = await (await control.post("click", json=body)).json()
    return answer


async def test_a_click_is_signed_and_complete(
    slack: AsyncWebClient, control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """Slack's own verifier accepts the request; the payload says who, where and what."""
    ts = await _card(slack)

    answer = await _click(control, ts, action_id="claim")

    path, headers, body = bot_requests[0]
    payload = _payload(bot_requests[0])
    assert (answer["status"], answer["body"]) == (200, "")
    assert answer["seconds"] < 3
    assert SignatureVerifier("signing-secret").is_valid_request(body, headers)
    assert (path, headers["content-type"]) == ("/slack/interactions", "application/x-www-form-urlencoded")
    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": ANA, "username": "ana", "name": "ana", "team_id": "T0LOCAL001"}
    assert (payload["api_app_id"], payload["team"]["id"]) == ("A0LOCAL001", "T0LOCAL001")
    assert payload["channel"] == {"id": CHANNEL, "name": "user-compliance"}
    assert payload["container"]["message_ts"] == ts
    assert payload["message"]["metadata"] == METADATA
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("claim", "buttons", "s-1")
    assert (action["text"]["text"], action["style"], action["type"]) == ("Claim", "primary", "button")


@pytest.mark.parametrize(
    ("press", "field", "expected"),
    [
        ({"label": "claim"}, "value", "s-1"),
        ({"label": "Escalate"}, "selected_option", "escalate"),
        ({"action_id": "more", "value": "take_over"}, "selected_option", "take_over"),
        ({"action_id": "more", "selected_option": "Take over"}, "selected_option", "take_over"),
        ({"action_id": "who", "selected_user": "UBEN000001"}, "selected_user", "UBEN000001"),
    ],
)
async def test_elements_are_found_by_id_or_label(
    slack: AsyncWebClient,
    control: aiohttp.ClientSession,
    bot_requests: list[BotRequest],
    press: dict[str, str],
    field: str,
    expected: str,
) -> None:
    """Buttons, entries of a menu and people can be chosen."""
    await _click(control, await _card(slack), **press)

    chosen = _payload(bot_requests[0])["actions"][0][field]
    assert (chosen["value"] if isinstance(chosen, dict) else chosen) == expected


async def test_a_stale_button_can_be_pressed_after_the_card_changed(
    slack: AsyncWebClient, control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """A raw action is sent as it is, also when the message is gone."""
    ts = await _card(slack)
    await slack.chat_delete(channel=CHANNEL, ts=ts)
    stale = {"type": "button", "action_id": "claim", "block_id": "buttons", "value": "s-1"}

    await _click(control, ts, action=stale)
    refused = await _click(control, ts, action_id="claim")

    payload = _payload(bot_requests[0])
    assert payload["actions"][0].items() >= stale.items()
    assert "message" not in payload
    assert refused == {"error": f"no_such_message: {ts}"}
    assert len(bot_requests) == 1


async def test_what_cannot_be_pressed_is_refused(
    slack: AsyncWebClient, control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """Unknown elements, options and people do not reach the bot."""
    ts = await _card(slack)

    assert "no_such_element" in (await _click(control, ts, action_id="dance"))["error"]
    assert "no_such_option" in (await _click(control, ts, action_id="more", value="x"))["error"]
    assert "name an" in (await _click(control, ts))["error"]
    assert "no_such_person" in (await _click(control, ts, user="UNOBODY", action_id="claim"))["error"]
    assert "no_such_channel" in (await _click(control, ts, channel="C0", action_id="claim"))["error"]
    assert bot_requests == []


async def test_a_note_can_be_clicked_but_is_not_repeated(
    slack: AsyncWebClient, control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """The payload of a click in an ephemeral note has no message."""
    note = await slack.chat_postEphemeral(channel=CHANNEL, user=ANA, text="x", blocks=BLOCKS)

    await _click(control, note["message_ts"], action_id="claim")

    payload = _payload(bot_requests[0])
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload


async def test_a_bot_that_is_slow_broken_or_gone_is_reported(
    slack: AsyncWebClient,
    control: aiohttp.ClientSession,
    bot_answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A failure, no answer in time, and no bot at all are told apart."""
    ts = await _card(slack)
    monkeypatch.setattr(bot_client, "SLACK_TIMEOUT_S", 0.2)

    async def fail() -> web.Response:
        return web.json_response({"oops": True}, status=500)

    async def sleep() -> web.Response:
        await asyncio.sleep(0.4)
        return web.Response()

    bot_answers["/slack/interactions"] = fail
    failed = await _click(control, ts, action_id="claim")
    bot_answers["/slack/interactions"] = sleep
    late = await _click(control, ts, action_id="claim")
    await control.put("bot-url", json={"url": "http://127.0.0.1:9"})
    gone = await _click(control, ts, action_id="claim")

    assert (failed["status"], failed["body"]) == (500, {"oops": True})
    assert (late["status"], late["error"]) == (None, "timeout")
    assert (gone["status"], gone["error"]) == (None, "unreachable")


async def test_the_response_url_answers_the_click(
    slack: AsyncWebClient, control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """The bot may say something to the person, replace the card and delete it, five times in all."""
    ts = await _card(slack)
    await _click(control, ts, action_id="claim")
    response_url = _payload(bot_requests[0])["response_url"]

    async with aiohttp.ClientSession() as bot:
        await bot.post(response_url, json={"text": "only you"})
        await bot.post(response_url, json={"text": "new", "replace_original": True})
        messages = await (await control.get(f"messages?channel={CHANNEL}")).json()
        await bot.post(response_url, json={"delete_original": True})
        left = await (await control.get(f"messages?channel={CHANNEL}")).json()
        for _ in range(2):
            await bot.post(response_url, json={"text": "again"})
        used_up = await bot.post(response_url, json={"text": "too often"})

    assert [(each["text"], each["ephemeral_to"]) for each in messages] == [("new", None), ("only you", ANA)]
    assert [each["text"] for each in left] == ["only you"]
    assert used_up.status == 404


async def test_a_click_can_reach_the_bot_more_than_once(
    slack: AsyncWebClient, control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """Copies are the same request byte for byte, with the same trigger id; more than ten are refused."""
    ts = await _card(slack)
    assert (await _click(control, ts, label="Claim", copies=3))["status"] == 200
    assert len(bot_requests) == 3
    assert len({body for _, _, body in bot_requests}) == 1
    assert (await _click(control, ts, label="Claim", copies=11))[
        "error"
    ] == "must be a number from 1 to 10: copies"
