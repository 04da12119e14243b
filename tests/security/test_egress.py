"""Whom the bot speaks to: Slack's API, Ralio's API and the database; nobody whom a payload or an answer names."""

import json
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.clock import system_clock
from bot.demo.signing import slack_headers
from bot.ralio.api.client import open_ralio_api
from bot.ralio.api.errors import ApiProblem
from bot.slack.api.call_results import ResultKind
from bot.slack.api.client import Message, Place, open_slack_client
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.outbound_proxy import running_proxy
from tests.support.people import TEAM, Person, new_review
from tests.support.ralio_api import running_ralio_api
from tests.support.receiver import running_receiver
from tests.support.slack import ANA, BEN, SIGNING_SECRET, TOKEN, USER_CHANNEL, LocalSlack

_watching: list[list[Any]] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto") and _watching:
        address = arguments[1]
        for seen in _watching:
            seen.append(address if isinstance(address, str | bytes) else (address[0], address[1]))


sys.addaudithook(_note)  # for as long as the process lives; it notes nothing unless somebody watches


@asynccontextmanager
async def _somebody_else(*answers: web.Response) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that nobody has a reason to call: its address, and the calls that it got."""
    calls: list[str] = []

    async def handle(request: web.BaseRequest) -> web.Response:
        calls.append(f"{request.method} {request.path}")
        return answers[0] if answers else web.json_response({"ok": True})

    runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", calls
    finally:
        await runner.cleanup()


async def _slack_sends(bot: Bot, path: str, fields: dict[str, str]) -> None:
    body = "&".join(f"{name}={_quoted(value)}" for name, value in fields.items()).encode()
    headers = slack_headers(SIGNING_SECRET, body, bot.clock() // 1000)
    async with bot.slack.session.post(f"{bot.address}/slack/{path}", data=body, headers=headers) as answer:
        assert answer.status == 200


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _addresses_of(stranger: str, session_id: str) -> dict[str, Any]:
    """A click in which every place that could hold an address names the stranger."""
    return {
        "type": "block_actions",
        "user": {"id": BEN, "profile_url": stranger},
        "channel": {"id": USER_CHANNEL},
        "response_url": f"{stranger}/response",
        "response_urls": [{"response_url": f"{stranger}/responses", "channel_id": USER_CHANNEL}],
        "message": {"permalink": stranger, "files": [{"url_private": stranger}]},
        "actions": [{"action_id": "review_claim", "value": session_id, "url": stranger}],
    }


async def test_only_slack_ralio_and_the_database_are_connected_to(
    tmp_path: Path, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Webhook, card, clicks, form, home tab, command: `response_url` and a proxy in the environment are left alone."""
    seen: list[Any] = []
    async with _somebody_else() as (stranger, calls), running_ralio_api() as api:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, stranger)
        _watching.append(seen)
        database = f"sqlite:///{tmp_path / 'reviews.db'}"
        async with running(database, slack, file=TEAM, audit_key=(SecretStr("a"),), **api.settings) as bot:
            session_id = await new_review(bot)
            await bot.ralio.send(ralio.event(portalUrl=stranger, callbackUrl=f"{stranger}/callback"))
            ana, ben = Person(bot, ANA), Person(bot, BEN)
            await ana.reject(session_id)
            await ana.open_home()
            assert "Awaiting confirmation" in await ana.type("mine")
            click = json.dumps(_addresses_of(stranger, session_id))
            await _slack_sends(bot, "interactions", {"payload": click})
            command = {"command": "/reviews", "user_id": BEN, "text": "mine"}
            await _slack_sends(bot, "commands", command | {"response_url": f"{stranger}/command"})
            await until(ben.notes, "the refused click is not answered")
            await bot.settled()
            allowed = {("127.0.0.1", urlsplit(url).port) for url in (slack.address, api.url, bot.address)}
        _watching.remove(seen)
        assert calls == []
    assert set(seen) == allowed


async def test_everything_goes_through_the_outbound_proxy(
    tmp_path: Path, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack, Ralio and the receiver have names that only the proxy knows; the environment's proxies are left alone."""
    database = f"sqlite:///{tmp_path / 'reviews.db'}"
    async with (
        _somebody_else() as (stranger, calls),
        running_ralio_api() as api,
        running_receiver() as receiver,
    ):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, stranger)
        monkeypatch.setenv("NO_PROXY", "*")
        hosts = {
            "slack.test": urlsplit(slack.address).port or 0,
            "ralio.test": urlsplit(api.url).port or 0,
            "receiver.test": receiver.port,
        }
        changes = (
            api.settings
            | receiver.settings
            | {
                "slack_api_url": "http://slack.test/api/",
                "ralio_api_url": "http://ralio.test",
                "decision_webhook_url": SecretStr("http://receiver.test/decisions"),
                "decision_webhook_allow_http": True,
            }
        )
        async with running_proxy(hosts, f"Basic {b64encode(b'bot:hunter2').decode()}") as proxy:
            changes["outbound_proxy"] = SecretStr(f"http://bot:hunter2@{proxy.address}")
            async with running(database, slack, file=TEAM, **changes) as bot:
                session_id = await new_review(bot)
                await Person(bot, ANA).reject(session_id)
                await Person(bot, BEN).press(session_id, "Confirm")
                await receiver.received(1)
                await bot.settled()
            assert proxy.called == set(hosts)
        assert calls == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_is_followed_elsewhere(status: int) -> None:
    """Who answers in Slack's or Ralio's place with a redirect does not get the message, or the credentials, sent on."""
    async with _somebody_else() as (stranger, calls):
        headers = {"Location": f"{stranger}/taken"}
        async with (
            _somebody_else(web.Response(status=status, headers=headers)) as (address, _),
            open_slack_client(address, TOKEN, 1.0, system_clock) as slack_client,
        ):
            result = await slack_client.post(Place(USER_CHANNEL), Message("A card."))
            assert (result.kind, result.error) == (ResultKind.UNKNOWN, "disconnected")
        async with (
            _somebody_else(web.Response(status=status, headers=headers)) as (address, _),
            open_ralio_api(address, SecretStr("code"), SecretStr("key"), system_clock) as api,
        ):
            with pytest.raises(ApiProblem, match=f"http_{status}"):
                await api.refused_checks("user-1", "session-1")
        assert calls == []
