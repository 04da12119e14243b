"""The metadata that the bot's messages carry, to be found again.

It holds opaque ids only, because every member of the workspace can read it.

See https://docs.slack.dev/messaging/message-metadata.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.reviews.ids import canonical_id

EVENT_TYPE = "kyc_review_bot"
CARD = "card"
"""What the key of a card begins with; the session follows."""


def metadata(key: str, session_id: str | None = None) -> dict[str, Any]:
    """The metadata of a message; `key` identifies its delivery for good."""
    payload = {"key": key}
    if session_id is not None:
        payload["session_id"] = session_id
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def keys(messages: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The `ts` of each of the bot's messages, by the key that it carries."""
    found: dict[str, str] = {}
    for message in messages:
        carried = message.get("metadata")
        if not isinstance(carried, Mapping) or carried.get("event_type") != EVENT_TYPE:
            continue
        payload = carried.get("event_payload")
        key = payload.get("key") if isinstance(payload, Mapping) else None
        if isinstance(key, str) and isinstance(message.get("ts"), str):
            found[_canonical(key)] = message["ts"]
    return found


def _canonical(key: str) -> str:
    """A card of an earlier version can carry a session's id in another spelling."""
    kind, separator, session_id = key.partition(":")
    return f"{CARD}:{canonical_id(session_id)}" if separator and kind == CARD else key
