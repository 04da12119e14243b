"""Ralio's events that do not have the documented shape: the place and the rule are named, never the value."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.ralio.events import MalformedEvent, parse

CANARY = "canary of Jane Roe"
_ID_RULE = "String should match pattern '^[A-Za-z0-9][A-Za-z0-9._:-]*$'"
_OBJECT_RULE = "Input should be a valid dictionary or instance of "


def _review() -> dict[str, Any]:
    return {
        "eventId": "event-1",
        "eventType": "kyc_session_manual_review",
        "timestamp": "2026-03-17T16:41:28.447Z",
        "data": {"sessionId": "session-1", "userId": "user-1", "entityType": "user"},
    }


def _with(**changes: object) -> Callable[[], dict[str, Any]]:
    return lambda: _review() | changes


def _with_data(**changes: object) -> Callable[[], dict[str, Any]]:
    return lambda: _review() | {"data": _review()["data"] | changes}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{}}",
        b"\xff\xfe",
        b"eventId=event-1",
        b"{'eventId': 'event-1'}",
        b'{"eventId": NaN}',
        b'{"eventId": Infinity}',
        b'{"eventId": "\\ud800"}',
        b'{"eventId": "canary of Jane Roe}',
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    ],
    ids=lambda body: ascii(body[:20]),
)
def test_what_is_not_json_is_called_so(body: bytes) -> None:
    """Lone surrogates and endless nesting count as no JSON: the database could not keep them."""
    assert parse(body, 9_000) == MalformedEvent(
        is_json=False, problems=("the body is not JSON",), body=body, received_at=9_000
    )


@pytest.mark.parametrize(
    "body", [b"null", b"true", b"7", b'"canary of Jane Roe"', b"[]", b'[{"eventId": "e"}]']
)
def test_json_that_is_no_object_is_called_so(body: bytes) -> None:
    """An event is an object."""
    assert parse(body, 9_000) == MalformedEvent(
        is_json=True, problems=("the body is not a JSON object",), body=body, received_at=9_000
    )


@pytest.mark.parametrize(
    "name", [{}, {"eventType": None}, {"eventType": ""}, {"eventType": 7}, {"event": [CANARY]}]
)
def test_an_event_without_a_name_cannot_be_ignored(name: dict[str, Any]) -> None:
    """It might be a review: it is quarantined rather than dropped."""
    content = {key: value for key, value in _review().items() if key != "eventType"} | name
    body = json.dumps(content).encode()
    assert parse(body, 9_000) == MalformedEvent(
        is_json=True, problems=("eventType: missing, or not a string",), body=body, received_at=9_000
    )


MALFORMED: list[tuple[Callable[[], dict[str, Any]], list[str]]] = [
    (_with(eventId=None), ["eventId: Field required"]),
    (_with(eventId=""), ["eventId: Field required"]),
    (_with(eventId="x" * 129), ["eventId: String should have at most 128 characters"]),
    (_with(eventId=CANARY), [f"eventId: {_ID_RULE}"]),
    (_with(eventId=[CANARY]), ["eventId: Input should be a valid string"]),
    (_with(timestamp=None), ["timestamp: Field required"]),
    (_with(timestamp=1_773_765_688), ["timestamp: Value error, must be an ISO 8601 text"]),
    (_with(timestamp=CANARY), ["timestamp: Value error, must be an ISO 8601 time"]),
    (_with(timestamp="  "), ["timestamp: Field required"]),
    *(
        (_with(timestamp=time), ["timestamp: Value error, must be a time since the year 2000"])
        for time in ("1970-01-01T00:00:00Z", "1999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z")
    ),
    *(
        (_with(timestamp=time), ["timestamp: Value error, must be an ISO 8601 time"])
        for time in (
            "2016-12-31T12:30:60Z",
            "2016-12-31T23:59:61Z",
            "2016-12-31T23:59:600Z",
            "2016-12-31T23:59:60+01:00",
        )
    ),
    (_with(timestamp="2026-02-30T00:00:00Z"), ["timestamp: Value error, must be an ISO 8601 time"]),
    (_with(data=None), ["data: Field required"]),
    (_with(data=CANARY), [f"data: {_OBJECT_RULE}_Data"]),
    (_with(data=[]), [f"data: {_OBJECT_RULE}_Data"]),
    (_with(data={}), ["data.sessionId: Field required"]),
    (_with_data(sessionId=None), ["data.sessionId: Field required"]),
    (_with_data(sessionId=CANARY), [f"data.sessionId: {_ID_RULE}"]),
    (_with_data(sessionId="session-1\n"), [f"data.sessionId: {_ID_RULE}"]),
    (_with_data(sessionId="session-1\x00"), [f"data.sessionId: {_ID_RULE}"]),
    (_with_data(sessionId="<!channel>"), [f"data.sessionId: {_ID_RULE}"]),
    (_with_data(sessionId="{session-1}"), [f"data.sessionId: {_ID_RULE}"]),
    (_with_data(sessionId=" session-1"), [f"data.sessionId: {_ID_RULE}"]),
    (_with_data(sessionId="{5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10"), [f"data.sessionId: {_ID_RULE}"]),
    (_with_data(sessionId="5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10>"), [f"data.sessionId: {_ID_RULE}"]),
    (_with_data(sessionId="\uff150d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10"), [f"data.sessionId: {_ID_RULE}"]),
    (_with_data(sessionId=True), ["data.sessionId: Input should be a valid string"]),
    (_with_data(entityType=CANARY), ["data.entityType: Input should be 'user' or 'related-party'"]),
    (_with_data(entityType=7), ["data.entityType: Input should be 'user' or 'related-party'"]),
    (
        lambda: {"eventType": "kyc_session_failed", CANARY: CANARY},
        ["eventId: Field required", "timestamp: Field required", "data: Field required"],
    ),
]


@pytest.mark.parametrize(("make", "problems"), MALFORMED)
def test_every_problem_is_named_and_no_value_is(
    make: Callable[[], dict[str, Any]], problems: list[str]
) -> None:
    """The problems are answered, logged and told to operators; a value could be personal data."""
    body = json.dumps(make()).encode()
    assert parse(body, 9_000) == MalformedEvent(
        is_json=True, problems=tuple(problems), body=body, received_at=9_000
    )
    assert CANARY not in repr(problems)
