"""Slack's three endpoints: what is verified, and what is answered without any action."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from aiohttp import web

from bot.handlers.context import Context
from bot.metrics import Metrics
from bot.slack.api.client import SlackClient
from bot.slack.api.users import UserDirectory
from bot.slack.requests.signature import sign
from bot.store.store import Store
from bot.web.slack_requests import MAX_BODY_BYTES, SlackEndpoints
from tests.support.raw_http import Answer, connected
from tests.unit.web.conftest import Serve

SECRET = "secret"
NOW_S = 1_800_000_000
PATHS = ("/interactions", "/commands", "/events")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints on a server of their own."""

    port: int
    metrics: Metrics

    async def send(self, path: str, body: bytes, *, signed_at: int = NOW_S, secret: str = SECRET) -> Answer:
        """Send a body that is signed at this second with this secret."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: a\r\nX-Slack-Request-Timestamp: {signed_at}\r\n"
            f"X-Slack-Signature: {sign(body, str(signed_at), secret)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        async with connected(self.port) as wire:
            wire.send(head.encode() + body)
            return await wire.answer()

    def is_counted(self, result: str) -> bool:
        """Whether exactly one interaction ended like this."""
        return f'review_bot_interactions_total{{result="{result}"}} 1.0' in self.metrics.text().decode()


@pytest.fixture
async def endpoints(store: Store, slack_client: SlackClient, serve: Serve) -> Endpoints:
    """The endpoints of a bot whose Slack is out of reach."""
    metrics = Metrics()

    def clock() -> int:
        return NOW_S * 1_000

    directory = UserDirectory(slack_client, clock, {})
    slack = SlackEndpoints(Context(store, slack_client, directory, clock, metrics.waited), [SECRET], metrics)
    port = await serve(
        web.post("/interactions", slack.interactions),
        web.post("/commands", slack.commands),
        web.post("/events", slack.events),
    )
    return Endpoints(port, metrics)


@pytest.mark.parametrize("path", PATHS)
async def test_a_wrong_or_old_signature_is_refused(endpoints: Endpoints, path: str) -> None:
    """401 with a generic body."""
    answer = await endpoints.send(path, b"payload={}", secret="other")
    assert (answer.status, json.loads(answer.body)) == (401, {"error": "unauthorized"})
    assert endpoints.is_counted("wrong_signature")
    assert (await endpoints.send(path, b"payload={}", signed_at=NOW_S - 301)).status == 401


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_above_the_limit_is_refused(endpoints: Endpoints, path: str) -> None:
    """Slack sends nothing that large."""
    assert (await endpoints.send(path, b" " * (MAX_BODY_BYTES + 1))).status == 400


async def test_slack_gets_its_challenge_back(endpoints: Endpoints) -> None:
    """The address is confirmed."""
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    answer = await endpoints.send("/events", body)
    assert (answer.status, answer.body) == (200, b"abc")


async def test_an_interaction_that_asks_for_nothing_is_acknowledged(endpoints: Endpoints) -> None:
    """200 with an empty body, without a content type."""
    body = urlencode({"payload": json.dumps({"type": "view_closed"})}).encode()
    answer = await endpoints.send("/interactions", body)
    assert (answer.status, answer.body) == (200, b"")
    assert "content-type" not in answer.headers
    assert endpoints.is_counted("nothing_to_do")


@pytest.mark.parametrize(
    ("path", "body"),
    [("/interactions", b"payload=%7B"), ("/interactions", b"a=b"), ("/commands", b"text=mine")],
)
async def test_a_signed_request_that_is_not_understood_is_a_bad_request(
    endpoints: Endpoints, path: str, body: bytes
) -> None:
    """400 with a generic body."""
    answer = await endpoints.send(path, body)
    assert (answer.status, json.loads(answer.body)) == (400, {"error": "bad request"})
    assert endpoints.is_counted("not_understood")


async def test_slacks_check_of_the_command_is_acknowledged(endpoints: Endpoints) -> None:
    """`ssl_check` asks for nothing."""
    answer = await endpoints.send("/commands", b"ssl_check=1&token=x")
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        "",
        f"X-Slack-Request-Timestamp: {NOW_S}\r\n",
        f"X-Slack-Request-Timestamp: {NOW_S}\r\nX-Slack-Signature: v0=x\r\n",
        f"X-Slack-Request-Timestamp: {NOW_S - 301}\r\nX-Slack-Signature: v0={'0' * 64}\r\n",
    ],
    ids=["none", "no signature", "malformed", "old"],
)
async def test_without_well_formed_headers_the_body_is_not_read(
    endpoints: Endpoints, path: str, headers: str
) -> None:
    """The answer does not wait for the body."""
    async with connected(endpoints.port) as wire:
        wire.send(f"POST {path} HTTP/1.1\r\nHost: a\r\n{headers}Content-Length: 5\r\n\r\na".encode())
        assert (await wire.answer()).status == 401
