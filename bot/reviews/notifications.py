"""What a step has to tell other people, beside what the card shows: who must hear of it, and why it was done."""

from dataclasses import dataclass
from enum import StrEnum

from bot.reviews.decide import Request
from bot.reviews.policy import Policy
from bot.reviews.review import Action, Review, Status


class Topic(StrEnum):
    """What is told."""

    REASSIGNED = "reassigned"
    TAKEN_OVER = "taken_over"
    RELEASED = "released"
    ESCALATED = "escalated"
    SENT_BACK = "sent_back"
    REOPENED = "reopened"
    CLOSED = "closed"
    DISAGREES = "disagrees"
    REMIND_QUEUE = "remind_queue"
    REMIND_HOLDER = "remind_holder"
    REMIND_LEADS = "remind_leads"
    STILL_ON_IT = "still_on_it"
    RELEASED_FOR_SILENCE = "released_for_silence"


IN_THE_CHANNEL_TOO = frozenset({Topic.REMIND_QUEUE, Topic.REMIND_LEADS, Topic.DISAGREES})
"""What nobody sees in time who does not look into the thread."""

REMINDERS = frozenset({Topic.REMIND_QUEUE, Topic.REMIND_HOLDER, Topic.REMIND_LEADS, Topic.STILL_ON_IT})
"""What is only true as long as the review is as it was."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """Tell people (`to`: Slack users and user groups) what `by` did, in the words that they typed.

    `by` is None for what Ralio or the time did.
    """

    topic: Topic
    by: str | None
    to: tuple[str, ...]
    words: str | None = None


def announcement(before: Review, after: Review, request: Request, rules: Policy) -> Announcement | None:
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


def announcements_of_verdict(before: Review, after: Review, rules: Policy) -> tuple[Announcement, ...]:
    """What a verdict of Ralio has to tell: to whoever works on the review, and to the leads where it does not fit."""
    told: list[Announcement] = []
    people = tuple(dict.fromkeys(id_ for id_ in (before.claimed_by, _proposer(before)) if id_ is not None))
    if people:
        told.append(Announcement(Topic.CLOSED, None, people))
    if after.disagreement is not None and after.disagreement is not before.disagreement:
        told.append(Announcement(Topic.DISAGREES, None, rules.roster.named_leads()))
    return tuple(told)


def _proposer(review: Review) -> str | None:
    return review.decided_by if review.status is Status.PROPOSED else None


def _told(topic: Topic, request: Request, *people: str | None) -> Announcement | None:
    """Nobody is told what they did themselves."""
    concerned = (person for person in people if person is not None and person != request.person)
    to = tuple(dict.fromkeys(concerned))
    return Announcement(topic, request.person, to, request.words) if to else None
