"""Every way a call to Slack can end, in one place.

Slack has no idempotency key, so the difference between *not done* and *unknown* decides whether a message can
be sent again. Error codes from the method pages on https://docs.slack.dev/reference/methods.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.outbound import not_sent


class ResultKind(StrEnum):
    """How a call ended."""

    DONE = "done"
    WAIT = "wait"  # Slack asks to wait; costs no attempt
    UNKNOWN = "unknown"  # it may or may not have been done
    AWAY = "away"  # Slack could not be reached; nothing was sent
    OUTAGE = "outage"  # refused for a reason that passes within hours, such as a migration
    NOT_DONE = "not_done"  # a fault of the bot
    CHANNEL_WRONG = (
        "channel_wrong"  # the channel takes no messages until it is fixed, or the queue has another one
    )
    TOKEN_WRONG = "token_wrong"  # noqa: S105 - nothing works until the token is fixed
    PERMISSION_MISSING = "permission_missing"  # the token is good, but not for this method
    PAYLOAD_WRONG = "payload_wrong"  # this message is refused as it is
    MESSAGE_GONE = "message_gone"  # the message was deleted, or can never be edited again
    PARENT_GONE = "parent_gone"  # the message that a reply belongs to was deleted
    THREAD_CLOSED = "thread_closed"  # the thread takes no replies
    PERSON_UNREACHABLE = "person_unreachable"  # this person cannot see the message


@dataclass(frozen=True, slots=True)
class CallResult:
    """How a call ended: Slack's answer if it was done, otherwise its error code and how many seconds it asks to wait.

    `needed` is the scope that Slack says the token lacks. `details` are what it says about a refused message or view:
    each names a rule and the place where it is broken.
    """

    kind: ResultKind
    error: str = ""
    retry_after_s: float = 0.0
    answer: Mapping[str, Any] = field(default_factory=dict)
    needed: str = ""
    details: tuple[str, ...] = ()

    @property
    def cause(self) -> str:
        """The error code, and after a colon the scope that is needed. `kind_of` understands both."""
        return f"{self.error}:{self.needed}" if self.needed else self.error


_WORD = re.compile(r"[A-Za-z0-9_.,:-]{0,200}", re.ASCII)
"""Slack's errors and scopes look so; they are logged, printed and shown, and bring nothing else along."""

