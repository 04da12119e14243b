"""Whose home tabs show a change, which replies it comes with, and what an event says beside its state."""

from collections.abc import Callable

import pytest

from bot.reviews.change import Change
from bot.reviews.checks import Check
from bot.reviews.deadlines import Deadlines
from bot.reviews.decide import decide
from bot.reviews.notification_topics import ActionTopic
from bot.reviews.notifications import ActionAnnouncement, SessionClosed
from bot.reviews.policy import Policy
from bot.reviews.review import Action, Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import apply_event
from tests.support.actions import action_request, authority, open_roster

NOW = 9_000
POLICY = Policy(open_roster("ULEA"), deadlines=Deadlines(claim_within_ms=1_000))

ReviewIn = Callable[[Status], Review]


def _event(review: Review | None, state: SessionState, at: int = 2_000, **given: object) -> Change:
    event = SessionEvent(f"event-{at}", at, "session-1", state, type="kyc", received_at=NOW)
    change = apply_event(review, event._replace(**given), {"user": POLICY})  # type: ignore[arg-type] # by name
    assert isinstance(change, Change)
    return change


@pytest.mark.parametrize(
    ("status", "action", "person", "people"),
    [
        (Status.OPEN, Action.CLAIM, "UBORIS", ("UBORIS",)),
        (Status.CLAIMED, Action.TAKE_OVER, "UBORIS", ("UANNA", "UBORIS")),
        (Status.CLAIMED, Action.REASSIGN, "ULEA", ("UANNA", "ULEA", "UNEW")),
        (Status.PROPOSED, Action.CONFIRM, "UBORIS", ("UANNA", "UBORIS", "UDORA")),
    ],
)
def test_an_action_is_shown_to_everyone_who_has_to_do_with_the_review(
    review_in: ReviewIn, status: Status, action: Action, person: str, people: tuple[str, ...]
) -> None:
    """The actor, the holders before and after it, and the proposer."""
    review = review_in(status)
    review = review._replace(decided_by="UDORA" if status is Status.PROPOSED else None)
    change = decide(review, action_request(action, person, target="UNEW"), authority(POLICY))
    assert isinstance(change, Change)
    assert change.people == people


def test_an_action_comes_with_its_announcement(review_in: ReviewIn) -> None:
    """It is saved together with the change."""
    request = action_request(Action.TAKE_OVER, "UBORIS", comment="Anna is away.")
    change = decide(review_in(Status.CLAIMED), request, authority(POLICY))
    assert isinstance(change, Change)
    assert change.notifications == (
        ActionAnnouncement(ActionTopic.TAKEN_OVER, "UBORIS", ("UANNA",), "UBORIS", "Anna is away."),
    )


@pytest.mark.parametrize(
    ("status", "people"),
    [(Status.OPEN, ()), (Status.CLAIMED, ("UANNA",)), (Status.PROPOSED, ("UANNA", "UDORA"))],
)
def test_a_verdict_is_shown_to_the_holder_and_the_proposer(
    review_in: ReviewIn, status: Status, people: tuple[str, ...]
) -> None:
    """An open review has neither."""
    review = review_in(status)
    review = review._replace(decided_by="UDORA" if status is Status.PROPOSED else None)
    assert _event(review, SessionState.VERIFIED).people == people


def test_a_verdict_comes_with_its_announcement(review_in: ReviewIn) -> None:
    """The holder learns that the review is closed."""
    change = _event(review_in(Status.CLAIMED), SessionState.EXPIRED)
    assert change.notifications == (SessionClosed(("UANNA",), SessionState.EXPIRED),)


def test_a_new_review_is_due_by_the_policy_of_its_queue() -> None:
    """It has to be claimed within a second of its arrival."""
    opened = _event(None, SessionState.REVIEW).after
    assert (opened.status_since, opened.due_at) == (NOW, NOW + 1_000)


def test_what_could_not_be_read_is_noted_until_checks_can_be() -> None:
    """An event without checks says nothing about those that were unreadable."""
    first = _event(None, SessionState.REVIEW, unreadable=True).after
    assert first.unreadable
    again = _event(first, SessionState.REVIEW, 3_000).after
    assert again.unreadable
    readable = _event(again, SessionState.REVIEW, 4_000, checks=(Check("face-matching", "refused"),)).after
    assert not readable.unreadable
    assert _event(readable, SessionState.REVIEW, 5_000, unreadable=True).after.unreadable
