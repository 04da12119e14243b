"""`/healthz`, `/readyz` and `/metrics` of a bot that has just started."""

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.metrics import Metrics
from bot.slack.api.client import SlackClient
from bot.slack.api.health import SlackHealth
from bot.slack.api.users import UserDirectory
from bot.store.store import Store
from bot.web.operations import Operations
from bot.web.readiness import Readiness
from tests.support.raw_http import Answer, connected
from tests.unit.web.conftest import Serve

TOKEN = "scrape"


@pytest.fixture
async def port(store: Store, slack_client: SlackClient, serve: Serve) -> AsyncIterator[int]:
    """A bot that has not heard from Slack yet and whose Ralio signs wrongly."""
    readiness = Readiness(
        store,
        SlackHealth(slack_client, []),
        UserDirectory(slack_client, lambda: 2_000, {}),
        None,
        lambda: 2_000,
        lambda: "12 refused",
    )
    operations = Operations(readiness, lambda: 2_000, Metrics(), TOKEN)
    yield await serve(
        web.get("/healthz", operations.healthz),
        web.get("/readyz", operations.readyz),
        web.get("/metrics", operations.metrics),
    )
    await readiness.close()


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
    answer = await _get(port, "/readyz", f"Authorization: Bearer {TOKEN}\r\n")
    content = json.loads(answer.body)
    assert (answer.status, content["ready"]) == (503, False)
    assert content["problems"] == {"slack_token": "Slack has not confirmed it yet"}
    assert content["warnings"] == {"ralio_signatures": "12 refused"}
    assert (content["pending"], content["held"], content["quarantined"]) == (0, 0, 0)


async def test_without_the_token_readiness_shows_names_only(port: int) -> None:
    """A platform needs no more; counts and sentences are for operators."""
    answer = await _get(port, "/readyz")
    assert (answer.status, json.loads(answer.body)) == (
        503,
        {"ready": False, "problems": {"slack_token": None}, "warnings": {"ralio_signatures": None}},
    )


async def test_readiness_is_a_metric(port: int) -> None:
    """With each problem by name, also those that are not there."""
    answer = await _get(port, "/metrics", f"Authorization: Bearer {TOKEN}\r\n")
    lines = answer.body.decode().splitlines()
    assert "review_bot_ready 0.0" in lines
    assert 'review_bot_problem{name="slack_token"} 1.0' in lines
    assert 'review_bot_problem{name="database"} 0.0' in lines


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
