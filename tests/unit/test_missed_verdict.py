"""What a session's history tells about a review that no webhook told."""

import pytest

from bot.catch_up import missed_verdict
from bot.ralio.api_answers import StateChange
from bot.reviews.review import EntityType, Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import Change, Stale, apply_event

REVIEW = Review(
    session_id="s1",
    entity_type=EntityType.USER,
    queue="user",
    session_state=SessionState.REVIEW,
    session_event_at=5_000,
    session_event_id="e1",
    status=Status.OPEN,
    subject_id="u1",
    opened_at=5_100,
)
IN_REVIEW = StateChange("1", SessionState.REVIEW, 4_990)


@pytest.mark.parametrize("state", [SessionState.VERIFIED, SessionState.REJECTED, SessionState.EXPIRED])
def test_the_newest_change_is_the_verdict(state: SessionState) -> None:
    """Its id names the change, so that asking twice gives the same event."""
    event = missed_verdict(REVIEW, (IN_REVIEW, StateChange("2", state, 8_000)))
    assert event == SessionEvent("catch-up:s1:2", 8_000, "s1", state, EntityType.USER, "u1")
    assert event is not None
    assert isinstance(apply_event(REVIEW, event, 9_000), Change)


@pytest.mark.parametrize(
    "changes",
    [
        (),
        (IN_REVIEW,),
        (StateChange("0", SessionState.REJECTED, 3_000), IN_REVIEW),
        (
            IN_REVIEW,
            StateChange("2", SessionState.REJECTED, 6_000),
            StateChange("3", SessionState.REVIEW, 7_000),
        ),
        (IN_REVIEW, StateChange("2", None, 6_000)),
        (StateChange("0", SessionState.REJECTED, 4_999),),
    ],
)
def test_no_verdict_is_missed(changes: tuple[StateChange, ...]) -> None:
    """It is in review, in a state that is not known, or the history is older than what the webhook told."""
    assert missed_verdict(REVIEW, changes) is None


def test_a_webhook_that_comes_after_all_moves_nothing_back() -> None:
    """The same verdict under another id, a little earlier by Ralio's clock."""
    event = missed_verdict(REVIEW, (IN_REVIEW, StateChange("2", SessionState.VERIFIED, 8_000)))
    assert event is not None
    step = apply_event(REVIEW, event, 9_000)
    assert isinstance(step, Change)
    late = SessionEvent("webhook", 7_990, "s1", SessionState.VERIFIED)
    assert isinstance(apply_event(step.after, late, 9_500), Stale)
