"""The load as raw HTTP requests, made and signed before anything is measured."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

WEBHOOK_SECRET = "ralio-webhook-secret"
SIGNING_SECRET = "slack-signing-secret"
PERSON = "UANA000001"


def webhooks(first: int, count: int) -> Iterator[bytes]:
    """So many review events, each about a new session; `first` numbers them, so that two calls repeat none."""
    for number in range(first, first + count):
        yield webhook(review_event(number))


def review_event(number: int, kind: str = "kyc_session_manual_review") -> dict[str, object]:
    """The event with this number, as Ralio's documentation shows one."""
    seconds = number % 86_400
    return {
        "eventId": identifier("event", number),
        "eventType": kind,
        "timestamp": f"2026-03-17T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000Z",
        "data": {
            "sessionId": identifier("session", number),
            "userId": identifier("user", number),
            "entityType": "user",
        },
    }


def identifier(kind: str, number: int) -> str:
    """A UUID, as random as Ralio's are, and the same in every run."""
    digest = hashlib.blake2b(f"{kind}:{number}".encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def webhook(event: dict[str, object]) -> bytes:
    """A whole request to Ralio's route."""
    body = json.dumps(event).encode()
    signature = hmac.digest(WEBHOOK_SECRET.encode(), body, "sha256").hex()
    return _request("/webhooks/ralio", "application/json", body, {"X-Signature": signature})


def click(
    action: dict[str, object], channel: str, message_ts: str, now: float, person: str = PERSON
) -> bytes:
    """A whole request of Slack's: this person pressed this button."""
    payload = {
        "type": "block_actions",
        "user": {"id": person, "username": "ana", "name": "ana", "team_id": "T00000001"},
        "api_app_id": "A00000001",
        "token": "not-used",
        "container": {
            "type": "message",
            "message_ts": message_ts,
            "channel_id": channel,
            "is_ephemeral": False,
        },
        "trigger_id": "1.2.3",
        "team": {"id": "T00000001", "domain": "example"},
        "channel": {"id": channel, "name": "reviews"},
        "message": {"type": "message", "ts": message_ts, "text": "A review"},
        "response_url": "https://hooks.slack.com/actions/T00000001/1/x",
        "actions": [{"type": "button", "block_id": "buttons", "action_ts": str(now)} | action],
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return _slack_request("/slack/interactions", "application/x-www-form-urlencoded", body, now)


def form(
    callback_id: str, private_metadata: str, values: Mapping[str, object], trigger_id: str, now: float
) -> bytes:
    """A whole request of Slack's: this person submitted a modal with these values."""
    payload = {
        "type": "view_submission",
        "user": {"id": PERSON, "username": "ana", "name": "ana", "team_id": "T00000001"},
        "api_app_id": "A00000001",
        "token": "not-used",
        "team": {"id": "T00000001", "domain": "example"},
        "trigger_id": trigger_id,
        "view": {
            "id": "V00000001",
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": private_metadata,
            "hash": "1",
            "state": {"values": values},
        },
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return _slack_request("/slack/interactions", "application/x-www-form-urlencoded", body, now)


def home_opened(number: int, now: float, person: str = PERSON) -> bytes:
    """A whole request of Slack's: this person opened the home tab for the time with this number."""
    event = {
        "type": "event_callback",
        "token": "not-used",
        "team_id": "T00000001",
        "api_app_id": "A00000001",
        "event_id": f"Ev{number:08}",
        "event_time": int(now),
        "authorizations": [
            {"enterprise_id": None, "team_id": "T00000001", "user_id": "UBOT000001", "is_bot": True}
        ],
        "event": {
            "type": "app_home_opened",
            "user": person,
            "channel": "D00000001",
            "tab": "home",
            "event_ts": f"{now:.6f}",
        },
    }
    return _slack_request("/slack/events", "application/json", json.dumps(event).encode(), now)


def _slack_request(path: str, content_type: str, body: bytes, now: float) -> bytes:
    base = f"v0:{int(now)}:".encode() + body
    headers = {
        "X-Slack-Request-Timestamp": str(int(now)),
        "X-Slack-Signature": "v0=" + hmac.digest(SIGNING_SECRET.encode(), base, "sha256").hex(),
    }
    return _request(path, content_type, body, headers)


def _request(path: str, content_type: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "User-Agent: bench",
        "Accept: */*",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
