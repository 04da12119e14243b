"""What follows when a person asks for an action: a change, or a refusal with its reason."""

from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from bot.reviews.action_request import ActionRequest, Authority, Refused
from bot.reviews.announcements import announcements_of_action
from bot.reviews.audit.entry import AuditEntry
from bot.reviews.change import Change, Refusal
from bot.reviews.deadlines import timed
from bot.reviews.disagreement import disagreement_of
from bot.reviews.double_click import FindLastAction, is_outdated_claim, no_last_action, stands_as_asked
from bot.reviews.permissions import Membership, Roster
from bot.reviews.policy import Policy
from bot.reviews.review import TRANSITIONS, Action, Review, Status
from bot.reviews.session_events import emptied, unclaimed, undecided
from bot.reviews.snooze import KEEPS_SNOOZE, end_of_snooze, resumed, snooze_end, snoozed, written

PartT = TypeVar("PartT")

_NOT_ALLOWED_IN = MappingProxyType(
    {
        Membership.GUEST: Refused.GUEST,
        Membership.BOT: Refused.BOT,
        Membership.OUTSIDER: Refused.OUTSIDER,
        Membership.DEACTIVATED: Refused.DEACTIVATED,
        Membership.UNKNOWN: Refused.CANNOT_CHECK,
    }
)

_KEEPS_REVISION = frozenset({Action.ESCALATE, Action.STILL_ON_IT, Action.ADD_NOTE, Action.RESUME})
"""Actions after which a modal that is open at the moment is still up to date."""


def decide(
    review: Review,
    request: ActionRequest,
    authority: Authority,
    last_action: FindLastAction = no_last_action,
) -> Change | Refusal:
    """Grant or refuse a person's action on the review as the database has it now."""
    policy, now = authority.policy(review.queue), request.requested_at
    request = with_second_person(request, review, policy)
    if (reason := refusal(review, request, authority, last_action)) is not None:
        return refuse(request, reason, review)
    outcome = _outcome(review, request, policy)
    changed = (outcome if request.action in KEEPS_SNOOZE else resumed(outcome, now))._replace(
        status=TRANSITIONS[review.status, request.action],
        version=review.version + 1,
        revision=review.revision + (request.action not in _KEEPS_REVISION),
    )
    if request.action is Action.RECORD_DECISION:
        changed = changed._replace(disagreement=disagreement_of(changed, policy))
    after = timed(review, changed, policy.deadlines, now)
    entry = AuditEntry(
        now,
        request.person,
        request.action,
        review.status,
        after.status,
        after.version,
        detail=_detail(review, after, request),
    )
    announcements = announcements_of_action(review, after, request, policy)
    people = {request.person, review.claimed_by, after.claimed_by, review.decided_by}
    return Change(
        after,
        entry,
        notifications=announcements,
        people=tuple(sorted(person for person in people if person)),
        consequence=None
        if request.action is Action.RESUME
        else end_of_snooze(review, after, request.action, now),
    )


def refuse(request: ActionRequest, reason: Refused, review: Review | None) -> Refusal:
    """Refuse an action; `review` is None where there is none."""
    status = review.status if review else None
    entry = AuditEntry(
        request.requested_at,
        request.person,
        request.action,
        status,
        status,
        review.version if review else 0,
        refused=reason,
        detail={"session_id": request.session_id} if review is None and request.session_id else {},
    )
    return Refusal(reason, review, entry)


def refuse_unknown(request: ActionRequest, authority: Authority) -> Refusal:
    """Refuse an action on a review that does not exist; only people who can work on some queue learn that."""
    return refuse(request, without_a_queue(request.person, authority) or Refused.UNKNOWN_REVIEW, None)


def refuse_claim_next(request: ActionRequest, authority: Authority) -> Refusal:
    """Refuse to claim the next review, because there is none that the person could claim."""
    return refuse(request, without_a_queue(request.person, authority) or Refused.NONE_LEFT, None)


