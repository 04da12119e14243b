"""Makes sample webhooks of Ralio in the documented shapes, with made-up ids.

Most come in the newer envelope (`eventId`/`eventType`), some in the older one (`id`/`event`) with `checks`.

Shapes: https://doc.raliopay.com/webhooks-events/kyc/kyc-session-manual-review and its neighbours.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias, get_args

from bot.demo.records import Json

SampleKind: TypeAlias = Literal[
    "user", "related-party", "duplicate", "verified", "failed", "expired", "malformed"
]
SAMPLE_KINDS: tuple[SampleKind, ...] = get_args(SampleKind)
_OLD_ENVELOPE_EVERY = 3
_VALIDATED: Json = {"type": "document-verification", "state": "Validated", "data": {}, "reasons": []}
_REFUSED: tuple[Json, ...] = (
    {
        "type": "face-matching",
        "state": "Refused",
        "data": {},
        "reasons": [
            {"type": "face-match", "code": "LOW_CONFIDENCE", "message": "Similarity below threshold"}
        ],
    },
    {
        "type": "document-verification",
        "state": "Refused",
        "data": {},
        "reasons": [{"type": "document", "code": "EXPIRED_DOCUMENT", "message": "The document has expired"}],
    },
    {
        "type": "watchlist",
        "state": 2,
        "data": {"type": "watchlist", "provider": "MOCK"},
        "reasons": [{"type": "Watchlist", "code": "KYC.AML.POSSIBLE_MATCH", "category": "AML"}],
    },
)
_REJECTED: Json = {
    "type": "manual_review",
    "state": 2,
    "data": {"type": "manual_review", "provider": "MOCK"},
    "reasons": [
        {"type": "ManualReview", "code": "KYC.DOC.DETERIORATED", "message": "Unreadable", "category": "DOC"}
    ],
}


class NoOpenSessionError(Exception):
    """There is no session in review that a verdict could be about."""


@dataclass(frozen=True, slots=True)
class _Session:
    id: str
    subject: Json


class RalioSamples:
    """Remembers the sessions that it sent, so verdicts and duplicates match them; `now` is in milliseconds."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._open: dict[str, _Session] = {}
        self._known: dict[str, _Session] = {}
        self._last_review: bytes | None = None
        self._last_time = datetime.min.replace(tzinfo=UTC)
        self._made_reviews = 0

    def make(self, kind: SampleKind, session_id: str | None = None) -> bytes:
        """Return the body of a webhook; NoOpenSessionError when a verdict has no session to be about."""
        match kind:
            case "user" | "related-party":
                return self._review(kind, session_id)
            case "duplicate":
                return self._last_review or self._review("user", None)
            case "malformed":
                return _encoded(
                    self._envelope("kyc_session_manual_review", {"entityType": "user"}, old=False)
                )
            case "verified" | "failed" | "expired":
                return self._verdict(kind, session_id)

    @property
    def in_review(self) -> list[str]:
        """The sessions that await a verdict, newest first."""
        return list(reversed(self._open))

    def _review(self, entity_type: str, session_id: str | None) -> bytes:
        self._made_reviews += 1
        name = "userId" if entity_type == "user" else "relatedPartyId"
        subject = {name: str(uuid.uuid4()), "entityType": entity_type}
        session = _Session(session_id or str(uuid.uuid4()), subject)
        self._known[session.id] = self._open[session.id] = session
        old = entity_type == "user" and self._made_reviews % _OLD_ENVELOPE_EVERY == 0
        data: Json = {"sessionId": session.id, **subject}
        if old:
            del data["entityType"]
            refused = _REFUSED[self._made_reviews // _OLD_ENVELOPE_EVERY % len(_REFUSED)]
            data["checks"] = [_VALIDATED, refused]
        self._last_review = _encoded(self._envelope("kyc_session_manual_review", data, old=old))
        return self._last_review

    def _verdict(self, kind: str, session_id: str | None) -> bytes:
        session = self._session(session_id)
        self._open.pop(session.id, None)
        data = {"sessionId": session.id, **session.subject}
        if kind == "failed":
            data["checks"] = [_REJECTED]
        return _encoded(self._envelope(f"kyc_session_{kind}", data, old=kind != "expired"))

    def _session(self, session_id: str | None) -> _Session:
        if session_id is not None:
            unknown = _Session(session_id, {"userId": str(uuid.uuid4()), "entityType": "user"})
            return self._known.get(session_id, unknown)
        if not self._open:
            raise NoOpenSessionError
        return self._open[next(reversed(self._open))]

    def _envelope(self, event_type: str, data: Json, *, old: bool) -> Json:
        id_name, type_name = ("id", "event") if old else ("eventId", "eventType")
        event_id = str(uuid.uuid4())
        return {id_name: event_id, type_name: event_type, "timestamp": self._timestamp(), "data": data}

    def _timestamp(self) -> str:
        self._last_time = max(
            datetime.fromtimestamp(self._now() / 1000, UTC), self._last_time + timedelta(milliseconds=1)
        )
        return self._last_time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _encoded(event: Json) -> bytes:
    return json.dumps(event).encode()
