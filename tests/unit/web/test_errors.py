"""Answers to errors are short JSON that names no software."""

import json
from http import HTTPStatus

from aiohttp import web

from bot.web.errors import closing_response, error_response, unavailable_response


def _content(response: web.Response) -> object:
    return json.loads(response.text or "")


def test_an_error_keeps_its_status_and_loses_its_text() -> None:
    """The text could repeat the request."""
    response = error_response(web.HTTPExpectationFailed(text="Unknown Expect: echo"))
    assert (response.status, _content(response)) == (417, {"error": "expectation failed"})
    assert "Allow" not in response.headers


def test_a_wrong_method_names_the_right_ones() -> None:
    """RFC 9110 asks for `Allow`."""
    response = error_response(web.HTTPMethodNotAllowed("PUT", ["GET", "HEAD"]))
    assert (response.status, response.headers["Allow"]) == (405, "GET,HEAD")


def test_after_a_bad_request_the_connection_closes() -> None:
    """What follows on it cannot be trusted."""
    response = closing_response(HTTPStatus.BAD_REQUEST)
    assert (response.status, _content(response)) == (400, {"error": "bad request"})
    assert response.keep_alive is False


def test_unavailable_says_when_to_try_again() -> None:
    """Ralio and Slack send again later."""
    response = unavailable_response("overload")
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert _content(response) == {"error": "overload"}
