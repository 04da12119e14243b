"""What follows when a person asks for something: a change, or a refusal that says why."""

from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.permissions import Membership, Roster
from bot.reviews.policy import Decision, Policy
from bot.reviews.review import TRANSITIONS, Action, Review, Status
from bot.reviews.session_events import Change, emptied, undecided
from bot.reviews.timing import timed

PartT = TypeVar("PartT")


class Refused(StrEnum):
    """Why a person may not do what they asked for."""

    GUEST = "guest"
    BOT = "bot"
    OUTSIDER = "outsider"
    DEACTIVATED = "deactivated"
    CANNOT_CHECK = "cannot_check"
    NOT_A_REVIEWER = "not_a_reviewer"
    HELD_BY_OTHER = "held_by_other"
    ALREADY_YOURS = "already_yours"
    NOT_THE_HOLDER = "not_the_holder"
    OWN_PROPOSAL = "own_proposal"
    ALREADY_ESCALATED = "already_escalated"
    NO_LEADS = "no_leads"
    CANNOT_GIVE_TO = "cannot_give_to"
    HAS_IT_ALREADY = "has_it_already"
    CHANGED_MEANWHILE = "changed_meanwhile"
    NOT_POSSIBLE = "not_possible"
    UNKNOWN_REVIEW = "unknown_review"
    NONE_LEFT = "none_left"


_NOT_ALLOWED_IN = MappingProxyType(
    {
        Membership.GUEST: Refused.GUEST,
        Membership.BOT: Refused.BOT,
        Membership.OUTSIDER: Refused.OUTSIDER,
        Membership.DEACTIVATED: Refused.DEACTIVATED,
        Membership.UNKNOWN: Refused.CANNOT_CHECK,
    }
)


def not_allowed(standing: Membership) -> Refused | None:
    """Why somebody of this standing may do nothing at all; None for a member."""
    return _NOT_ALLOWED_IN.get(standing)


_KEEPS_REVISION = frozenset({Action.ESCALATE, Action.STILL_ON_IT})
"""Actions after which a modal that is open at the moment is still up to date."""


@dataclass(frozen=True, slots=True)
class Request:
    """A person's wish on a review.

    `decision` belongs to `resolve`, `to` (who shall have the review) to `reassign`; `words` are what the person typed
    to explain any other step. `seen_revision` is the review's step that they had before them; None where the newest one
    counts whatever they saw.
    """

    action: Action
    person: str
    standing: Membership = Membership.MEMBER
    decision: Decision | None = None
    to: str | None = None
    to_standing: Membership = Membership.MEMBER
    words: str | None = None
    seen_revision: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The wish was not granted; nothing changes but the record."""

    why: Refused
    review: Review
    entry: AuditEntry


def decide(review: Review, request: Request, rules: Policy, now: int) -> Change | Refusal:
    """Grant or refuse a person's request on the review as the database has it now."""
    request = with_second_person(request, rules)
    why = refusal(review, request, rules)
    if why is not None:
        entry = AuditEntry(
            now, request.person, request.action, review.status, review.status, review.version, why
        )
        return Refusal(why, review, entry)
    changed = replace(
        _outcome(review, request, now),
        status=TRANSITIONS[review.status, request.action],
        version=review.version + 1,
        revision=review.revision + (request.action not in _KEEPS_REVISION),
    )
    after = timed(review, changed, rules.deadlines, now)
    entry = AuditEntry(
        now,
        request.person,
        request.action,
        review.status,
        after.status,
        after.version,
        detail=_detail(review, after, request),
    )
    return Change(after, entry)


def with_second_person(request: Request, rules: Policy) -> Request:
    """A decision on an outcome that needs four eyes is a proposal."""
    if request.action is Action.RESOLVE and request.decision and request.decision.outcome in rules.four_eyes:
        return replace(request, action=Action.PROPOSE)
    return request


