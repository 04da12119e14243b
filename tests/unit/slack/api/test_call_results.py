"""Every way a call to Slack can end, and what it means for a message that may have been sent."""

import json
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError, SlackClientError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.api.call_results import CallResult, ResultKind, kind_of, result_of_error

CODES = {
    ResultKind.WAIT: ["ratelimited", "rate_limited"],
    ResultKind.UNKNOWN: ["fatal_error", "internal_error", "request_timeout", "service_unavailable"],
    ResultKind.OUTAGE: [
        "team_added_to_org",
        "accesslimited",
        "org_login_required",
        "external_channel_migrating",
        "update_failed",
        "an_error_that_slack_adds_tomorrow",
        "",
    ],
    ResultKind.CHANNEL_WRONG: [
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "is_inactive",
        "posting_to_channel_denied",
        "ekm_access_denied",
    ],
    ResultKind.TOKEN_WRONG: [
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "app_access_restricted",
    ],
    ResultKind.PERMISSION_MISSING: [
        "missing_scope",
        "missing_scope:channels:history",
        "not_allowed_token_type",
        "no_permission",
    ],
    ResultKind.PAYLOAD_WRONG: [
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "metadata_too_large",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "invalid_arguments",
    ],
    ResultKind.MESSAGE_GONE: ["message_not_found", "cant_update_message", "edit_window_closed"],
    ResultKind.PARENT_GONE: ["thread_not_found"],
    ResultKind.THREAD_CLOSED: [
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
        "cannot_reply_to_message",
    ],
    ResultKind.PERSON_UNREACHABLE: [
        "user_not_in_channel",
        "user_not_found",
        "user_not_visible",
        "user_disabled",
        "cannot_dm_bot",
        "messages_tab_disabled",
    ],
}
ROWS = [(code, kind) for kind, codes in CODES.items() for code in codes]


def _refused(data: Any, status: int = 200, headers: Any = None) -> SlackApiError:
    """The error that slack_sdk raises for such an answer."""
    response = AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="https://slack.com/api/chat.postMessage",
        req_args={},
        data=data,
        headers=headers or {},
        status_code=status,
    )
    return _api_error(response)


def _api_error(response: Any) -> SlackApiError:
    return SlackApiError("The request to the Slack API failed.", response)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(("code", "kind"), ROWS)
def test_every_error_code_has_its_ending(code: str, kind: ResultKind) -> None:
    """A code that is not listed counts as an outage, never as success."""
    assert kind_of(code) is kind


@pytest.mark.parametrize(("code", "kind"), ROWS)
def test_an_answer_with_an_error_code_ends_so(code: str, kind: ResultKind) -> None:
    """The code is kept for operators."""
    result = result_of_error(_refused({"ok": False, "error": code}))
    assert (result.kind, result.error) == (kind, code)


