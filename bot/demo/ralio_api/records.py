"""What this Ralio knows: sessions with their states and checks, tokens, and the troubles that a test switched on."""

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from bot.demo.records import Json

API_CODE, API_KEY = "local-code", "local-key"

Trouble: TypeAlias = Literal["slow", "server_error", "unauthorized", "forbidden", "not_json", "too_many"]

_STATES = {
    "kyc_session_manual_review": "REVIEW",
    "kyc_session_verified": "VERIFIED",
    "kyc_session_failed": "REJECTED",
    "kyc_session_expired": "EXPIRED",
}


@dataclass(slots=True)
class RalioSession:
    """A user's session: its changes of state as (id, state, time), oldest first, and its checks in the API's shape."""

    id: str
    user_id: str
    logs: list[tuple[int, str, str]] = field(default_factory=list)
    checks: list[Json] = field(default_factory=list)


class RalioRecords:
    """The API's memory; tests read and change it directly, the bot only over HTTP."""

    def __init__(self, api_code: str = API_CODE, api_key: str = API_KEY) -> None:
        self.api_code = api_code
        self.api_key = api_key
        self.tokens: set[str] = set()
        self.calls: list[str] = []
        self.sessions: dict[str, RalioSession] = {}
        self.slow_s = 30.0
        self._troubles: list[tuple[Trouble, str]] = []
        self._log_ids = itertools.count(1)

    def change(self, session_id: str, state: str, user_id: str, at: str | None = None) -> RalioSession:
        """A session comes into a state, at an ISO 8601 time or now; a session that is not known yet begins."""
        session = self.sessions.setdefault(session_id, RalioSession(session_id, user_id))
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        session.logs.append((next(self._log_ids), state, at or now))
        return session

    def note(self, event: Json) -> None:
        """Take over what a webhook reports about a user's session."""
        data = event.get("data", {})
        state = _STATES.get(event.get("eventType") or event.get("event") or "")
        if state and data.get("userId") and data.get("sessionId"):
            session = self.change(data["sessionId"], state, data["userId"], event["timestamp"])
            session.checks = session.checks or [
                validated("document"),
                refused("face-matching", "NO_MATCH", "FACE"),
            ]

    def new_token(self) -> str:
        """A token that is good until `expire_tokens`."""
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        return token

    def expire_tokens(self) -> None:
        """Every token that was handed out is refused from now on."""
        self.tokens.clear()

    def trouble(self, kind: Trouble, times: int = 1, call: str = "") -> None:
        """The next calls whose path contains `call` meet a trouble, so many times."""
        self._troubles += [(kind, call)] * times

    def no_trouble(self) -> None:
        """Everything works again."""
        self._troubles.clear()

    def strike(self, path: str) -> Trouble | None:
        """The trouble that meets this call, if any; it is used up."""
        for index, (kind, call) in enumerate(self._troubles):
            if call in path:
                del self._troubles[index]
                return kind
        return None


def validated(kind: str) -> Json:
    """A check that was passed."""
    return {"id": secrets.token_hex(4), "type": kind, "state": "Validated", "data": {}, "refused_reasons": []}


def refused(kind: str, code: str, category: str) -> Json:
    """A check that was not, with what a real answer holds besides: data and texts that must go nowhere."""
    reason = {
        "id": 1,
        "type": kind,
        "code": f"provider.{code.lower()}",
        "message": "Jane Doe looks different",
        "mappedError": {
            "id": 2,
            "code": f"KYC.{category}.{code}",
            "category": category,
            "reason": "Jane Doe",
        },
    }
    data = {"provider": "MOCK", "name": "Jane Doe"}
    return {
        "id": secrets.token_hex(4),
        "type": kind,
        "state": "Refused",
        "data": data,
        "refused_reasons": [reason],
    }
