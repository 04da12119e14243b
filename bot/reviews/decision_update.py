"""What the decision webhook reports about a review: decided, reopened or closed. Pure.

An update is a copy of the review's decision right after the change, so a later change does not alter it.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from bot.reviews.policy import Policy
from bot.reviews.review import EntityType, Review, SessionState, Status


class DecisionSharing(Enum):
    """What is sent to the decision webhook."""

    NOTHING = "nothing"
    WITHOUT_NOTE = "without note"
    WITH_NOTE = "with note"


class UpdateType(StrEnum):
    """What happened; the values are those in the webhook's body."""

    DECIDED = "review.decided"
    REOPENED = "review.reopened"
    CLOSED = "review.closed"


@dataclass(frozen=True, slots=True)
class DecisionUpdate:
    """The decision on a review after the change that made its `version`, at `at` (milliseconds).

    `verdict` is None while Ralio has the session in review. `agrees` is None where there is no decision or no verdict,
    or where the outcome expects none. `shares_note` says that the note is part of the update, even if it is empty.
    """

    type: UpdateType
    at: int
    version: int
    session_id: str
    entity_type: EntityType
    subject_id: str | None
    queue: str
    outcome: str | None
    reason: str | None
    decided_by: str | None
    decided_at: int | None
    confirmed_by: str | None
    confirmed_at: int | None
    verdict: SessionState | None
    agrees: bool | None
    shares_note: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionHeld:
    """Ops alert: a delivery of the decision webhook is held."""

    error: str

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per hour for each."""
        return f"decision_held:{self.error}"


def decision_update(
    before: Review | None, after: Review, policy: Policy, sharing: DecisionSharing, now: int
) -> DecisionUpdate | None:
    """What the decision webhook is sent about a change at `now` (milliseconds); None if it concerns no decision.

    A session that never came to review here has no decision: its verdict is not reported. Nor is a test.
    """
    if sharing is DecisionSharing.NOTHING or before is None or before.opened_at is None or after.is_test:
        return None
    type_ = _type(before, after)
    if type_ is None:
        return None
    is_decided = after.has_decision
    shares_note = sharing is DecisionSharing.WITH_NOTE
    return DecisionUpdate(
        type=type_,
        at=now,
        version=after.version,
        session_id=after.session_id,
        entity_type=after.entity_type,
        subject_id=after.subject_id,
        queue=after.queue,
        outcome=after.outcome if is_decided else None,
        reason=after.reason if is_decided else None,
        decided_by=after.decided_by if is_decided else None,
        decided_at=after.decided_at if is_decided else None,
        confirmed_by=after.confirmed_by if is_decided else None,
        confirmed_at=after.confirmed_at if is_decided else None,
        verdict=None if after.session_state is SessionState.REVIEW else after.session_state,
        agrees=_agrees(after, policy),
        shares_note=shares_note,
        note=after.note if is_decided and shares_note else None,
    )


def _type(before: Review, after: Review) -> UpdateType | None:
    """A verdict is reported when it closes the review or differs from the one before it."""
    if after.status is Status.CLOSED and (
        before.status is not Status.CLOSED or before.session_state is not after.session_state
    ):
        return UpdateType.CLOSED
    if after.has_decision and not before.has_decision:
        return UpdateType.DECIDED
    finished = (Status.DECIDED, Status.CLOSED)
    if before.status in finished and after.status not in finished:
        return UpdateType.REOPENED
    return None


def _agrees(review: Review, policy: Policy) -> bool | None:
    outcome = policy.outcomes.get(review.outcome or "")
    if (
        review.status is not Status.CLOSED
        or not review.has_decision
        or outcome is None
        or outcome.expects is None
    ):
        return None
    return outcome.expects is review.session_state