_CODES: Mapping[ResultKind, frozenset[str]] = MappingProxyType(
    {
        ResultKind.WAIT: frozenset({"ratelimited", "rate_limited"}),
        ResultKind.UNKNOWN: frozenset(
            {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
        ),
        ResultKind.CHANNEL_WRONG: frozenset(
            {
                "channel_not_found",
                "not_in_channel",
                "is_archived",
                "is_inactive",
                "posting_to_channel_denied",
                "ekm_access_denied",
            }
        ),
        ResultKind.TOKEN_WRONG: frozenset(
            {
                "invalid_auth",
                "not_authed",
                "account_inactive",
                "token_revoked",
                "token_expired",
                "app_access_restricted",
            }
        ),
        ResultKind.PERMISSION_MISSING: frozenset(
            {"missing_scope", "not_allowed_token_type", "no_permission"}
        ),
        ResultKind.PAYLOAD_WRONG: frozenset(
            {
                "invalid_blocks",
                "invalid_blocks_format",
                "invalid_message",
                "invalid_view",
                "msg_blocks_too_long",
                "msg_too_long",
                "no_text",
                "metadata_too_large",
                "invalid_arguments",
            }
        ),
        ResultKind.MESSAGE_GONE: frozenset(
            {"message_not_found", "cant_update_message", "edit_window_closed"}
        ),
        ResultKind.PARENT_GONE: frozenset({"thread_not_found"}),
        ResultKind.THREAD_CLOSED: frozenset(
            {
                "restricted_action_thread_locked",
                "restricted_action_non_threadable_channel",
                "cannot_reply_to_message",
            }
        ),
        ResultKind.PERSON_UNREACHABLE: frozenset(
            {
                "user_not_in_channel",
                "user_not_found",
                "user_not_visible",
                "user_disabled",
                "cannot_dm_bot",
                "messages_tab_disabled",
            }
        ),
    }
)
_PREFIXES = (("restricted_action", ResultKind.CHANNEL_WRONG), ("invalid_metadata_", ResultKind.PAYLOAD_WRONG))

NOT_OFFERED = frozenset({"unknown_method", "http_404", "http_405"})
"""Slack itself returns none of these: a server that replaces it may lack some methods."""

MOST_DETAILS = 5
DETAIL_LENGTH = 200

DEFAULT_WAIT_S = 30.0
LONGEST_WAIT_S = 6 * 3600.0


def kind_of(code: str) -> ResultKind:
    """What Slack's error code means for the bot; one that is not listed is treated as an outage.

    A scope after a colon is ignored.
    """
    code = code.partition(":")[0]
    for kind, codes in _CODES.items():
        if code in codes:
            return kind
    for prefix, kind in _PREFIXES:
        if code.startswith(prefix):
            return kind
    return ResultKind.OUTAGE


def result_of_error(error: Exception) -> CallResult:
    """Classify whatever a call raised; what is not recognised counts as unknown, never as not done."""
    if isinstance(error, SlackApiError):
        return _of_response(error.response)
    if (word := not_sent(error)) is not None:
        return CallResult(ResultKind.AWAY, word)
    match error:
        case TimeoutError() | asyncio.TimeoutError():
            return CallResult(ResultKind.UNKNOWN, "timeout")
        case aiohttp.ClientError():
            return CallResult(ResultKind.UNKNOWN, "disconnected")
        case json.JSONDecodeError():
            return CallResult(ResultKind.UNKNOWN, "answer_is_not_json")
        case SlackClientError():
            return CallResult(ResultKind.UNKNOWN, "unreadable_answer")
        case _:
            return CallResult(ResultKind.UNKNOWN, type(error).__name__)


def _of_response(response: Any) -> CallResult:  # noqa: ANN401 - slack_sdk puts several types here
    status = getattr(response, "status_code", None)
    headers = getattr(response, "headers", None) or {}
    data = getattr(response, "data", response)
    code = data.get("error") if isinstance(data, dict) else None
    if status == 429:  # noqa: PLR2004 - HTTP's Too Many Requests
        return CallResult(ResultKind.WAIT, "ratelimited", _retry_after_s(headers))
    if not isinstance(code, str) or (isinstance(status, int) and status >= 500):  # noqa: PLR2004
        is_error = isinstance(status, int) and status >= 400  # noqa: PLR2004
        return CallResult(ResultKind.UNKNOWN, f"http_{status}" if is_error else "unreadable_answer")
    kind = kind_of(code)
    retry_after_s = _retry_after_s(headers) if kind is ResultKind.WAIT else 0.0
    needed = _word(str(data.get("needed") or ""))
    return CallResult(kind, _word(code), retry_after_s, needed=needed, details=_details(data))


def _details(data: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with a message or a view, and where: from blocks.validate's `errors`, or the metadata's `messages`.

    https://docs.slack.dev/reference/methods/blocks.validate
    """
    metadata = data.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    errors = data.get("errors")
    found = [_described(each) for each in errors] if isinstance(errors, list) else []
    if not any(found) and isinstance(messages, list):
        found = [each for each in messages if isinstance(each, str)]
    return tuple(text[:DETAIL_LENGTH] for text in found if text)[:MOST_DETAILS]


def _described(error: object) -> str:
    """One of the `errors`: an object of blocks.validate, or a text."""
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return ""
    words = error.get("message") or error.get("code")
    limit = error.get("constraint")
    suffix = f" (constraint: {limit})" if limit is not None else ""
    return f"{error.get('pointer') or 'somewhere'}: {words}{suffix}"


def _word(text: str) -> str:
    return text if _WORD.fullmatch(text) else "unreadable_error"


def _retry_after_s(headers: Mapping[str, Any]) -> float:
    """Slack's Retry-After in seconds, within sense; an unreadable one counts as half a minute."""
    values = {str(name).lower(): value for name, value in headers.items()}
    try:
        wanted_s = float(values.get("retry-after", DEFAULT_WAIT_S))
    except (TypeError, ValueError):
        return DEFAULT_WAIT_S
    return min(max(wanted_s, 1.0), LONGEST_WAIT_S) if wanted_s == wanted_s else DEFAULT_WAIT_S  # noqa: PLR0124 - not a number
