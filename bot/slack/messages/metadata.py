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
    """The `ts` of the bot's messages by the key that each carries; the newest if several carry the same one."""
    found: dict[str, str] = {}
    for message in messages:
        carried = message.get("metadata")
        if not isinstance(carried, Mapping) or carried.get("event_type") != EVENT_TYPE:
            continue
        payload = carried.get("event_payload")
        key = payload.get("key") if isinstance(payload, Mapping) else None
        ts = message.get("ts")
        if isinstance(key, str) and isinstance(ts, str) and is_newer(ts, found.get(_canonical(key))):
            found[_canonical(key)] = ts
    return found


def _canonical(key: str) -> str:
    """A card of an earlier version can carry a session's id in another spelling."""
    kind, separator, session_id = key.partition(":")
    return f"{CARD}:{canonical_id(session_id)}" if separator and kind == CARD else key


def is_newer(ts: str, than: str | None) -> bool:
    """Whether one message is newer than another by their ids; any is newer than None.

    Within a workspace Slack's ids rise with time (https://docs.slack.dev/messaging/retrieving-messages).
    """
    return than is None or _parts(ts) > _parts(than)


def _parts(ts: str) -> tuple[int, str]:
    seconds, _, rest = ts.partition(".")
    return (int(seconds) if seconds.isascii() and seconds.isdigit() else 0, rest)
