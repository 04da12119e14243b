"""What the decision webhook sends: body, id and signature, as Standard Webhooks describes them. Pure.

The specification: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from bot.clock import iso
from bot.reviews.decision_update import DecisionUpdate

PREFIX = "whsec_"


def message_id(unique_key: str) -> str:
    """The id of a message, the same for every attempt; it has no full stop, which separates the signed parts."""
    return f"msg_{hashlib.sha256(unique_key.encode()).hexdigest()[:32]}"


def body_of(update: DecisionUpdate, seal: str | None) -> bytes:
    """The body that reports an update; `seal` is that of its audit entry."""
    data: dict[str, object] = {
        "session_id": update.session_id,
        "entity_type": update.entity_type,
        "subject_id": update.subject_id,
        "queue": update.queue,
        "outcome": update.outcome,
        "reason": update.reason,
        "decided_by": update.decided_by,
        "decided_at": iso(update.decided_at),
        "confirmed_by": update.confirmed_by,
        "confirmed_at": iso(update.confirmed_at),
        "verdict": update.verdict,
        "agrees": update.agrees,
        "audit_seal": seal,
    }
    if update.shares_note:
        data["note"] = update.note
    return _body(update.type, update.at, data)


def ping_body(now: int) -> bytes:
    """The body of a test message at `now` (milliseconds); it says nothing."""
    return _body("ping", now, {})


def signed_headers(message: str, body: bytes, secrets: Sequence[str], now: int) -> dict[str, str]:
    """The headers of an attempt at `now` (milliseconds): the message's id, the time, and a signature per secret."""
    timestamp = str(now // 1000)
    content = f"{message}.{timestamp}.".encode() + body
    signatures = [f"v1,{_signature(content, secret)}" for secret in secrets]
    return {
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def _body(type_: str, at: int, data: Mapping[str, object]) -> bytes:
    content = {"type": type_, "timestamp": iso(at), "data": data}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _signature(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
