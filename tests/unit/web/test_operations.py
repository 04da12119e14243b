"""`/healthz`, `/readyz` and `/metrics` of a bot that has just started."""

import json

import pytest
from aiohttp import web

from bot.metrics import Metrics
from bot.slack.api.client import SlackClient
from bot.slack.api.health import SlackHealth
from bot.slack.api.users import UserDirectory
from bot.store.store import Store
from bot.web.operations import Operations
from tests.support.raw_http import Answer, connected
from tests.unit.web.conftest import Serve

TOKEN = "scrape"


@pytest.fixture
async def port(store: Store, slack_client: SlackClient, serve: Serve) -> int:
    """A bot that has not heard from Slack yet."""
    operations = Operations(
        store,
        SlackHealth(slack_client, []),
        UserDirectory(slack_client, lambda: 2_000, {}, {}),
        None,
        lambda: 2_000,
        Metrics(),
        TOKEN,
    )
    return await serve(
        web.get("/healthz", operations.healthz),
        web.get("/readyz", operations.readyz),
        web.get("/metrics", operations.metrics),
    )


async def _get(port: int, path: str, headers: str = "") -> Answer:
    async with connected(port) as wire:
        wire.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode())
        return await wire.answer()


async def test_a_process_that_serves_is_alive(port: int) -> None:
    """Whatever Slack does."""
    answer = await _get(port, "/healthz")
    assert (answer.status, json.loads(answer.body)) == (200, {"ok": True})


async def test_a_bot_is_not_ready_before_slack_confirms_its_token(port: int) -> None:
    """The problem is named, and what waits is counted."""
    answer = await _get(port, "/readyz")
    content = json.loads(answer.body)
    assert (answer.status, content["ready"]) == (503, False)
    assert content["problems"] == {"slack_token": "Slack has not confirmed it yet"}
    assert (content["pending"], content["held"], content["quarantined"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ("", 401),
        ("Authorization: Bearer other\r\n", 401),
        ("Authorization: scrape\r\n", 401),
        ("Authorization: Bearer scrape\r\n", 200),
    ],
)
async def test_metrics_need_their_token(port: int, headers: str, status: int) -> None:
    """Exactly the configured one."""
    answer = await _get(port, "/metrics", headers)
    assert answer.status == status
    assert (b"review_bot_deliveries" in answer.body) == (status == 200)