def without_a_queue(person: str, authority: Authority) -> Refused | None:
    """Why a person can work on no queue at all; None if they can on one."""
    if (reason := not_allowed(authority.membership)) is not None:
        return reason
    if authority.queues_of(person):
        return None
    return Refused.NOT_A_REVIEWER if authority.is_complete else Refused.CANNOT_CHECK


def not_allowed(membership: Membership) -> Refused | None:
    """Why a person with this membership can do nothing at all; None for a member."""
    return _NOT_ALLOWED_IN.get(membership)


def with_second_person(request: ActionRequest, review: Review, policy: Policy) -> ActionRequest:
    """A decision that needs four eyes is a proposal."""
    decision = request.decision
    if request.action is Action.RESOLVE and decision and policy.needs_four_eyes(decision.outcome, review):
        return replace(request, action=Action.PROPOSE)
    return request


def refusal(
    review: Review,
    request: ActionRequest,
    authority: Authority,
    last_action: FindLastAction = no_last_action,
) -> Refused | None:
    """Why the action is not allowed now; None when it is."""
    person, roster = request.person, authority.policy(review.queue).roster
    if (reason := not_allowed(authority.membership)) is not None:
        return reason
    if not roster.may_review(person):
        return Refused.NOT_A_REVIEWER if roster.is_known else Refused.CANNOT_CHECK
    if request.action is Action.SEE_HISTORY:
        return None
    if (review.status, request.action) not in TRANSITIONS:
        reason = _impossible(review, request)
    else:
        reason = _against_the_role(review, request, roster, authority.target_membership)
    if reason is not None:
        return Refused.ALREADY_DONE if stands_as_asked(review, request, last_action) else reason
    if _has_changed(review, request, last_action):
        return Refused.CHANGED_MEANWHILE
    policy = authority.policy(review.queue)
    if request.decision is not None and policy.lacks_note(request.decision):
        return Refused.NOTE_REQUIRED
    if request.snooze is not None and policy.snooze.lacks_note(request.snooze):
        return Refused.NOTE_REQUIRED
    return None


def _has_changed(review: Review, request: ActionRequest, last_action: FindLastAction) -> bool:
    """Whether the action would do something else than the person saw; an open review can be claimed off any card."""
    if request.action is Action.CLAIM:
        return is_outdated_claim(review, request, last_action)
    return request.seen_revision not in (None, review.revision)


def _against_the_role(  # noqa: C901 - one case each
    review: Review, request: ActionRequest, roster: Roster, target_membership: Membership
) -> Refused | None:
    """What only the holder, a lead or a second person can do, and to whom."""
    person = request.person
    is_holder, is_lead = review.claimed_by == person, roster.leads_queue(person)
    match request.action:
        case Action.RELEASE | Action.REASSIGN if not is_holder and not is_lead:
            return Refused.NOT_THE_HOLDER
        case Action.REASSIGN if request.target is not None:
            return _cannot_give(review, request.target, target_membership, roster)
        case Action.RESOLVE | Action.PROPOSE | Action.STILL_ON_IT | Action.SNOOZE | Action.RESUME if (
            not is_holder
        ):
            return Refused.NOT_THE_HOLDER
        case Action.RESUME if review.snoozed_until is None:
            return Refused.NOT_SNOOZED
        case Action.TAKE_OVER if is_holder:
            return Refused.ALREADY_YOURS
        case Action.ESCALATE if review.escalated_at is not None:
            return Refused.ALREADY_ESCALATED
        case Action.ESCALATE if not roster.named_leads():
            return Refused.NO_LEADS
        case Action.CONFIRM | Action.SEND_BACK if review.decided_by == person:
            return Refused.OWN_PROPOSAL
        case Action.WITHDRAW if review.decided_by != person:
            return Refused.NOT_YOUR_PROPOSAL
        case Action.RECORD_DECISION:
            return _cannot_record(review)
        case _:
            return None


def _cannot_give(review: Review, target: str, membership: Membership, roster: Roster) -> Refused | None:
    if target == review.claimed_by:
        return Refused.HAS_IT_ALREADY
    if not roster.may_review(target):
        return Refused.CANNOT_GIVE_TO if roster.is_known else Refused.CANNOT_CHECK
    if membership is Membership.MEMBER:
        return None
    return Refused.CANNOT_CHECK if membership is Membership.UNKNOWN else Refused.CANNOT_GIVE_TO