def refusal(review: Review, request: Request, rules: Policy) -> Refused | None:
    """Why the request may not be granted now; None when it may."""
    person, roster = request.person, rules.roster
    if (why := not_allowed(request.standing)) is not None:
        return why
    if not roster.may_review(person):
        return Refused.NOT_A_REVIEWER if roster.is_known else Refused.CANNOT_CHECK
    if (review.status, request.action) not in TRANSITIONS:
        return _impossible(review, request)
    if (why := _against_the_role(review, request, rules)) is not None:
        return why
    if request.seen_revision not in (None, review.revision):
        return Refused.CHANGED_MEANWHILE
    return None


def _against_the_role(review: Review, request: Request, rules: Policy) -> Refused | None:
    """What only the holder, a lead or a second person may do, and to whom."""
    person, roster = request.person, rules.roster
    is_holder, is_lead = review.claimed_by == person, roster.leads_queue(person)
    match request.action:
        case Action.RELEASE | Action.REASSIGN if not is_holder and not is_lead:
            return Refused.NOT_THE_HOLDER
        case Action.REASSIGN if request.to is not None:
            return _cannot_give(review, request.to, request.to_standing, rules.roster)
        case Action.RESOLVE | Action.PROPOSE | Action.STILL_ON_IT if not is_holder:
            return Refused.NOT_THE_HOLDER
        case Action.TAKE_OVER if is_holder:
            return Refused.ALREADY_YOURS
        case Action.ESCALATE if review.escalated_at is not None:
            return Refused.ALREADY_ESCALATED
        case Action.ESCALATE if not roster.named_leads():
            return Refused.NO_LEADS
        case Action.CONFIRM | Action.SEND_BACK if review.decided_by == person:
            return Refused.OWN_PROPOSAL
        case _:
            return None


def _cannot_give(review: Review, to: str, standing: Membership, roster: Roster) -> Refused | None:
    if to == review.claimed_by:
        return Refused.HAS_IT_ALREADY
    if standing is Membership.MEMBER and roster.may_review(to):
        return None
    is_unknown = standing is Membership.UNKNOWN or not roster.is_known
    return Refused.CANNOT_CHECK if is_unknown else Refused.CANNOT_GIVE_TO


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
        case Action.CLAIM | Action.TAKE_OVER:
            return replace(review, claimed_by=person, claimed_at=now, active_at=now)
        case Action.RELEASE:
            return replace(review, claimed_by=None, claimed_at=None, active_at=None)
        case Action.REASSIGN:
            return replace(review, claimed_by=_needed(request.to, request), claimed_at=now, active_at=now)
        case Action.STILL_ON_IT:
            return replace(review, active_at=now)
        case Action.ESCALATE:
            return replace(review, escalated_by=person, escalated_at=now)
        case Action.RESOLVE | Action.PROPOSE:
            decision = _needed(request.decision, request)
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
            return replace(undecided(review), active_at=now)
        case Action.REOPEN:
            return emptied(review, now)
        case _:
            raise ValueError(f"{request.action} is Ralio's, not a person's")


def _needed(part: PartT | None, request: Request) -> PartT:
    if part is None:
        raise ValueError(f"the request to {request.action} is not complete")
    return part


def _detail(before: Review, after: Review, request: Request) -> dict[str, str]:
    """What the record tells besides who and when: opaque words, and what was typed."""
    told: dict[str, str | None] = {"words": request.words}
    if request.decision is not None:
        decision = request.decision
        told |= {"outcome": decision.outcome, "reason": decision.reason, "note": decision.note}
    if after.status is Status.PROPOSED:
        told["needs"] = "a second person"
    if request.action is Action.CONFIRM:
        told |= {"outcome": before.outcome, "reason": before.reason, "proposed_by": before.decided_by}
    if after.claimed_by != before.claimed_by:
        told |= {"from": before.claimed_by, "to": after.claimed_by}
    return {name: word for name, word in told.items() if word is not None}
