"""Every row of the webhook's table: what arrives, what is answered, what it does."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from pydantic import SecretStr

from bot.cli.send_test import sample_event, send
from bot.ralio.signature import Encoding
from tests.support import ralio
from tests.support.bot import Bot, running
from tests.support.raw_http import connected
from tests.support.slack import USER_CHANNEL, WEBHOOK_SECRET, LocalSlack, shown


def _digest(body: bytes) -> bytes:
    return hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).digest()


SPELLINGS: dict[str, Callable[[bytes], str]] = {
    "hex": lambda digest: digest.hex(),
    "upper-case hex": lambda digest: digest.hex().upper(),
    "prefixed hex": lambda digest: f"sha256={digest.hex()}",
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "prefixed base64": lambda digest: f"sha256={base64.b64encode(digest).decode()}",
    "url-safe base64": lambda digest: base64.urlsafe_b64encode(digest).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_every_spelling_of_the_signature_is_accepted(bot: Bot, spelling: str) -> None:
    """Ralio's documentation does not say how the MAC is written."""
    body = json.dumps(ralio.event()).encode()
    status, answer = await bot.ralio.send_bytes(body, SPELLINGS[spelling](_digest(body)))
    assert (status, answer["result"]) == (200, "recorded")


@pytest.mark.parametrize("pinned", [Encoding.HEX, Encoding.BASE64])
async def test_only_the_pinned_form_of_the_signature_is_accepted(
    database_url: str, slack: LocalSlack, pinned: Encoding
) -> None:
    """Once the first deliveries have shown which one Ralio uses; `send-test` then uses it, too."""
    async with running(database_url, slack, ralio_signature_encoding=pinned) as bot:
        for spelling, spell in SPELLINGS.items():
            body = json.dumps(ralio.event()).encode()
            status, _ = await bot.ralio.send_bytes(body, spell(_digest(body)))
            assert status == (200 if pinned in spelling else 401), spelling
        status, _ = await send(bot.ralio.url, WEBHOOK_SECRET, sample_event("user"), pinned)
        assert status == 200
        await bot.settled()


async def test_both_secrets_are_accepted_while_rotating(database_url: str, slack: LocalSlack) -> None:
    """The old secret goes on to work until it is taken out."""
    secrets = (SecretStr("new"), SecretStr("old"))
    async with running(database_url, slack, ralio_webhook_secret=secrets) as bot:
        for secret, expected in (("other", 401), ("new", 200), ("old", 200)):
            body = json.dumps(ralio.event()).encode()
            status, _ = await bot.ralio.send_bytes(body, ralio.signature(body, secret))
            assert status == expected, secret
        await bot.settled()


@pytest.mark.parametrize("header", ["", "00" * 32, "sha256=", "é", "0" * 5_000])
async def test_missing_or_wrong_signature_is_refused_and_stores_nothing(bot: Bot, header: str) -> None:
    """Strangers get 401, whatever they put into the header."""
    status, answer = await bot.ralio.send_bytes(json.dumps(ralio.event()).encode(), header)
    assert (status, answer["received"]) == (401, False)
    assert bot.rows("SELECT id FROM events") == []


async def test_the_signature_is_over_the_raw_bytes(bot: Bot) -> None:
    """One changed byte, even white space, makes it wrong."""
    body = json.dumps(ralio.event()).encode()
    status, _ = await bot.ralio.send_bytes(body + b" ", _digest(body).hex())
    assert status == 401


async def test_the_same_event_again_changes_nothing(bot: Bot) -> None:
    """A repeated delivery is answered with 200 so that Ralio stops."""
    event = ralio.event()
    await bot.ralio.send(event)
    await bot.settled()
    before = bot.rows("SELECT * FROM audit")
    assert await bot.ralio.send(event) == (200, {"received": True, "result": "duplicate"})
    await bot.settled()
    assert bot.rows("SELECT * FROM audit") == before
    assert len(await bot.slack.messages(USER_CHANNEL)) == 1
    assert len(await bot.slack.calls("chat.update")) == 0


async def test_fifty_deliveries_at_once_are_one_row_and_one_card(bot: Bot) -> None:
    """One is recorded, forty-nine are duplicates."""
    event = ralio.event()
    answers = await asyncio.gather(*(bot.ralio.send(event) for _ in range(50)))
    results = [answer["result"] for status, answer in answers if status == 200]
    assert sorted(results) == ["duplicate"] * 49 + ["recorded"]
    await bot.settled()
    assert len(bot.rows("SELECT id FROM events")) == len(bot.rows("SELECT id FROM reviews")) == 1
    assert len(await bot.slack.messages(USER_CHANNEL)) == 1


@pytest.mark.parametrize(
    "kind",
    [
        "kyc_state_updated",
        "account_activated",
        "payin.completed",
        "related_party.kyc_session_created",
        "new_one",
    ],
)
async def test_other_events_are_ignored_and_leave_nothing(bot: Bot, kind: str) -> None:
    """They may hold personal data, so nothing of them is kept."""
    content = {"id": "1", "event": kind, "timestamp": "x", "data": {"firstName": "Jane"}}
    assert await bot.ralio.send(content) == (200, {"received": True, "result": "ignored"})
    assert bot.rows("SELECT id FROM events") == []


