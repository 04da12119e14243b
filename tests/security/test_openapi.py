"""docs/openapi.yaml and the running bot agree: every route, every answer, under requests that are made up from it."""

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.process import ROOT, Process, environment, free_port
from tests.support.slack import SIGNING_SECRET, WEBHOOK_SECRET

SCHEMA = schemathesis.openapi.from_path(ROOT / "docs" / "openapi.yaml")
OPERATIONS = {
    operation.label: operation
    for operation in (result.ok() for result in SCHEMA.get_all_operations() if isinstance(result, Ok))
}
OF_ALL = [status_code_conformance, response_headers_conformance]
OF_BODIES = [content_type_conformance, response_schema_conformance]
SLACK_IS_AWAY = "http://127.0.0.1:9/api/"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real process, without a Slack: what it answers does not need one."""
    folder = tmp_path_factory.mktemp("openapi")
    env = environment(f"sqlite:///{folder / 'reviews.db'}", free_port(), SLACK_IS_AWAY)
    server = Process(env, folder / "log")
    server.start()
    _wait_for(f"http://127.0.0.1:{env['PORT']}", server)
    yield f"http://127.0.0.1:{env['PORT']}"
    assert asyncio.run(server.terminate()) == 0
    assert "request_failed" not in server.log()


def _wait_for(address: str, server: Process) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            requests.get(f"{address}/healthz", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(server.log())


class Signed(requests.auth.AuthBase):
    """Signs the bytes that are sent, as Ralio and Slack would."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        assert isinstance(content, bytes)
        timestamp = str(int(time.time()))
        ralio = hmac.digest(WEBHOOK_SECRET.encode(), content, hashlib.sha256).hex()
        slack = hmac.digest(
            SIGNING_SECRET.encode(), f"v0:{timestamp}:".encode() + content, hashlib.sha256
        ).hex()
        request.headers["X-Signature"] = ralio
        request.headers["X-Slack-Request-Timestamp"] = timestamp
        request.headers["X-Slack-Signature"] = f"v0={slack}"
        return request


def test_every_route_is_described_and_no_other() -> None:
    """With its method."""
    source = (ROOT / "bot" / "app.py").read_text(encoding="utf-8")
    served = {
        f"{method.upper()} {path}" for method, path in re.findall(r'web\.(get|post)\("(/[^"]+)"', source)
    }
    assert set(OPERATIONS) == served


@pytest.mark.parametrize("is_signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_every_answer_is_described(label: str, address: str, *, is_signed: bool) -> None:
    """Its status, its headers and its shape, whatever is sent; without a signature nobody gets in."""
    statuses: set[int] = set()

    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[label].as_strategy())
    def holds(case: Any) -> None:
        case.headers = {}
        auth = Signed() if is_signed else None
        answer = case.call(base_url=address, auth=auth)
        case.validate_response(answer, checks=OF_ALL + OF_BODIES if answer.content else OF_ALL)
        assert answer.headers["server"] == ["bot"]
        statuses.add(answer.status_code)

    holds()
    assert statuses <= ({200, 503} if label == "GET /readyz" else {200, 400, 401, 422})
    if label == "POST /slack/commands" and not is_signed:
        assert statuses <= {200, 401}  # Slack sends ssl_check without a signature
    elif label.startswith("POST"):
        assert (statuses == {401}) is not is_signed
