"""Sentry gets the type and the place of a fault and no personal data, as seen in the HTTP requests that reach it."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
import sentry_sdk
import structlog
from aiohttp import web

from bot.logs import configure_logging
from bot.outbound import OutboundProxy
from bot.sentry import report_faults
from tests.support.outbound_proxy import running_proxy

CANARY = "canary@example.com"


@dataclass(slots=True)
class Sentry:
    """A local Sentry: the headers and the body of every report that it received."""

    port: int = 0
    reports: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
async def sentry() -> AsyncIterator[Sentry]:
    """It runs; nothing is reported there yet."""
    running = Sentry()

    async def take(request: web.Request) -> web.Response:
        running.reports.append((str(request.headers), (await request.read()).decode()))
        return web.json_response({})

    application = web.Application()
    application.router.add_post("/api/1/envelope/", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running.port = runner.addresses[0][1]
    configure_logging("INFO", "json", io.StringIO())
    yield running
    await asyncio.to_thread(sentry_sdk.get_client().close)
    await runner.cleanup()


@pytest.fixture
def received(sentry: Sentry) -> list[tuple[str, str]]:
    """Faults are reported, directly."""
    report_faults(f"http://key@127.0.0.1:{sentry.port}/1", "0.1.0")
    return sentry.reports


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Stop reporting when the test is over."""
    yield
    sentry_sdk.get_global_scope().set_client(None)
    structlog.reset_defaults()


def _take_in(body: str) -> None:
    raise ValueError(f"cannot read {body}")


async def test_a_fault_is_reported_by_its_type_and_place_alone(received: list[tuple[str, str]]) -> None:
    """Its message, its variables and the values bound to the log don't leave."""
    log = structlog.get_logger().bind(note=CANARY)
    sentry_sdk.set_tag("note", CANARY)
    sentry_sdk.add_breadcrumb(message=CANARY)
    try:
        _take_in(CANARY)
    except ValueError:
        log.exception("request_failed", body=CANARY)
    await asyncio.to_thread(sentry_sdk.flush, 5)
    ((headers, body),) = received
    assert '"ValueError"' in body
    assert '"_take_in"' in body
    assert CANARY not in headers + body
    assert "cannot read" not in body


async def test_an_expected_error_is_not_reported(received: list[tuple[str, str]]) -> None:
    """Errors that the bot expects go to the log only."""
    structlog.get_logger().error("webhook_quarantined", problems=[CANARY])
    await asyncio.to_thread(sentry_sdk.flush, 5)
    assert received == []


async def test_a_report_goes_through_the_outbound_proxy(
    sentry: Sentry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its credentials, and past the proxies that the environment names."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with running_proxy({"sentry.test": sentry.port}, "Basic made-up") as proxy:
        report_faults(
            "http://key@sentry.test/1", "0.1.0", OutboundProxy(f"http://{proxy.address}", "Basic made-up")
        )
        try:
            _take_in(CANARY)
        except ValueError:
            structlog.get_logger().exception("request_failed")
        await asyncio.to_thread(sentry_sdk.flush, 5)
    assert len(sentry.reports) == 1


async def test_the_proxies_of_the_environment_are_ignored(
    sentry: Sentry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without OUTBOUND_PROXY a report goes out directly."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    report_faults(f"http://key@127.0.0.1:{sentry.port}/1", "0.1.0")
    try:
        _take_in(CANARY)
    except ValueError:
        structlog.get_logger().exception("request_failed")
    await asyncio.to_thread(sentry_sdk.flush, 5)
    assert len(sentry.reports) == 1
