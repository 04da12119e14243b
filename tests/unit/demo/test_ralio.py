"""Sample webhooks as Ralio sends them."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.moving_time import MovingTime
from bot.demo.ralio_samples import NoOpenSessionError, RalioSamples

BotRequest = tuple[str, dict[str, str], bytes]


async def _send(control: aiohttp.ClientSession, kind: str, **more: str) -> dict[str, Any]:
    answer: dict[str, Any] = await (await control.post("ralio", json={"send": kind, **more})).json()
    return answer


async def test_an_event_is_signed_over_its_raw_body(
    control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """X-Signature is the hex HMAC-SHA256 of the body with the webhook secret."""
    answer = await _send(control, "user")

    path, headers, body = bot_requests[0]
    assert path == "/webhooks/ralio"
    assert headers["x-signature"] == hmac.new(b"webhook-secret", body, hashlib.sha256).hexdigest()
    assert (answer["status"], answer["event"]) == (200, json.loads(body))


async def test_a_duplicate_is_the_same_byte_for_byte(
    control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """The last review event is sent again; the first time there is one made for it."""
    await _send(control, "duplicate")
    await _send(control, "duplicate")
    await _send(control, "related-party")
    await _send(control, "duplicate")

    bodies = [body for _path, _headers, body in bot_requests]
    assert bodies[0] == bodies[1]
    assert bodies[2] == bodies[3]
    assert bodies[1] != bodies[2]


async def test_a_verdict_is_about_the_newest_session_without_one(control: aiohttp.ClientSession) -> None:
    """Two verdicts meet two sessions, newest first; a third finds none."""
    first = (await _send(control, "user"))["event"]["data"]["sessionId"]
    second = (await _send(control, "related-party"))["event"]["data"]["sessionId"]

    failed = (await _send(control, "failed"))["event"]
    verified = (await _send(control, "verified"))["event"]
    none_left = await control.post("ralio", json={"send": "expired"})
    named = (await _send(control, "expired", session_id=first))["event"]

    assert (failed["data"]["sessionId"], verified["data"]["sessionId"]) == (second, first)
    assert failed["data"]["checks"][0]["state"] == 2
    assert none_left.status == 409
    assert (named["eventType"], named["data"]["sessionId"]) == ("kyc_session_expired", first)


async def test_a_malformed_event_is_signed_json_of_the_wrong_shape(
    control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """It does not say which session it is about."""
    await _send(control, "malformed")

    assert json.loads(bot_requests[0][2])["data"] == {"entityType": "user"}
    refused = await control.post("ralio", json={"send": "everything"})
    assert refused.status == 400


def test_samples_vary_and_their_times_rise() -> None:
    """Both envelopes occur, some with checks in words and in numbers; no two times are equal."""
    samples = RalioSamples(MovingTime())
    events = [json.loads(samples.make("user")) for _ in range(12)]

    checks = [check for event in events for check in event["data"].get("checks", [])]
    times = [event["timestamp"] for event in events]
    assert {"eventId", "id"} <= {key for event in events for key in event}
    assert {"Validated", "Refused", 2} == {check["state"] for check in checks}
    assert times == sorted(set(times))
    assert len({event["data"]["sessionId"] for event in events}) == 12


def test_a_verdict_without_a_session_is_an_error() -> None:
    """Nothing was sent yet."""
    with pytest.raises(NoOpenSessionError):
        RalioSamples(MovingTime()).make("verified")


async def test_a_verdict_is_about_a_card_of_the_open_channel(
    control: aiohttp.ClientSession, slack: AsyncWebClient
) -> None:
    """The newest one that it shows; where it shows none, the newest of all. The answer says which."""
    sessions = [
        (await _send(control, kind))["event"]["data"]["sessionId"]
        for kind in ("user", "user", "related-party")
    ]
    for session_id, channel in zip(sessions, ["CUSER00001", "CUSER00001", "CPARTY0001"], strict=True):
        card = {"event_type": "card", "event_payload": {"session_id": session_id}}
        await slack.chat_postMessage(channel=channel, text="A card", metadata=card)
    about = [(await _send(control, "failed", channel=each))["about"] for each in ["CUSER00001"] * 3]
    assert about == [
        {"session_id": sessions[1], "channel": "user-compliance"},
        {"session_id": sessions[0], "channel": "user-compliance"},
        {"session_id": sessions[2], "channel": "related-party-compliance"},
    ]


async def test_events_have_the_time_of_the_local_slack(control: aiohttp.ClientSession) -> None:
    """Otherwise the bot, whose clock moved as well, would take them for old ones."""
    await control.post("clock", json={"advance_s": 86_400})
    event = (await _send(control, "user"))["event"]
    sent_at = datetime.fromisoformat(event["timestamp"])
    assert timedelta(days=1, seconds=-5) < sent_at - datetime.now(UTC) < timedelta(days=1, seconds=5)
