"""`POST /webhooks/ralio`: what is recorded, answered and counted."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web

from bot.metrics import Metrics
from bot.ralio.signature import Encoding
from bot.slack.api.client import SlackClient
from bot.store.store import Store
from bot.store.tables import events
from bot.web.intake_watch import IntakeWatch
from bot.web.operator_reports import OperatorReports
from bot.web.ralio_webhook import ralio_webhook
from tests.support import ralio
from tests.support.raw_http import Answer, connected
from tests.unit.web.conftest import Serve

SECRET = "secret"
MAX_BODY_BYTES = 5_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The endpoint on a server of its own."""

    port: int
    metrics: Metrics

    async def send(self, body: bytes, signature: str | None = None) -> Answer:
        """Send a body, signed correctly unless a signature is given."""
        signature = ralio.signature(body, SECRET) if signature is None else signature
        head = f"POST /webhooks/ralio HTTP/1.1\r\nHost: a\r\nX-Signature: {signature}\r\n"
        async with connected(self.port) as wire:
            wire.send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            return await wire.answer()

    def counted(self) -> list[str]:
        """The results that were counted, each as often as it says."""
        samples = [line for line in self.metrics.text().decode().splitlines() if "webhooks_total{" in line]
        return sorted(
            sample.split('"')[1] for sample in samples for _ in range(int(float(sample.split()[-1])))
        )


@pytest.fixture
async def endpoint(store: Store, slack_client: SlackClient, serve: Serve) -> AsyncIterator[Endpoint]:
    """The endpoint with one secret."""
    metrics = Metrics()
    reports = OperatorReports(store, slack_client, "COPS", lambda: 2_000)
    watch = IntakeWatch(reports, lambda: 2_000)
    handler = ralio_webhook(store, [SECRET], Encoding.ANY, MAX_BODY_BYTES, lambda: 2_000, metrics, watch)
    yield Endpoint(await serve(web.post("/webhooks/ralio", handler)), metrics)
    await reports.close(5.0)


async def test_an_event_is_recorded_once(endpoint: Endpoint) -> None:
    """A repeated event is acknowledged too, as a duplicate; the content type has no charset."""
    body = json.dumps(ralio.event()).encode()
    for result in ("recorded", "duplicate"):
        answer = await endpoint.send(body)
        assert (answer.status, json.loads(answer.body)) == (200, {"received": True, "result": result})
        assert answer.headers["content-type"] == "application/json"
    assert endpoint.counted() == ["duplicate", "recorded"]


async def test_an_event_that_is_not_needed_is_acknowledged(endpoint: Endpoint) -> None:
    """Ralio would otherwise send it again."""
    answer = await endpoint.send(json.dumps(ralio.event("payin_completed")).encode())
    assert json.loads(answer.body) == {"received": True, "result": "ignored"}
    assert endpoint.counted() == ["ignored"]


@pytest.mark.parametrize("signature", ["", "0" * 64, "v0=x"])
async def test_an_unsigned_body_is_not_even_parsed(endpoint: Endpoint, store: Store, signature: str) -> None:
    """401, and nothing is recorded or quarantined."""
    answer = await endpoint.send(b"not JSON", signature)
    assert (answer.status, json.loads(answer.body)["received"]) == (401, False)
    assert endpoint.counted() == ["wrong_signature"]
    assert await store.read(events.quarantined_count) == 0


@pytest.mark.parametrize(("body", "status"), [(b"not JSON", 400), (b"{}", 422), (b"[]", 422)])
async def test_a_signed_body_that_is_no_event_is_quarantined(
    endpoint: Endpoint, store: Store, body: bytes, status: int
) -> None:
    """Nothing that Ralio signed is lost."""
    answer = await endpoint.send(body)
    assert answer.status == status
    assert json.loads(answer.body)["received"] is False
    assert endpoint.counted() == ["quarantined"]
    assert await store.read(events.quarantined_count) == 1


async def test_a_body_above_the_limit_is_refused(endpoint: Endpoint) -> None:
    """413 names the limit."""
    answer = await endpoint.send(b" " * (MAX_BODY_BYTES + 1))
    assert (answer.status, endpoint.counted()) == (413, ["too_large"])
    assert str(MAX_BODY_BYTES) in json.loads(answer.body)["error"]


@pytest.mark.parametrize("signature", ["", "X-Signature: v0=x\r\n", "X-Signature: " + "0" * 63 + "\r\n"])
async def test_without_a_well_formed_signature_the_body_is_not_read(
    endpoint: Endpoint, signature: str
) -> None:
    """The answer does not wait for the body."""
    async with connected(endpoint.port) as wire:
        wire.send(
            f"POST /webhooks/ralio HTTP/1.1\r\nHost: a\r\n{signature}Content-Length: 5\r\n\r\na".encode()
        )
        assert (await wire.answer()).status == 401
