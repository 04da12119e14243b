"""What the timers of a review do when they fire: overdue cards, reminders, released claims."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.reviews.audit.entry import BOT, OVERDUE, REMIND, AuditEntry
from bot.reviews.change import Change
from bot.reviews.deadlines import Deadlines, Timer, TimerKind, timed
from bot.reviews.notifications import ClaimExpired, HolderDeactivated
from bot.reviews.permissions import Roster
from bot.reviews.policy import Policy
from bot.reviews.reminders import (
    LEADS,
    REVIEWERS,
    DirectMessage,
    SnoozeEnded,
    StillOnItQuestion,
    VerdictMissing,
)
from bot.reviews.review import Action, Pause, Review, Status
from bot.reviews.timer_release import (
    end_snooze,
    fire,
    release_claim,
    release_of_deactivated,
    show_overdue,
)

DEADLINES = Deadlines(
    claim_within_ms=1_000,
    decide_within_ms=9_000,
    escalate_after_ms=2_000,
    release_after_ms=4_000,
    verdict_within_ms=3_000,
    awaited=frozenset({"approve"}),
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
    change = release_claim(review_in(Status.CLAIMED), DEADLINES, 9_000)
    assert change == Change(
        review_in(Status.OPEN)._replace(status_since=9_000, due_at=10_000, version=4, revision=2),
        AuditEntry(9_000, BOT, Action.RELEASE, Status.CLAIMED, Status.OPEN, 4),
        people=("UANNA",),
    )


def test_the_claim_of_a_deactivated_holder_is_released(review_in: ReviewIn) -> None:
    """The leads are notified, because the holder can't do anything about it."""
    released, notified = release_of_deactivated(review_in(Status.CLAIMED), POLICY, 9_000)
    because = {"because": "holder_deactivated"}
    assert released == Change(
        review_in(Status.OPEN)._replace(status_since=9_000, due_at=10_000, version=4, revision=2),
        AuditEntry(9_000, BOT, Action.RELEASE, Status.CLAIMED, Status.OPEN, 4, detail=because),
        people=("UANNA",),
    )
    told = {"told": "holder_deactivated"}
    assert notified == Change(
        released.after,
        AuditEntry(9_000, BOT, REMIND, Status.OPEN, Status.OPEN, 4, detail=told),
        notifications=(HolderDeactivated(("ULEA",), "session-1", "UANNA"),),
    )


def test_an_overdue_review_is_a_new_version_of_the_same_revision(review_in: ReviewIn) -> None:
    """A modal that is open stays valid, and the review is due when it was."""
    review = _on_time(review_in(Status.OPEN))
    passed = {"deadline": "claim_due"}
    assert show_overdue(review, TimerKind.CLAIM_DUE, DEADLINES, 9_000) == Change(
        review._replace(version=4, due_at=6_000),
        AuditEntry(9_000, BOT, OVERDUE, Status.OPEN, Status.OPEN, 4, detail=passed),
    )


def _snoozed(review: Review) -> Review:
    return review._replace(snoozed_until=8_000, snooze_reason="customer", pauses=(Pause(7_000, 8_000),))


def test_a_snooze_that_ends_gives_the_holder_the_rest_of_the_time(review_in: ReviewIn) -> None:
    """A second was snoozed, so the decision is due a second later; a modal that is open stays valid."""
    claimed = review_in(Status.CLAIMED)
    assert end_snooze(_snoozed(claimed), DEADLINES, 8_000) == Change(
        claimed._replace(pauses=(Pause(7_000, 8_000),), active_at=8_000, due_at=15_000, version=4),
        AuditEntry(
            8_000, BOT, Action.RESUME, Status.CLAIMED, Status.CLAIMED, 4, detail={"because": "date_came"}
        ),
        people=("UANNA",),
    )


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


REMINDED: list[tuple[Status, Timer, str, str]] = [
    (Status.OPEN, Timer(TimerKind.ESCALATE, 5_000, 8_000), LEADS, "remind_leads"),
    (Status.CLAIMED, Timer(TimerKind.DECIDE_DUE, 5_000, 14_000), "UANNA", "remind_holder"),
    (Status.PROPOSED, Timer(TimerKind.DECIDE_DUE, 5_000, 14_000), REVIEWERS, "remind_queue"),
    (Status.DECIDED, Timer(TimerKind.VERDICT_ESCALATE, 8_000, 13_000), LEADS, "verdict_missing_leads"),
]


@pytest.mark.parametrize(("status", "timer", "audience", "told"), REMINDED)
def test_the_next_reminder_lists_the_review(
    review_in: ReviewIn, status: Status, timer: Timer, audience: str, told: str
) -> None:
    """The review stays as it is, and the record says which reminder it is."""
    result = fire(_on_time(review_in(status)), [timer], {}, POLICY, 14_000)
    listed, before = result.changes[-1], result.changes[-1].after
    entry = AuditEntry(14_000, BOT, REMIND, status, status, before.version, detail={"told": told})
    assert listed == Change(result.review, entry)
    assert (result.audiences, result.fired) == ({audience}, [timer])


DIRECT: list[tuple[Status, Timer, type[DirectMessage], int, str]] = [
    (
        Status.CLAIMED,
        Timer(TimerKind.ASK_STILL_ON_IT, 6_000, 9_000),
        StillOnItQuestion,
        14_000,
        "still_on_it",
    ),
    (Status.CLAIMED, Timer(TimerKind.SNOOZE_END, 7_000, 8_000), SnoozeEnded, 21_000, "snooze_ended"),
    (Status.DECIDED, Timer(TimerKind.VERDICT_DUE, 8_000, 11_000), VerdictMissing, 11_000, "verdict_missing"),
]