NOT_JSON = [b"", b"{", b"\xff\xfe", b'{"eventId": "\\ud800"}', b"eventType=kyc_session_manual_review"]


@pytest.mark.parametrize("body", NOT_JSON)
async def test_signed_rubbish_is_quarantined_with_400(bot: Bot, body: bytes) -> None:
    """What cannot be read at all is kept as it came."""
    status, answer = await bot.ralio.send_bytes(body)
    assert (status, answer["received"]) == (400, False)
    assert [bytes(row["body"]) for row in bot.rows("SELECT body FROM events")] == [body]


def _without(*path: str) -> dict[str, Any]:
    event = ralio.event()
    inner: dict[str, Any] = event
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return event


WRONG_SHAPES: dict[str, Any] = {
    "a list": [],
    "no type": {"eventId": "1"},
    "no event id": _without("eventId"),
    "no timestamp": _without("timestamp"),
    "a time before 2000": ralio.event() | {"timestamp": "1970-01-01T00:00:00Z"},
    "no session": _without("data", "sessionId"),
    "no data": _without("data"),
    "another entity": ralio.event(entityType="company"),
    "markup for an id": ralio.event(sessionId="<!channel>"),
    "a NUL in an id": ralio.event(sessionId="a\u0000b"),
}


@pytest.mark.parametrize("shape", WRONG_SHAPES)
async def test_another_shape_is_quarantined_with_422(bot: Bot, shape: str) -> None:
    """The answer says what is wrong, the raw body is kept, the operations channel is told."""
    body = json.dumps(WRONG_SHAPES[shape]).encode()
    status, answer = await bot.ralio.send_bytes(body)
    assert (status, answer["received"]) == (422, False)
    assert answer["detail"]
    (row,) = bot.rows("SELECT body, error FROM events")
    assert bytes(row["body"]) == body
    assert row["error"]
    await bot.settled()
    (notice,) = await bot.slack.alerts()
    assert "events --quarantined" in shown(notice)
    assert await bot.slack.messages(USER_CHANNEL) == []


async def test_many_misfits_are_told_once(bot: Bot) -> None:
    """The operations channel is not flooded, and each body is kept once."""
    for number in [*range(5), 0]:
        await bot.ralio.send({"eventType": "kyc_session_manual_review", "number": number})
    await bot.settled()
    assert len(await bot.slack.alerts()) == 1
    assert len(bot.rows("SELECT id FROM events")) == 5


async def test_a_body_above_the_limit_is_413(database_url: str, slack: LocalSlack) -> None:
    """The limit is a setting; nothing is stored."""
    async with running(database_url, slack, max_body_bytes=2_000) as bot:
        assert (await bot.ralio.send(ralio.event(userId="u" * 100)))[0] == 200
        assert (await bot.ralio.send(ralio.event(padding="x" * 2_000)))[0] == 413
        assert len(bot.rows("SELECT id FROM events")) == 1
        await bot.settled()


async def test_other_methods_and_routes(bot: Bot) -> None:
    """405 and 404, and nothing about what runs here."""
    session = bot.slack.session
    async with session.put(f"{bot.address}/webhooks/ralio") as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET,HEAD,POST"
    async with session.post(f"{bot.address}/webhooks/other") as answer:
        assert answer.status == 404
        assert "aiohttp" not in str(answer.headers) + await answer.text()


async def test_slack_being_down_does_not_concern_ralio(bot: Bot) -> None:
    """200 at once; the card is posted when Slack is back."""
    await bot.slack.fault("*", "server_error")
    event = ralio.event()
    assert (await bot.ralio.send(event))[0] == 200
    await asyncio.sleep(0.3)
    assert await bot.cards(event["data"]["sessionId"]) == []
    await bot.slack.no_faults()
    bot.clock.advance(60)
    await bot.settled()
    assert await bot.card(event["data"]["sessionId"])


@pytest.mark.parametrize(
    ("version", "headers", "stays_open"),
    [
        ("1.1", "", True),
        ("1.1", "Connection: close\r\n", False),
        ("1.0", "", False),
        ("1.0", "Connection: keep-alive\r\n", True),
    ],
)
async def test_the_answer_is_the_same_however_the_connection_goes_on(
    bot: Bot, version: str, headers: str, *, stays_open: bool
) -> None:
    """Whole, with its length, type and date, to every version of HTTP, and the connection does what was asked for."""
    body = json.dumps(ralio.event()).encode()
    signed = ralio.signature(body, WEBHOOK_SECRET)
    head = f"POST /webhooks/ralio HTTP/{version}\r\nHost: a\r\n{headers}X-Signature: {signed}\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    async with connected(bot.port) as wire:
        wire.send(request)
        answer = await wire.answer()
        assert (answer.status, json.loads(answer.body)["result"]) == (200, "recorded")
        assert set(answer.headers) - {"connection"} == {"content-type", "content-length", "date", "server"}
        assert answer.headers["content-type"] == "application/json"
        made_at = parsedate_to_datetime(answer.headers["date"])
        assert abs(datetime.now(UTC) - made_at) < timedelta(seconds=30)
        if stays_open:
            wire.send(request)
            assert json.loads((await wire.answer()).body)["result"] == "duplicate"
        else:
            assert await wire.is_closed()
