"""Ralio as tests play it: events in either envelope, signed, sent over HTTP."""

import hashlib
import hmac
import itertools
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

_START = datetime(2026, 3, 17, 16, 41, 28, tzinfo=UTC)
_MINUTES = itertools.count()


def later() -> str:
    """A time later than every one that was handed out before."""
    moment = _START + timedelta(minutes=next(_MINUTES))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(kind: str = "kyc_session_manual_review", **data: Any) -> dict[str, Any]:
    """An event in the newer envelope about a new session, or the one that is given."""
    data = {"sessionId": str(uuid.uuid4()), "userId": str(uuid.uuid4()), "entityType": "user"} | data
    return {
        "eventId": str(uuid.uuid4()),
        "eventType": kind,
        "timestamp": later(),
        "data": {key: value for key, value in data.items() if value is not None},
    }


def related_party_event(**data: Any) -> dict[str, Any]:
    """A review event about a related party."""
    return event(userId=None, relatedPartyId=str(uuid.uuid4()), entityType="related-party", **data)


def in_older_envelope(newer: dict[str, Any]) -> dict[str, Any]:
    """The same event with the older keys."""
    return {
        "id": newer["eventId"],
        "event": newer["eventType"],
        "timestamp": newer["timestamp"],
        "data": newer["data"],
    }


def signature(body: bytes, secret: str) -> str:
    """The hex form of X-Signature, computed independently of the bot."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Ralio:
    """Sends to one bot."""

    url: str
    secret: str
    session: aiohttp.ClientSession

    async def send(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send a signed event."""
        return await self.send_bytes(json.dumps(content).encode())

    async def send_bytes(self, body: bytes, header: str | None = None) -> tuple[int, dict[str, Any]]:
        """Send any bytes, signed, or with the given header (an empty one is left out)."""
        header = signature(body, self.secret) if header is None else header
        headers = {"X-Signature": header} if header else {}
        async with self.session.post(self.url, data=body, headers=headers) as answer:
            return answer.status, await answer.json()
