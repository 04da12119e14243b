"""What two people decided, one person cannot undo: the next decision needs two again, whatever its outcome."""

from collections.abc import Callable

import pytest

from bot.reviews.change import Change
from bot.reviews.decide import decide
from bot.reviews.policy import Decision, Policy
from bot.reviews.review import Action, EntityType, Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import apply_event
from tests.support.actions import action_request, authority, open_roster

POLICY = Policy(open_roster("ULEA"), four_eyes=frozenset({"reject"}))
OPEN = Review(
    session_id="session-1",
    entity_type=EntityType.USER,
    queue="user",
    session_state=SessionState.REVIEW,
    session_event_at=1_000,
    session_event_id="event-1",
    status=Status.OPEN,
    opened_at=1_000,
)


def _done(review: Review, person: str, action: Action, outcome: str = "approve") -> Review:
    """The review after an action that is granted."""
    request = action_request(action, person, decision=Decision(outcome), comment="Because.")
    change = decide(review, request, authority(POLICY))
    assert isinstance(change, Change)
    return change.after


def _resolved(review: Review, outcome: str) -> Review:
    return _done(_done(review, "UANNA", Action.CLAIM), "UANNA", Action.RESOLVE, outcome)


def _event(review: Review, at: int, state: SessionState) -> Review:
    event = SessionEvent(f"event-{at}", at, "session-1", state, type="kyc_session", received_at=at)
    change = apply_event(review, event, {"user": POLICY})
    assert isinstance(change, Change)
    return change.after


def _reopened(review: Review) -> Review:
    return _done(review, "UANNA", Action.REOPEN)


def _sent_again(review: Review) -> Review:
    return _event(review, 20_000, SessionState.REVIEW)


def _closed_and_sent_again(review: Review) -> Review:
    """A proposal, which replaces the decision, is closed by a verdict before the session comes once more."""
    proposed = _resolved(_reopened(review), "approve")
    return _event(_event(proposed, 20_000, SessionState.VERIFIED), 30_000, SessionState.REVIEW)


@pytest.mark.parametrize("reopened", [_reopened, _sent_again, _closed_and_sent_again])
@pytest.mark.parametrize("outcome", ["approve", "reject"])
def test_one_person_cannot_undo_what_two_decided(reopened: Callable[[Review], Review], outcome: str) -> None:
    """However the review was reopened."""
    confirmed = _done(_resolved(OPEN, "reject"), "UBORIS", Action.CONFIRM)
    assert _resolved(reopened(confirmed), outcome).status is Status.PROPOSED


def test_what_one_person_decided_one_person_can_undo() -> None:
    """Only a decision of two people asks for two the next time."""
    assert _resolved(_reopened(_resolved(OPEN, "approve")), "approve").status is Status.DECIDED
