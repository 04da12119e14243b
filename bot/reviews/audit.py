"""The record of everything that was done or refused: one entry a change, one a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.reviews.review import Status

RALIO = "ralio"
"""The actor of what Ralio's events cause; people are Slack user ids."""

BOT = "bot"
"""The actor of what happens because a time has come."""

OVERDUE, REMIND = "overdue", "remind"
"""What the bot itself puts on record besides the actions of people."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what when, from which state to which; `refused` holds the reason where it was not allowed."""

    at: int
    actor: str
    action: str
    from_status: Status | None
    to_status: Status | None
    version: int
    refused: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
