"""Whether a press repeats what the same person did before: a double click, or a copy that Slack delivered late."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.reviews.action_request import ActionRequest
from bot.reviews.policy import Decision
from bot.reviews.review import Action, Review, Status


@dataclass(frozen=True, slots=True)
class LastAction:
    """The newest thing that a person did to a review."""

    person: str
    action: str


FindLastAction = Callable[[], LastAction | None]
"""Looks it up; called only where a decision depends on it."""


def no_last_action() -> None:
    """The FindLastAction of a review that no person has touched."""


def stands_as_asked(review: Review, request: ActionRequest, last_action: FindLastAction) -> bool:
    """Whether the review is already as the person asks, because they just did the same."""
    person = request.person
    match request.action:
        case Action.RELEASE | Action.REOPEN:
            return review.status is Status.OPEN and _did_last(request, last_action)
        case Action.SEND_BACK | Action.WITHDRAW:
            return review.status is Status.CLAIMED and _did_last(request, last_action)
        case Action.REASSIGN:
            is_given = request.target is not None and review.claimed_by == request.target
            return is_given and _did_last(request, last_action)
        case Action.CONFIRM:
            return review.status is Status.DECIDED and review.confirmed_by == person
        case Action.RESOLVE | Action.PROPOSE:
            decision = Decision(review.outcome or "", review.reason, review.note)
            is_made = review.status in (Status.PROPOSED, Status.DECIDED) and review.decided_by == person
            return is_made and request.decision == decision
        case Action.RECORD_DECISION:
            decision = Decision(review.outcome or "", review.reason, review.note)
            return review.recorded_afterwards and review.decided_by == person and request.decision == decision
        case Action.ESCALATE:
            return review.escalated_by == person
        case Action.RESUME:
            return review.snoozed_until is None and _did_last(request, last_action)
        case _:
            return False


def is_outdated_claim(review: Review, request: ActionRequest, last_action: FindLastAction) -> bool:
    """Whether a press on Claim comes from a card that is older than the person's own release of the review.

    Any other press on an old card can claim a review that is open now.
    """
    return (
        request.action is Action.CLAIM
        and request.seen_revision not in (None, review.revision)
        and last_action() == LastAction(request.person, Action.RELEASE)
    )


def _did_last(request: ActionRequest, last_action: FindLastAction) -> bool:
    return last_action() == LastAction(request.person, request.action)
