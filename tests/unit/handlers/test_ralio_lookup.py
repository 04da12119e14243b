"""What is asked beside the webhooks: what a session's history tells, and when a question is asked again."""

import pytest

from bot.handlers.ralio_lookup import (
    FIRST_BACKOFF_S,
    LONGEST_BACKOFF_S,
    REFUSED_ATTEMPTS,
    missed_verdict,
    retry_in_s,
)
from bot.ralio.api.answers import StateChange
from bot.ralio.api.client import CREDENTIALS_WAIT_S
from bot.ralio.api.errors import ApiAway, ApiRefused, CredentialsRefused
from bot.reviews.change import Change, Stale
from bot.reviews.review import EntityType, Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import apply_event
from bot.store.tables.lookups import LookupKind

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
EVENT_TYPES = {
    SessionState.VERIFIED: "kyc_session_verified",
    SessionState.REJECTED: "kyc_session_failed",
    SessionState.EXPIRED: "kyc_session_expired",
}
IN_REVIEW = StateChange("1", SessionState.REVIEW, 4_990)


@pytest.mark.parametrize("state", [SessionState.VERIFIED, SessionState.REJECTED, SessionState.EXPIRED])
def test_the_newest_change_is_the_verdict(state: SessionState) -> None:
    """Its id names the change, so that asking twice gives the same event."""
    event = missed_verdict(REVIEW, (IN_REVIEW, StateChange("2", state, 8_000)), 9_000)
    assert event == SessionEvent(
        "catch-up:s1:2",
        8_000,
        "s1",
        state,
        entity_type=EntityType.USER,
        subject_id="u1",
        type=EVENT_TYPES[state],
        received_at=9_000,
    )
    assert event is not None
    assert isinstance(apply_event(REVIEW, event), Change)


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
    assert missed_verdict(REVIEW, changes, 9_000) is None


@pytest.mark.parametrize(("at", "is_reported"), [(4_999, True), (4_999 - 300_000, False)])
def test_a_verdict_shortly_before_a_review_that_it_ended_is_recorded(at: int, *, is_reported: bool) -> None:
    """The review's clock may have been ahead; the verdict is dropped as stale, and operators are notified."""
    in_review = StateChange("1", SessionState.REVIEW, at - 10)
    event = missed_verdict(REVIEW, (in_review, StateChange("2", SessionState.VERIFIED, at)), 9_000)
    assert (event is not None) is is_reported


def test_a_webhook_that_comes_after_all_moves_nothing_back() -> None:
    """The same verdict under another id, a little earlier by Ralio's clock."""
    event = missed_verdict(REVIEW, (IN_REVIEW, StateChange("2", SessionState.VERIFIED, 8_000)), 9_000)
    assert event is not None
    step = apply_event(REVIEW, event)
    assert isinstance(step, Change)
    late = SessionEvent(
        "webhook", 7_990, "s1", SessionState.VERIFIED, type="kyc_session_verified", received_at=9_500
    )
    assert isinstance(apply_event(step.after, late), Stale)


@pytest.mark.parametrize("kind", list(LookupKind))
def test_an_api_that_is_away_is_asked_less_and_less_often_and_never_given_up(kind: LookupKind) -> None:
    """From half a quarter of a minute to a quarter of an hour, and not before it wishes."""
    waits = [retry_in_s(kind, ApiAway("timeout"), attempts, 0.999) for attempts in (0, 1, 2, 50, 9_999)]
    assert [round(wait or 0) for wait in waits] == [15, 30, 60, 900, 900]
    assert retry_in_s(kind, ApiAway("timeout"), 0, 0.0) == FIRST_BACKOFF_S / 2
    assert retry_in_s(kind, ApiAway("http_429", 3_000), 0, 0.0) == 3_000


def test_checks_that_are_refused_are_given_up_and_verdicts_are_not() -> None:
    """A session may show up late, but not that late; the verdict matters as long as the review is open."""
    refused = ApiRefused("http_404")
    assert retry_in_s(LookupKind.CHECKS, refused, REFUSED_ATTEMPTS - 2, 0.0) is not None
    assert retry_in_s(LookupKind.CHECKS, refused, REFUSED_ATTEMPTS - 1, 0.0) is None
    assert retry_in_s(LookupKind.VERDICT, refused, 99, 0.0) == LONGEST_BACKOFF_S / 2


@pytest.mark.parametrize("attempts", [0, 99])
def test_wrong_credentials_wait_a_minute(attempts: int) -> None:
    """However often."""
    assert retry_in_s(LookupKind.CHECKS, CredentialsRefused("http_401"), attempts, 0.5) == CREDENTIALS_WAIT_S
