"""`POST /slack/interactions` under hostile requests: 401 for strangers, 200 or 400 for what is signed, never 5xx."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from tests.support.bot import Bot, running
from tests.support.slack import ANA, SIGNING_SECRET, LocalSlack


def _signed(body: bytes, timestamp: str | None = None, secret: str = SIGNING_SECRET) -> dict[str, str]:
    timestamp = timestamp or str(int(time.time()))
    mac = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={mac.hexdigest()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


async def _post(
    bot: Bot, body: bytes, headers: dict[str, str], path: str = "interactions"
) -> tuple[int, bytes]:
    url = f"{bot.address}/slack/{path}"
    async with bot.slack.session.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.read()


def _form(payload: Any) -> bytes:
    return urlencode({"payload": payload if isinstance(payload, str) else json.dumps(payload)}).encode()


CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U1"},
    "channel": {"id": "C1"},
    "actions": [{"action_id": "review_claim", "value": "s-1"}],
}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "1"},
        {"X-Slack-Request-Timestamp": "abc", "X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Request-Timestamp": "1.5", "X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Request-Timestamp": "9" * 5_000, "X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=é"},
    ],
)
async def test_strangers_are_refused(bot: Bot, headers: dict[str, str]) -> None:
    """Whatever the headers hold."""
    assert (await _post(bot, _form(CLICK), headers))[0] == 401


# What is signed for later comes nearer while the request is under way.
@pytest.mark.parametrize("age_s", [-360, 301, 86_400])
async def test_old_and_future_requests_are_refused(bot: Bot, age_s: int) -> None:
    """A recorded click cannot be replayed after five minutes."""
    body = _form(CLICK)
    assert (await _post(bot, body, _signed(body, str(int(time.time()) - age_s))))[0] == 401


async def test_both_signing_secrets_work_while_rotating(database_url: str, slack: LocalSlack) -> None:
    """The setting may hold several."""
    async with running(database_url, slack, slack_signing_secret=(SecretStr("a"), SecretStr("b"))) as bot:
        body = _form(CLICK)
        for secret, expected in (("a", 200), ("b", 200), ("c", 401)):
            assert (await _post(bot, body, _signed(body, secret=secret)))[0] == expected
        await bot.settled()


def _carried(**changes: Any) -> str:
    return json.dumps({"action": "resolve", "session_id": "s-1", "step": 1} | changes)


FORM: dict[str, Any] = {
    "type": "view_submission",
    "user": {"id": "U1"},
    "view": {
        "id": "V1",
        "callback_id": "review_form",
        "private_metadata": _carried(),
        "state": {"values": {}},
    },
}

RUBBISH = [
    b"",
    b"\xff\xfe",
    b"payload=",
    b"payload=%7B&payload=%7B",
    b"other=1",
    _form("null"),
    _form("[]"),
    _form("{"),
    _form({}),
    _form({"type": "block_actions"}),
    _form(CLICK | {"user": None}),
    _form(CLICK | {"user": {"id": "<!channel>"}}),
    _form(CLICK | {"actions": [{"action_id": "review_claim"}]}),
    _form(CLICK | {"actions": [{"action_id": "review_claim", "value": "a\u0000b"}]}),
    _form(CLICK | {"actions": "x"}),
    _form('{"type": "block_actions", "user": {"id": "\\ud800"}}'),
    _form(FORM | {"view": FORM["view"] | {"private_metadata": "{}"}}),
    _form(FORM | {"view": FORM["view"] | {"private_metadata": _carried(action="close")}}),
    _form(FORM | {"view": FORM["view"] | {"private_metadata": _carried(session_id="<!channel>")}}),
    _form(FORM | {"view": FORM["view"] | {"state": {"values": {"note": "x"}}}}),
    _form(FORM | {"user": None}),
]


@pytest.mark.parametrize("body", RUBBISH)
async def test_signed_rubbish_is_400(bot: Bot, body: bytes) -> None:
    """Nothing is changed by it, and nothing breaks."""
    assert (await _post(bot, body, _signed(body)))[0] == 400
    assert bot.rows("SELECT id FROM audit") == []


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "view_closed", "view": {}},
        {"type": "shortcut", "callback_id": "x"},
        CLICK | {"actions": [{"action_id": "a_link", "type": "button", "url": "https://example.com"}]},
        CLICK | {"team": None, "message": None, "state": None, "new_key": {"deep": []}},
        {key: value for key, value in CLICK.items() if key != "channel"}
        | {"container": {"channel_id": "C1"}},
    ],
)
async def test_odd_but_documented_payloads_are_acknowledged(bot: Bot, payload: dict[str, Any]) -> None:
    """200 with an empty body, or Slack shows a warning."""
    body = _form(payload)
    assert await _post(bot, body, _signed(body)) == (200, b"")


async def test_a_form_of_a_session_that_the_database_does_not_know(bot: Bot) -> None:
    """A form of a database that was thrown away closes, and says so; one that is not ours is left alone."""
    body = _form(FORM | {"user": {"id": ANA}})
    status, answer = await _post(bot, body, _signed(body))
    assert status == 200
    assert json.loads(answer)["response_action"] == "update"
    assert b"no review was found for this session" in answer
    body = _form(FORM | {"view": {"callback_id": "of_somebody_else"}})
    assert await _post(bot, body, _signed(body)) == (200, b"")


async def test_slack_confirms_the_address_of_events(bot: Bot) -> None:
    """The challenge goes back; strangers are refused; other events and rubbish are acknowledged."""
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()
    assert await _post(bot, body, _signed(body), "events") == (200, b"abc")
    assert (await _post(bot, body, {}, "events"))[0] == 401
    for other in (b'{"type": "event_callback", "event_id": "Ev1", "event": {}}', b"{", b"[]"):
        assert await _post(bot, other, _signed(other), "events") == (200, b"")