def _connection_refused() -> aiohttp.ClientConnectorError:
    key = ConnectionKey(
        "slack.com",
        443,
        is_ssl=True,
        ssl=True,
        proxy=None,
        proxy_auth=None,
        proxy_headers_hash=None,
        server_hostname=None,
    )
    return aiohttp.ClientConnectorError(key, OSError(111, "Connection refused"))


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (TimeoutError(), ResultKind.UNKNOWN, "timeout"),
        (aiohttp.ServerTimeoutError(), ResultKind.UNKNOWN, "timeout"),
        (aiohttp.SocketTimeoutError(), ResultKind.UNKNOWN, "timeout"),
        (_connection_refused(), ResultKind.AWAY, "cannot_connect"),
        (aiohttp.ServerDisconnectedError(), ResultKind.UNKNOWN, "disconnected"),
        (aiohttp.ClientOSError(104, "Connection reset"), ResultKind.UNKNOWN, "disconnected"),
        (aiohttp.ClientPayloadError(), ResultKind.UNKNOWN, "disconnected"),
        (aiohttp.ClientError(), ResultKind.UNKNOWN, "disconnected"),
        (json.JSONDecodeError("Expecting value", "<html>", 0), ResultKind.UNKNOWN, "answer_is_not_json"),
        (SlackClientError("?"), ResultKind.UNKNOWN, "unreadable_answer"),
        (SlackRequestError("?"), ResultKind.UNKNOWN, "unreadable_answer"),
        (RuntimeError("Session is closed"), ResultKind.UNKNOWN, "RuntimeError"),
        (ValueError("?"), ResultKind.UNKNOWN, "ValueError"),
        (ConnectionResetError(), ResultKind.UNKNOWN, "ConnectionResetError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_only_a_connection_that_never_was_is_certain(error: Exception, kind: ResultKind, word: str) -> None:
    """After anything else the message may be in the channel, so that it is looked for."""
    assert result_of_error(error) == CallResult(kind, word)


@pytest.mark.parametrize(
    ("data", "status", "word"),
    [
        ("<html>Bad SlackClient</html>", 502, "http_502"),
        ("", 503, "http_503"),
        (None, 500, "http_500"),
        ({"ok": False, "error": "channel_not_found"}, 500, "http_500"),
        ({"ok": False, "error": "ratelimited"}, 503, "http_503"),
        ("not JSON", 200, "unreadable_answer"),
        ({}, 200, "unreadable_answer"),
        ({"ok": False}, 200, "unreadable_answer"),
        ({"ok": False, "error": None}, 200, "unreadable_answer"),
        ({"ok": False, "error": {"code": 7}}, 200, "unreadable_answer"),
        ([], 404, "http_404"),
        ("Bad Request", 400, "http_400"),
        ("Moved", 399, "unreadable_answer"),
    ],
)
def test_an_answer_that_does_not_say_what_happened_is_unknown(data: Any, status: int, word: str) -> None:
    """A server's trouble says nothing about whether the message was stored."""
    assert result_of_error(_refused(data, status)) == CallResult(ResultKind.UNKNOWN, word)


@pytest.mark.parametrize("response", ["Bad SlackClient", None, b"", 7, [], {}])
def test_an_error_without_a_real_response_is_unknown(response: Any) -> None:
    """slack_sdk puts several types in the response's place."""
    assert result_of_error(_api_error(response)) == CallResult(ResultKind.UNKNOWN, "unreadable_answer")


def test_a_plain_dictionary_as_the_response_is_read() -> None:
    """slack_sdk's own documentation shows it so."""
    error = _api_error({"ok": False, "error": "is_archived"})
    assert result_of_error(error) == CallResult(ResultKind.CHANNEL_WRONG, "is_archived")


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "30"}, 30.0),
        ({"retry-after": "30"}, 30.0),
        ({"Retry-After": " 7 "}, 7.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "abc"}, 30.0),
        ({"Retry-After": ""}, 30.0),
        ({"Retry-After": None}, 30.0),
        ({"Retry-After": ["30"]}, 30.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({}, 30.0),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": "-5"}, 1.0),
        ({"Retry-After": "-inf"}, 1.0),
        ({"Retry-After": "999999999"}, 21_600.0),
        ({"Retry-After": "9" * 5_000}, 21_600.0),
        ({"Retry-After": "inf"}, 21_600.0),
        ({"Retry-After": "nan"}, 30.0),
    ],
)
@pytest.mark.parametrize("data", [{"ok": False, "error": "ratelimited"}, "Too Many Requests", None])
def test_slacks_wish_to_wait_is_kept_within_sense(data: Any, headers: dict[str, Any], wait_s: float) -> None:
    """At least a second, at most six hours, half a minute where it cannot be read."""
    assert result_of_error(_refused(data, 429, headers)) == CallResult(ResultKind.WAIT, "ratelimited", wait_s)


def test_a_wait_may_also_come_with_status_200() -> None:
    """The code alone says it."""
    error = _refused({"ok": False, "error": "rate_limited"}, 200, {"Retry-After": "3"})
    assert result_of_error(error) == CallResult(ResultKind.WAIT, "rate_limited", 3.0)


@settings(max_examples=200, deadline=None)
@given(
    st.none() | st.text() | st.dictionaries(st.just("error"), st.none() | st.integers() | st.text()),
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(["Retry-After", "retry-after", "Date"]), st.none() | st.text()),
)
def test_no_answer_of_slack_counts_as_done(data: Any, status: int, headers: dict[str, Any]) -> None:
    """Whatever it is, it is classified, and the wait is one that can be kept."""
    result = result_of_error(_refused(data, status, headers))
    assert result.kind is not ResultKind.DONE
    assert 0.0 <= result.retry_after_s <= 21_600.0
