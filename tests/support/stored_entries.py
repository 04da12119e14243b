"""Audit entries as they are stored, for tests that replay them."""

import json
from typing import Any

from bot.reviews.audit.replay import Replay
from bot.reviews.audit.stored_entry import StoredEntry

Entry = dict[str, Any]

DECIDED = {"outcome": "approve", "reason": "fine", "note": "Looks good."}
"""The detail of a decision."""

DECIDED_BEFORE = {
    **DECIDED,
    "decided_by": "UANA",
    "decided_at": 1_000,
    "confirmed_by": None,
    "confirmed_at": None,
    "unconfirmed": False,
    "was_confirmed": False,
}
"""Ana's decision on a review that was opened again, as it is kept there."""


def stored_entry(
    action: str,
    at: object = 1_000,
    actor: str = "UANA",
    from_status: str | None = "claimed",
    to_status: str = "claimed",
    **detail: object,
) -> Entry:
    """An entry of review 1; it doesn't change the status unless that is given."""
    return {
        "review_id": 1,
        "at": at,
        "actor": actor,
        "action": action,
        "from_status": from_status,
        "to_status": to_status,
        "version": 2,
        "refused": None,
        "detail": json.dumps(detail),
    }


def replay_of(*entries: Entry) -> Replay:
    """What these entries say, in their order."""
    replay = Replay()
    for entry in entries:
        replay.follow(StoredEntry.of(entry))
    return replay
