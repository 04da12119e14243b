"""What the timers of a review do when they fire: overdue cards, reminders, released claims."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.reviews.audit.entry import BOT, OVERDUE, REMIND
from bot.reviews.deadlines import Deadlines, Timer, TimerKind, timed
from bot.reviews.notifications import (
    ClaimExpired,
)
from bot.reviews.permissions import Roster
from bot.reviews.policy import Policy
from bot.reviews.reminders import LEADS, REVIEWERS, StillOnItQuestion
from bot.reviews.review import Action, Review, Status
from bot.reviews.timer_release import fire, release_claim, show_overdue

DEADLINES = Deadlines(
    claim_within_ms=1_000, decide_within_ms=9_000, escalate_after_ms=2_000, release_after_ms=4_000
)
POLICY = Policy(Roster(leads=frozenset({"ULEA"})), deadlines=DEADLINES)

ReviewIn = Callable[[Status], Review]


def _on_time(review: Review) -> Review:
    """The review with the due time that its deadlines give it."""
    return timed(review, review, DEADLINES, 0)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.CLAIMED])
def test_only_a_claim_can_be_released(review_in: ReviewIn, status: Status) -> None:
    """The transition table has no other release."""
    with pytest.raises(KeyError):
        release_claim(review_in(status), DEADLINES, 9_000)


def test_a_released_claim_leaves_the_review_open(review_in: ReviewIn) -> None:
    """Like a release by a person, except that the bot is the actor."""
    review = review_in(Status.CLAIMED)
    change = release_claim(review, DEADLINES, 9_000)
    after, entry = change.after, change.entry
    assert (after.status, after.claimed_by, after.claimed_at, after.active_at) == (
        Status.OPEN,
        None,
        None,
        None,
    )
    assert (after.version, after.revision) == (review.version + 1, review.revision + 1)
    assert (after.status_since, after.due_at) == (9_000, 10_000)
    assert (entry.actor, entry.action, entry.at) == (BOT, Action.RELEASE, 9_000)
    assert (entry.from_status, entry.to_status) == (Status.CLAIMED, Status.OPEN)
    assert change.people == ("UANNA",)


def test_an_overdue_review_is_a_new_version_of_the_same_revision(review_in: ReviewIn) -> None:
    """A modal that is open stays valid."""
    review = review_in(Status.OPEN)
    change = show_overdue(review, DEADLINES, 9_000)
    assert (change.after.version, change.after.revision) == (review.version + 1, review.revision)
    assert (change.entry.actor, change.entry.action, change.entry.version) == (
        BOT,
        OVERDUE,
        review.version + 1,
    )
    assert change.notifications == ()


def test_a_missed_claim_is_shown_and_the_queue_reminded(review_in: ReviewIn) -> None:
    """In this order, and each with its own audit entry."""
    review = _on_time(review_in(Status.OPEN))
    timer = Timer(TimerKind.CLAIM_DUE, 5_000, 6_000)
    result = fire(review, [timer], {}, POLICY, 6_500)
    overdue, reminded = result.changes
    assert (overdue.entry.action, reminded.entry.action) == (OVERDUE, REMIND)
    assert reminded.after is overdue.after
    assert (result.audiences, reminded.notifications) == ({REVIEWERS}, ())
    assert reminded.entry.detail == {"told": "remind_queue"}
    assert (result.fired, result.postponed, result.review) == ([timer], {}, overdue.after)


def test_a_missed_decision_reminds_the_holder(review_in: ReviewIn) -> None:
    """In the next direct message to that person."""
    result = fire(
        _on_time(review_in(Status.CLAIMED)), [Timer(TimerKind.DECIDE_DUE, 5_000, 14_000)], {}, POLICY, 14_000
    )
    assert result.audiences == {"UANNA"}
    assert result.changes[-1].entry.detail == {"told": "remind_holder"}


def test_an_escalation_notifies_the_leads(review_in: ReviewIn) -> None:
    """In the next reminder to them."""
    result = fire(review_in(Status.OPEN), [Timer(TimerKind.ESCALATE, 5_000, 8_000)], {}, POLICY, 8_000)
    (change,) = result.changes
    assert (result.audiences, change.entry.detail) == ({LEADS}, {"told": "remind_leads"})


def test_a_holder_is_asked_before_the_claim_is_released(review_in: ReviewIn) -> None:
    """The release notifies them in the thread, and nobody gets a reminder of a claim that is gone."""
    review = review_in(Status.CLAIMED)
    ask, release = Timer(TimerKind.ASK_STILL_ON_IT, 6_000, 9_000), Timer(TimerKind.RELEASE, 6_000, 10_000)
    (asked,) = fire(review, [ask], {}, POLICY, 9_000).changes
    (question,) = asked.notifications
    assert isinstance(question, StillOnItQuestion)
    fired = {(TimerKind.ASK_STILL_ON_IT, 6_000): 9_000}
    decide_due = Timer(TimerKind.DECIDE_DUE, 5_000, 14_000)
    result = fire(review, [release, decide_due], fired, POLICY, 14_000)
    released, expired, *_ = result.changes
    assert released.entry.action is Action.RELEASE
    assert expired.notifications == (ClaimExpired(("UANNA",), review.session_id),)
    assert (expired.entry.from_status, expired.entry.to_status) == (Status.OPEN, Status.OPEN)
    assert "UANNA" not in result.audiences
    assert result.review.status is Status.OPEN


def test_a_timer_that_cannot_fire_yet_is_postponed(review_in: ReviewIn) -> None:
    """The clock went back, or the deadline was extended."""
    result = fire(review_in(Status.OPEN), [Timer(TimerKind.CLAIM_DUE, 5_000, 5_500)], {}, POLICY, 5_600)
    assert (result.changes, result.fired) == ([], [])
    assert result.postponed == {(TimerKind.CLAIM_DUE, 5_000): 6_000}


@pytest.mark.parametrize("is_opened", [True, False])
def test_a_timer_that_is_no_longer_needed_does_nothing(review_in: ReviewIn, *, is_opened: bool) -> None:
    """The review moved on, or was never open here."""
    closed = review_in(Status.CLOSED)
    review = closed if is_opened else replace(closed, opened_at=None)
    result = fire(review, [Timer(TimerKind.CLAIM_DUE, 5_000, 6_000)], {}, POLICY, 9_000)
    assert (result.changes, result.fired, result.postponed, result.review) == ([], [], {}, review)