def _cannot_record(review: Review) -> Refused | None:
    """A decision is recorded once, on a session that came to review; a proposal does not count as one."""
    if review.has_decision:
        return Refused.ALREADY_DECIDED
    return None if review.lacks_decision else Refused.NOT_POSSIBLE


def _impossible(review: Review, request: ActionRequest) -> Refused:
    """The review moved on since the card was drawn; the most helpful reason wins."""
    if request.action is Action.CLAIM and review.status in (Status.CLAIMED, Status.PROPOSED):
        mine = review.claimed_by == request.person
        return Refused.ALREADY_YOURS if mine else Refused.HELD_BY_OTHER
    return Refused.NOT_POSSIBLE


def _outcome(review: Review, request: ActionRequest, policy: Policy) -> Review:  # noqa: C901 - one case each
    """The review's fields after a granted action; status and version are the caller's."""
    person, now = request.person, request.requested_at
    match request.action:
        case Action.CLAIM | Action.TAKE_OVER:
            return review._replace(claimed_by=person, claimed_at=now, active_at=now)
        case Action.RELEASE:
            return unclaimed(review)
        case Action.REASSIGN:
            return review._replace(claimed_by=_needed(request.target, request), claimed_at=now, active_at=now)
        case Action.STILL_ON_IT | Action.ADD_NOTE:
            return review._replace(active_at=now) if person == review.claimed_by else review
        case Action.SNOOZE:
            snooze = _needed(request.snooze, request)
            until = snooze_end(_needed(snooze.day, request), policy.deadlines.hours)
            return snoozed(review, until, snooze.reason, now)
        case Action.RESUME:
            return resumed(review, now)
        case Action.ESCALATE:
            return review._replace(escalated_by=person, escalated_at=now)
        case Action.RESOLVE | Action.PROPOSE | Action.RECORD_DECISION:
            decision = _needed(request.decision, request)
            return review._replace(
                outcome=decision.outcome,
                reason=decision.reason,
                note=decision.note,
                decided_by=person,
                decided_at=now,
                unconfirmed=request.action is Action.PROPOSE,
                recorded_afterwards=request.action is Action.RECORD_DECISION,
            )
        case Action.CONFIRM:
            return review._replace(confirmed_by=person, confirmed_at=now, unconfirmed=False)
        case Action.SEND_BACK | Action.WITHDRAW:
            return undecided(review)._replace(active_at=now)
        case Action.REOPEN:
            return emptied(review, now)
        case _:
            raise ValueError(f"{request.action} is Ralio's, not a person's")


def _needed(part: PartT | None, request: ActionRequest) -> PartT:
    if part is None:
        raise ValueError(f"the request to {request.action} is not complete")
    return part


def _detail(before: Review, after: Review, request: ActionRequest) -> dict[str, str]:
    """The audit entry's detail: opaque ids and codes, and what was typed."""
    detail: dict[str, str | None] = {
        "note" if request.action is Action.ADD_NOTE else "words": request.comment
    }
    if request.decision is not None:
        decision = request.decision
        detail |= {"outcome": decision.outcome, "reason": decision.reason, "note": decision.note}
    if request.action is Action.SNOOZE and after.snoozed_until is not None:
        detail |= {"until": written(after.snoozed_until), "reason": after.snooze_reason}
        detail["words"] = request.snooze.note if request.snooze else None
    if request.action is Action.PROPOSE:
        detail["needs"] = "a second person"
    if request.action in (Action.CONFIRM, Action.WITHDRAW):
        detail |= {"outcome": before.outcome, "reason": before.reason, "proposed_by": before.decided_by}
    if request.action is Action.RECORD_DECISION:
        detail |= {
            "session_state": before.session_state,
            "proposed": before.outcome,
            "proposed_by": before.decided_by,
        }
    if after.claimed_by != before.claimed_by:
        detail |= {"from": before.claimed_by, "to": after.claimed_by}
    return {name: value for name, value in detail.items() if value is not None}
