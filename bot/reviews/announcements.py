"""Who is notified of which change, in the thread under the card, and what the person who acts is shown."""

from dataclasses import replace

from bot.reviews.action_request import ActionRequest, Refused
from bot.reviews.notification_topics import ActionTopic
from bot.reviews.notifications import (
    ActionAnnouncement,
    ActionRefused,
    ConfirmationNeeded,
    ProposalWithdrawn,
    SessionClosed,
    ThreadReply,
    VerdictDisagrees,
)
from bot.reviews.permissions import Roster
from bot.reviews.policy import Policy
from bot.reviews.review import Action, Disagreement, Review, Status


def announcements_of_action(
    before: Review, after: Review, request: ActionRequest, policy: Policy
) -> tuple[ThreadReply, ...]:
    """The thread replies about a person's action; none if it concerns only that person."""
    match request.action:
        case Action.PROPOSE:
            reply: ThreadReply | None = _confirmation_needed(after, policy)
        case Action.RECORD_DECISION:
            reply = _recorded_against_the_verdict(after, request, policy)
        case _:
            reply = _announcement_of_action(before, after, request, policy)
    return () if reply is None else (reply,)


def _announcement_of_action(
    before: Review, after: Review, request: ActionRequest, policy: Policy
) -> ActionAnnouncement | None:
    match request.action:
        case Action.REASSIGN:
            return _announced(ActionTopic.REASSIGNED, after, request, after.claimed_by, before.claimed_by)
        case Action.TAKE_OVER:
            return _announced(ActionTopic.TAKEN_OVER, after, request, before.claimed_by)
        case Action.RELEASE:
            return _announced(ActionTopic.RELEASED, after, request, before.claimed_by)
        case Action.ESCALATE:
            leads = policy.roster.named_leads()
            return ActionAnnouncement(
                ActionTopic.ESCALATED, request.person, leads, after.claimed_by, request.comment
            )
        case Action.SEND_BACK:
            return _announced(ActionTopic.SENT_BACK, after, request, before.decided_by)
        case Action.REOPEN:
            return _announced(ActionTopic.REOPENED, after, request, before.decided_by, before.confirmed_by)
        case Action.WITHDRAW:
            return ActionAnnouncement(
                ActionTopic.WITHDRAWN, request.person, (), after.claimed_by, request.comment
            )
        case Action.ADD_NOTE:
            to = _each_once(after.claimed_by if after.claimed_by != request.person else None)
            return ActionAnnouncement(
                ActionTopic.NOTE_ADDED, request.person, to, after.claimed_by, request.comment
            )
        case _:
            return None


def announcements_of_verdict(
    before: Review, after: Review, policy: Policy
) -> tuple[SessionClosed | VerdictDisagrees, ...]:
    """The thread replies about Ralio's verdict: to the people at work, and to the leads if it does not match.

    A person whose proposal or earlier decision doesn't match is notified of that together with the leads.
    """
    proposer = before.decided_by if before.status is Status.PROPOSED else None
    at_work = _each_once(before.claimed_by, proposer)
    disagrees = None
    if after.disagreement is not None and after.disagreement is not before.disagreement:
        disagrees = _disagrees(after, after.disagreement, policy)
        at_work = tuple(person for person in at_work if person not in disagrees.to)
    closed = SessionClosed(at_work, after.session_state) if at_work else None
    return tuple(reply for reply in (closed, disagrees) if reply is not None)


def announcement_of_withdrawal(proposed: Review, policy: Policy) -> ProposalWithdrawn:
    """The thread reply about a proposal that is withdrawn because its checks changed."""
    proposer = proposed.decided_by
    return ProposalWithdrawn(_each_once(proposer, *policy.roster.named()), proposed.claimed_by)


def refused(reason: Refused, request: ActionRequest, review: Review | None, roster: Roster) -> ActionRefused:
    """What the person is shown when an action is refused."""
    if review is None:
        return ActionRefused(reason, request.action, request.session_id)
    return ActionRefused(
        reason,
        request.action,
        session_id=review.session_id,
        queue=review.queue,
        status=review.status,
        holder=review.claimed_by,
        claimed_at=review.claimed_at,
        proposer=review.decided_by,
        escalated_by=review.escalated_by,
        target=request.target,
        reviewers=roster.who_can_review(),
        leads=roster.named_leads(),
    )


def _confirmation_needed(proposed: Review, policy: Policy) -> ConfirmationNeeded:
    proposer = proposed.decided_by or ""
    return ConfirmationNeeded(
        tuple(id_ for id_ in policy.roster.named() if id_ != proposer),
        proposer,
        proposed.decided_at or 0,
        proposed.outcome or "",
        proposed.reason,
    )


def _recorded_against_the_verdict(
    closed: Review, request: ActionRequest, policy: Policy
) -> VerdictDisagrees | None:
    if closed.disagreement is None:
        return None
    disagrees = _disagrees(closed, closed.disagreement, policy)
    others = tuple(person for person in disagrees.to if person != request.person)
    return replace(disagrees, to=others, recorded_afterwards=True)


def _disagrees(closed: Review, disagreement: Disagreement, policy: Policy) -> VerdictDisagrees:
    leads, earlier = policy.roster.named_leads(), closed.earlier_decision
    if closed.outcome is None and earlier is not None:
        author = earlier.decided_by if disagreement is Disagreement.CONTRADICTS_EARLIER else None
        return VerdictDisagrees(
            _each_once(author, *leads),
            closed.session_state,
            disagreement,
            earlier.outcome,
            earlier.reason,
            earlier.decided_by,
            is_proposal=earlier.unconfirmed,
            was_reopened=True,
        )
    proposer = closed.decided_by if closed.unconfirmed else None
    return VerdictDisagrees(
        _each_once(proposer, *leads),
        closed.session_state,
        disagreement,
        closed.outcome,
        closed.reason,
        closed.decided_by,
        is_proposal=closed.unconfirmed,
    )


def _announced(
    topic: ActionTopic, after: Review, request: ActionRequest, *people: str | None
) -> ActionAnnouncement | None:
    """Notify each person once, and never of what they did themselves."""
    to = _each_once(*(person for person in people if person != request.person))
    if not to:
        return None
    return ActionAnnouncement(topic, request.person, to, after.claimed_by, request.comment)


def _each_once(*people: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person for person in people if person is not None))
