"""Requests are refused because of headers that another server could read differently."""

from http import HTTPStatus

import pytest
from aiohttp import HttpVersion, HttpVersion10, HttpVersion11
from aiohttp.test_utils import make_mocked_request

from bot.web.request_headers import refusal_status

BAD, UNSUPPORTED = HTTPStatus.BAD_REQUEST, HTTPStatus.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, None),
        ({"Content-Length": "3"}, None),
        ({"Transfer-Encoding": "chunked"}, None),
        ({"Transfer-Encoding": "Chunked"}, None),
        ({"Transfer-Encoding": "gzip, chunked"}, BAD),
        ({"Transfer-Encoding": "identity"}, BAD),
        ({"Transfer-Encoding": ""}, BAD),
        ({"Content-Encoding": "identity"}, None),
        ({"Content-Encoding": " Identity "}, None),
        ({"Content-Encoding": ""}, None),
        ({"Content-Encoding": "gzip"}, UNSUPPORTED),
        ({"Content-Encoding": "identity, br"}, UNSUPPORTED),
    ],
)
def test_the_headers_decide(headers: dict[str, str], status: HTTPStatus | None) -> None:
    """Only plain chunks and uncompressed bodies pass."""
    request = make_mocked_request("POST", "/webhooks/ralio", headers, version=HttpVersion11)
    assert refusal_status(request) == status


def test_old_versions_have_no_chunks() -> None:
    """HTTP/1.0 has no transfer codings, and HTTP/0.9 has no headers."""
    chunked = {"Transfer-Encoding": "chunked"}
    assert refusal_status(make_mocked_request("POST", "/", chunked, version=HttpVersion10)) == BAD
    assert refusal_status(make_mocked_request("GET", "/", version=HttpVersion10)) is None
    assert refusal_status(make_mocked_request("GET", "/", version=HttpVersion(0, 9))) == BAD


def test_the_bot_is_no_proxy() -> None:
    """CONNECT is refused whatever its target is."""
    assert refusal_status(make_mocked_request("CONNECT", "evil.example:80")) == BAD
