"""Markup, control characters and forged lines in every text from outside: none acts in Slack or in the log."""

import itertools
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import web

from bot.demo.signing import slack_headers
from tests.support import ralio
from tests.support.bot import until
from tests.support.examples import formatted_texts, is_harmless
from tests.support.process import Process, environment, free_port, run
from tests.support.raw_http import connected
from tests.support.slack import SIGNING_SECRET, USER_CHANNEL, WEBHOOK_SECRET

HOSTILE = (
    "<!channel> <@UEVIL> <https://evil.example|x> `*b*`\r\n2026-01-01 FORGED\x1b[31m\u202e\u2028\x00\x9b"
)
POST = "chat.postMessage"
REFUSED = "chat.update", "chat.postEphemeral", "views.open", "views.publish"


_TRIGGERS = itertools.count()


@dataclass
class HostileSlack:
    """A Slack whose every text is hostile: names, addresses, the words of its refusals."""

    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Any method's."""
        method = request.path.rsplit("/", 1)[1]
        content: dict[str, Any] = dict(request.query) | dict(await request.post())
        if request.content_type == "application/json":
            content |= await request.json()
        self.sent.append((method, content))
        return web.json_response(self._content(method, content) | {"warning": HOSTILE, "needed": HOSTILE})

    def _content(self, method: str, content: dict[str, Any]) -> dict[str, Any]:
        names = dict.fromkeys(["name", "real_name", "display_name", "team", "user_name", "topic"], HOSTILE)
        match method:
            case "auth.test":
                ids = {"team_id": "T1", "user_id": "UBOT", "bot_id": "B1"}
                return {"ok": True, "url": f"https://{HOSTILE}/"} | names | ids
            case "users.info":
                return {
                    "ok": True,
                    "user": {"id": content["user"], "team_id": "T1", "profile": names} | names,
                }
            case "conversations.members":
                return {"ok": True, "members": ["UANNA"], "response_metadata": {"next_cursor": ""}}
            case "conversations.info":
                return {"ok": True, "channel": {"id": content["channel"], "is_member": True} | names}
            case "chat.postMessage":
                # The card is taken, so that it can be updated.
                posted = [sent["channel"] for name, sent in self.sent if name == method]
                if content["channel"] == USER_CHANNEL and posted.count(USER_CHANNEL) == 1:
                    return {"ok": True, "channel": content["channel"], "ts": "1.000001"}
                return {"ok": False, "error": HOSTILE}
            case _ if method in REFUSED:
                return {"ok": False, "error": HOSTILE, "response_metadata": {"messages": [HOSTILE]}}
            case _:
                return {"ok": True}


@asynccontextmanager
async def _hostile_slack() -> AsyncIterator[tuple[str, HostileSlack]]:
    slack = HostileSlack()
    runner = web.ServerRunner(web.Server(slack.answer), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/", slack
    finally:
        await runner.cleanup()


async def _from_slack(session: aiohttp.ClientSession, url: str, **fields: str) -> tuple[int, str]:
    body = "&".join(f"{name}={quote(value)}" for name, value in fields.items()).encode()
    async with session.post(url, data=body, headers=slack_headers(SIGNING_SECRET, body)) as answer:
        return answer.status, await answer.text()


def _click(session_id: str, action_id: str = "review_claim") -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "UANNA", "name": HOSTILE, "username": HOSTILE},
        "team": {"id": "T1", "domain": HOSTILE},
        "channel": {"id": USER_CHANNEL, "name": HOSTILE},
        "trigger_id": f"{HOSTILE}{next(_TRIGGERS)}",
        "actions": [{"action_id": action_id, "value": session_id, "text": {"text": HOSTILE}}],
    }


def _form(session_id: str) -> dict[str, Any]:
    carried = {"action": "resolve", "session_id": session_id, "step": 2, "channel": USER_CHANNEL}
    chosen = {"outcome": "reject", "reason": "reject:document_expired"}
    values = {name: {name: {"selected_option": {"value": value}}} for name, value in chosen.items()}
    view = {"callback_id": "review_form", "private_metadata": json.dumps(carried)}
    typed = {"note": {"note": {"value": HOSTILE}}}
    return _click(session_id) | {
        "type": "view_submission",
        "view": view | {"state": {"values": values | typed}},
    }


