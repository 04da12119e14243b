"""What follows when a person presses a button: a change, or a refusal that says why."""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.reviews.audit import AuditEntry
from bot.reviews.permissions import Roster
from bot.reviews.review import TRANSITIONS, Action, Review, Status
from bot.reviews.session_events import Change, emptied


class Refused(StrEnum):
    """Why a person may not do what they asked for."""

    NOT_A_REVIEWER = "not_a_reviewer"
    HELD_BY_OTHER = "held_by_other"
    ALREADY_YOURS = "already_yours"
    NOT_THE_HOLDER = "not_the_holder"
    OWN_PROPOSAL = "own_proposal"
    NOT_POSSIBLE = "not_possible"
    UNKNOWN_REVIEW = "unknown_review"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided: the outcome, and where configured a reason code and a note."""

    outcome: str
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A person's wish; `decision` belongs to `resolve` and `propose`."""

    action: Action
    person: str
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The wish was not granted; nothing changes but the record."""

    why: Refused
    review: Review
    entry: AuditEntry


def decide(review: Review, request: Request, roster: Roster, now: int) -> Change | Refusal:
    """Grant or refuse a person's request on the review as the database has it now."""
    why = _refusal(review, request, roster)
    if why is not None:
        entry = AuditEntry(
            now, request.person, request.action, review.status, review.status, review.version, why
        )
        return Refusal(why, review, entry)
    after = replace(
        _outcome(review, request, now),
        status=TRANSITIONS[review.status, request.action],
        version=review.version + 1,
    )
    entry = AuditEntry(
        now,
        request.person,
        request.action,
        review.status,
        after.status,
        after.version,
        detail=_detail(after, request),
    )
    return Change(after, entry)


def _refusal(review: Review, request: Request, roster: Roster) -> Refused | None:
    person = request.person
    if not roster.may_review(person):
        return Refused.NOT_A_REVIEWER
    if (review.status, request.action) not in TRANSITIONS:
        return _impossible(review, request)
    match request.action:
        case Action.RELEASE if review.claimed_by != person and not roster.leads_queue(person):
            return Refused.NOT_THE_HOLDER
        case Action.RESOLVE | Action.PROPOSE if review.claimed_by != person:
            return Refused.NOT_THE_HOLDER
        case Action.CONFIRM | Action.SEND_BACK if review.decided_by == person:
            return Refused.OWN_PROPOSAL
        case _:
            return None


def _impossible(review: Review, request: Request) -> Refused:
    """The review moved on since the card was drawn; the most helpful reason wins."""
    if request.action is Action.CLAIM and review.status in (Status.CLAIMED, Status.PROPOSED):
        mine = review.claimed_by == request.person
        return Refused.ALREADY_YOURS if mine else Refused.HELD_BY_OTHER
    return Refused.NOT_POSSIBLE


def _outcome(review: Review, request: Request, now: int) -> Review:
    """The review's fields after a granted request; status and version are the caller's."""
    person = request.person
    match request.action:
        case Action.CLAIM:
            return replace(review, claimed_by=person, claimed_at=now)
        case Action.RELEASE:
            return replace(review, claimed_by=None, claimed_at=None)
        case Action.RESOLVE | Action.PROPOSE:
            decision = request.decision
            if decision is None:
                raise ValueError(f"{request.action} needs a decision")
            return replace(
                review,
                outcome=decision.outcome,
                reason=decision.reason,
                note=decision.note,
                decided_by=person,
                decided_at=now,
            )
        case Action.CONFIRM:
            return replace(review, confirmed_by=person, confirmed_at=now)
        case Action.SEND_BACK:
            return replace(review, outcome=None, reason=None, note=None, decided_by=None, decided_at=None)
        case Action.REOPEN:
            return emptied(review, now)
        case Action.RECEIVE | Action.CLOSE:
            raise ValueError(f"{request.action} is Ralio's, not a person's")


def _detail(after: Review, request: Request) -> dict[str, str]:
    if request.decision is None:
        return {}
    detail = {"outcome": request.decision.outcome}
    if request.decision.reason is not None:
        detail["reason"] = request.decision.reason
    if after.status is Status.PROPOSED:
        detail["needs"] = "a second person"
    return detail
