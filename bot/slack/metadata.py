"""What our messages carry so that they are found again.

Opaque ids only: every member of the workspace can read them.

See https://docs.slack.dev/messaging/message-metadata.
"""

from collections.abc import Iterable, Mapping
from typing import Any

EVENT_TYPE = "kyc_review_bot"


def metadata(key: str, session_id: str | None = None) -> dict[str, Any]:
    """A message's metadata; `key` names the delivery for ever."""
    payload = {"key": key}
    if session_id is not None:
        payload["session_id"] = session_id
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def find(messages: Iterable[Mapping[str, Any]], key: str) -> str | None:
    """The `ts` of the message that carries this key, or None."""
    for message in messages:
        carried = message.get("metadata")
        if not isinstance(carried, Mapping) or carried.get("event_type") != EVENT_TYPE:
            continue
        payload = carried.get("event_payload")
        if isinstance(payload, Mapping) and payload.get("key") == key and isinstance(message.get("ts"), str):
            return str(message["ts"])
    return None