async def _tell_everything(session: aiohttp.ClientSession, address: str, slack: HostileSlack) -> list[str]:
    """Every way in, each text of it hostile; what Slack is answered."""
    sender = ralio.Ralio(f"{address}/webhooks/ralio", WEBHOOK_SECRET, session)
    check = {
        "type": HOSTILE,
        "state": HOSTILE,
        "reasons": [{"code": HOSTILE, "type": HOSTILE, "category": HOSTILE}],
    }
    event = ralio.event("kyc_session_manual_review", checks=[check] * 3, name=HOSTILE)
    session_id = str(event["data"]["sessionId"])
    assert (await sender.send(event))[0] == 200

    async def is_posted() -> bool:
        return any(content.get("channel") == USER_CHANNEL for method, content in slack.sent if method == POST)

    await until(is_posted, "there is no card")
    assert (await sender.send(ralio.event(HOSTILE)))[0] == 200
    unreadable = ralio.event(userId=HOSTILE, relatedPartyId={"id": HOSTILE}, checks={HOSTILE: HOSTILE})
    assert (await sender.send(unreadable))[0] == 200
    for wrong in (
        ralio.event(sessionId=HOSTILE),
        ralio.event(sessionId=f"{{{session_id}}}{HOSTILE}"),
        ralio.event() | {"eventId": HOSTILE},
        {HOSTILE: HOSTILE},
    ):
        assert (await sender.send(wrong | {"eventType": "kyc_session_failed"}))[0] == 422
    answers = []
    for payload in (
        _click(session_id),
        _click(session_id),
        _form(session_id),
        _form(session_id),
        _click(session_id, HOSTILE),
        _click(HOSTILE),
        {"type": HOSTILE},
    ):
        status, answer = await _from_slack(
            session, f"{address}/slack/interactions", payload=json.dumps(payload)
        )
        assert status in (200, 400)
        answers.append(answer)
    for text in (HOSTILE, session_id, "open", "stats"):
        fields = {"user_id": "UANNA", "user_name": HOSTILE, "team_id": "T1", "text": text}
        status, answer = await _from_slack(session, f"{address}/slack/commands", **fields)
        assert status == 200
        answers.append(answer)
    for other in ({"type": HOSTILE}, {"type": "event_callback", "event": {"type": HOSTILE}}):
        body = json.dumps(other).encode()
        headers = slack_headers(SIGNING_SECRET, body)
        async with session.post(f"{address}/slack/events", data=body, headers=headers) as answered:
            assert answered.status == 200
    return answers


async def _forge_a_line(port: int) -> None:
    """In the request itself, where a log might repeat it."""
    for line in (
        b"GET /%0A2026-01-01%20FORGED%1B HTTP/1.1",
        b"GET /\n2026-01-01 FORGED\x1b HTTP/1.1",
        b"FORGED\x1b",
    ):
        async with connected(port) as wire:
            wire.send(line + b"\r\nHost: a\r\nX-Signature: \x9b2026 FORGED\r\n\r\n")
            assert (await wire.answer()).status in (400, 404)


def _texts(content: Any) -> list[str]:
    """What Slack reads for markup: all text fields, but for those of plain_text objects."""
    found = list(formatted_texts(content))
    if isinstance(content, dict) and isinstance(content.get("text"), str):
        found.append(content["text"])
    return found


async def test_no_text_from_outside_acts_in_slack_or_in_the_log(tmp_path: Path) -> None:
    """Through ids, types, codes, notes, names, addresses, errors and headers; at the bot's own commands, too."""
    async with _hostile_slack() as (url, slack), aiohttp.ClientSession() as session:
        port = free_port()
        env = environment(f"sqlite:///{tmp_path / 'reviews.db'}", port, url)
        server = Process(env, tmp_path / "log")
        server.start()
        await server.listening()
        answers = await _tell_everything(session, f"http://127.0.0.1:{port}", slack)
        await _forge_a_line(port)

        async def is_told() -> bool:
            methods = {method for method, _ in slack.sent}
            return {POST, "chat.update", "chat.postEphemeral"} <= methods

        await until(is_told, "Slack is not told everything")
        async with session.get(f"http://127.0.0.1:{port}/readyz") as ready:
            readiness = await ready.text()
        reports = [run(command.split(), env) for command in ("deliveries", "events --quarantined")]
        assert await server.terminate() == 0
    sent = [*(content for _, content in slack.sent), *(json.loads(answer) for answer in answers if answer)]
    texts = [text for content in sent for text in _texts(content)]
    assert len(texts) > 20
    assert [text for text in texts if not is_harmless(text)] == []
    assert any("&lt;!channel&gt;" in text for text in texts)
    lines = server.log().rstrip("\n").split("\n")
    assert [line for line in lines if not line.isprintable()] == []
    assert [line for line in lines if re.match(r"\s*2026-01-01 FORGED", line)] == []
    assert "FORGED" in server.log()
    for report in reports:
        assert [line for line in report.stdout.split("\n") if not line.isprintable()] == []
    assert "\x1b" not in readiness