@pytest.mark.parametrize(("status", "timer", "message", "due_at", "told"), DIRECT)
def test_a_person_is_notified_about_the_review_as_it_is_then(
    review_in: ReviewIn, status: Status, timer: Timer, message: type[DirectMessage], due_at: int, told: str
) -> None:
    """Status, holder and due time are those after the timer fired; otherwise the message would never be sent."""
    review = review_in(status)
    if timer.kind is TimerKind.SNOOZE_END:
        review = _snoozed(review)
    result = fire(_on_time(review), [timer], {}, POLICY, 14_000)
    notified = result.changes[-1]
    assert notified.after is result.review
    assert notified.notifications == (message(("UANNA",), "session-1", status, "UANNA", due_at),)
    assert (notified.entry.action, notified.entry.detail) == (REMIND, {"told": told})
    assert {change.entry.at for change in result.changes} == {14_000}
    assert (result.audiences, result.fired) == (set(), [timer])


@pytest.mark.parametrize(
    ("status", "timer", "recorded"),
    [
        (Status.CLAIMED, Timer(TimerKind.ASK_STILL_ON_IT, 6_000, 9_000), []),
        (Status.CLAIMED, Timer(TimerKind.DECIDE_DUE, 5_000, 14_000), [(OVERDUE, {"deadline": "decide_due"})]),
        (
            Status.DECIDED,
            Timer(TimerKind.VERDICT_DUE, 8_000, 11_000),
            [(OVERDUE, {"deadline": "verdict_due"})],
        ),
    ],
)
def test_without_a_person_to_notify_no_notification_is_recorded(
    review_in: ReviewIn, status: Status, timer: Timer, recorded: list[tuple[str, dict[str, str]]]
) -> None:
    """The row of another program can leave out who has or decided a review."""
    review = _on_time(review_in(status)._replace(claimed_by=None, decided_by=None))
    result = fire(review, [timer], {}, POLICY, 14_000)
    assert [(change.entry.action, change.entry.detail) for change in result.changes] == recorded
    assert (result.audiences, result.fired) == (set(), [timer])
    assert result.review.version == review.version + len(recorded)


def test_a_claim_without_activity_is_released(review_in: ReviewIn) -> None:
    """The holder is notified in the thread; a reminder of the decision goes to the queue, not to them."""
    policy = replace(POLICY, deadlines=replace(DEADLINES, claim_within_ms=None))
    release = Timer(TimerKind.RELEASE, 6_000, 10_000)
    decide_due = Timer(TimerKind.DECIDE_DUE, 5_000, 14_000)
    asked = {(TimerKind.ASK_STILL_ON_IT, 6_000): 9_000}
    result = fire(review_in(Status.CLAIMED), [release, decide_due], asked, policy, 14_000)
    released, expired, overdue, listed = result.changes
    assert {change.entry.at for change in result.changes} == {14_000}
    assert (released.entry.action, released.entry.detail) == (Action.RELEASE, {})
    assert expired == Change(
        released.after,
        AuditEntry(14_000, BOT, REMIND, Status.OPEN, Status.OPEN, 4, detail={"told": "released_for_silence"}),
        notifications=(ClaimExpired(("UANNA",), "session-1"),),
    )
    assert (overdue.entry.action, listed.entry.detail) == (OVERDUE, {"told": "remind_queue"})
    assert (result.audiences, result.fired) == ({REVIEWERS}, [release, decide_due])
    assert (result.review.status, result.review.version) == (Status.OPEN, 5)


def test_a_holder_who_was_just_asked_has_the_time_to_answer(review_in: ReviewIn) -> None:
    """Both timers were missed: the release waits for a quarter of its time from the question."""
    ask, release = Timer(TimerKind.ASK_STILL_ON_IT, 6_000, 9_000), Timer(TimerKind.RELEASE, 6_000, 10_000)
    fired_before: dict[tuple[TimerKind, int], int] = {}
    result = fire(review_in(Status.CLAIMED), [ask, release], fired_before, POLICY, 12_000)
    assert (result.fired, result.postponed) == ([ask], {(TimerKind.RELEASE, 6_000): 13_000})
    assert (result.review.status, fired_before) == (Status.CLAIMED, {})


def test_a_timer_that_cannot_fire_yet_is_postponed(review_in: ReviewIn) -> None:
    """The clock went back, or the deadline was extended."""
    result = fire(review_in(Status.OPEN), [Timer(TimerKind.CLAIM_DUE, 5_000, 5_500)], {}, POLICY, 5_600)
    assert (result.changes, result.fired) == ([], [])
    assert result.postponed == {(TimerKind.CLAIM_DUE, 5_000): 6_000}


@pytest.mark.parametrize("is_opened", [True, False])
def test_a_timer_that_is_no_longer_needed_does_nothing(review_in: ReviewIn, *, is_opened: bool) -> None:
    """The review moved on, or was never open here."""
    closed = review_in(Status.CLOSED)
    review = closed if is_opened else closed._replace(opened_at=None)
    result = fire(review, [Timer(TimerKind.CLAIM_DUE, 5_000, 6_000)], {}, POLICY, 9_000)
    assert (result.changes, result.fired, result.postponed, result.review) == ([], [], {}, review)
