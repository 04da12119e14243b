"""What a step has to tell other people, beside what the card shows: who must hear of it, and why it was done."""

from dataclasses import dataclass
from enum import StrEnum

from bot.reviews.decide import Request
from bot.reviews.outcomes import Rules
from bot.reviews.review import Action, Review


class Topic(StrEnum):
    """What is told."""

    REASSIGNED = "reassigned"
    TAKEN_OVER = "taken_over"
    RELEASED = "released"
    ESCALATED = "escalated"
    SENT_BACK = "sent_back"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Announcement:
    """Tell people (`to`: Slack users and user groups) what `by` did, in the words that they typed."""

    topic: Topic
    by: str
    to: tuple[str, ...]
    words: str | None = None


def announcement(before: Review, after: Review, request: Request, rules: Rules) -> Announcement | None:
    """What a granted request has to tell; None where nobody but the reader of the card is concerned."""
    match request.action:
        case Action.REASSIGN:
            return _told(Topic.REASSIGNED, request, after.claimed_by, before.claimed_by)
        case Action.TAKE_OVER:
            return _told(Topic.TAKEN_OVER, request, before.claimed_by)
        case Action.RELEASE:
            return _told(Topic.RELEASED, request, before.claimed_by)
        case Action.ESCALATE:
            return Announcement(Topic.ESCALATED, request.person, rules.roster.named_leads(), request.words)
        case Action.SEND_BACK:
            return _told(Topic.SENT_BACK, request, before.decided_by)
        case Action.REOPEN:
            return _told(Topic.REOPENED, request, before.decided_by, before.confirmed_by)
        case _:
            return None


def _told(topic: Topic, request: Request, *people: str | None) -> Announcement | None:
    """Nobody is told what they did themselves."""
    concerned = (person for person in people if person is not None and person != request.person)
    to = tuple(dict.fromkeys(concerned))
    return Announcement(topic, request.person, to, request.words) if to else None
