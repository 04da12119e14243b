"""A claimed review is snoozed and resumed: what is allowed, what ends it, and what the record says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.reviews.action_request import Refused
from bot.reviews.audit.entry import BOT
from bot.reviews.business_hours import BusinessHours
from bot.reviews.change import Change, Refusal
from bot.reviews.checks import Check
from bot.reviews.deadlines import Deadlines, Timer, TimerKind
from bot.reviews.decide import decide
from bot.reviews.notifications import (
    ChecksChanged,
)
from bot.reviews.policy import MAX_WORDS, TOO_LONG, Decision, Policy
from bot.reviews.reminders import (
    SnoozeEnded,
    SnoozeInterrupted,
)
from bot.reviews.review import Action, Pause, Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import apply_event, with_checks
from bot.reviews.snooze import Snooze, SnoozePolicy, snooze_end
from bot.reviews.timer_release import fire
from tests.support.actions import action_request, authority, open_roster

ReviewIn = Callable[[Status], Review]
OFFICE = BusinessHours(ZoneInfo("Europe/Madrid"), frozenset(range(5)), 9 * 60, 17 * 60)
REASONS = SnoozePolicy(7, {"customer": "Waiting for the customer", "other": "Other"}, frozenset({"other"}))
POLICY = Policy(open_roster(), deadlines=Deadlines(hours=OFFICE), snooze=REASONS)
CHECKS = (Check("document", "refused", ("EXPIRED",)),)


def at(text: str) -> int:
    """A time in UTC, in milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


NOW = at("2026-03-17T12:00")  # a Tuesday
FRIDAY = Snooze(date(2026, 3, 20), "customer", "They sent a form.")


def _snoozed(review_in: ReviewIn) -> Review:
    request = action_request(Action.SNOOZE, "UANNA", requested_at=NOW, snooze=FRIDAY)
    change = decide(review_in(Status.CLAIMED), request, authority(POLICY))
    assert isinstance(change, Change)
    return change.after


def _event(state: SessionState, now: int, checks: tuple[Check, ...] = ()) -> SessionEvent:
    return SessionEvent("e9", now, "session-1", state, checks=checks, type="kyc", received_at=now)


def test_the_claim_stays_until_the_morning_of_the_day(review_in: ReviewIn) -> None:
    """In the queue's time zone; the record says until when and why."""
    before = review_in(Status.CLAIMED)
    request = action_request(Action.SNOOZE, "UANNA", requested_at=NOW, snooze=FRIDAY)
    change = decide(before, request, authority(POLICY))
    assert isinstance(change, Change)
    after, until = change.after, at("2026-03-20T08:00")
    assert (after.status, after.claimed_by) == (Status.CLAIMED, "UANNA")
    assert (after.snoozed_until, after.snooze_reason) == (until, "customer")
    assert after.pauses == (Pause(NOW, until),)
    assert change.entry.detail == {
        "until": "2026-03-20T08:00:00+00:00",
        "reason": "customer",
        "words": "They sent a form.",
    }


@pytest.mark.parametrize(
    ("hours", "day", "ends"),
    [
        (OFFICE, date(2026, 3, 21), "2026-03-23T08:00"),  # a Saturday
        (BusinessHours(), date(2026, 3, 21), "2026-03-21T00:00"),
    ],
)
def test_a_snooze_ends_when_people_work(hours: BusinessHours, day: date, ends: str) -> None:
    """On the next business day; without business hours when the day begins."""
    assert snooze_end(day, hours) == at(ends)


@pytest.mark.parametrize(
    ("changes", "complaints"),
    [
        ({}, {}),
        ({"day": None}, {"day": "Choose a date."}),
        ({"day": date(2026, 3, 17)}, {"day": "Choose a date after today."}),
        ({"day": date(2026, 3, 24)}, {}),
        ({"day": date(2026, 3, 25)}, {"day": "Choose a date no later than 2026-03-24."}),
        ({"reason": None}, {"reason": "Choose a reason."}),
        ({"reason": "gone"}, {"reason": "Choose a reason."}),
        ({"reason": "other"}, {}),
        ({"reason": "other", "note": None}, {"note": "Add a note: this reason needs one."}),
        ({"note": "x" * MAX_WORDS}, {}),
        ({"note": "x" * (MAX_WORDS + 1)}, {"note": TOO_LONG}),
    ],
)
def test_a_snooze_is_checked_field_by_field(changes: dict[str, object], complaints: dict[str, str]) -> None:
    """The day is at most the configured number of days from today."""
    assert POLICY.snooze_complaints(replace(FRIDAY, **changes), NOW) == complaints  # type: ignore[arg-type] # by name


def test_a_reason_that_needs_a_note_is_refused_without_one(review_in: ReviewIn) -> None:
    """However the request came about."""
    snooze = Snooze(date(2026, 3, 20), "other")
    request = action_request(Action.SNOOZE, "UANNA", requested_at=NOW, snooze=snooze)
    refusal = decide(review_in(Status.CLAIMED), request, authority(POLICY))
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Refused.NOTE_REQUIRED


def test_a_snooze_can_be_moved_to_another_day(review_in: ReviewIn) -> None:
    """It is one pause."""
    snooze = Snooze(date(2026, 3, 23), "customer")
    request = action_request(Action.SNOOZE, "UANNA", requested_at=NOW + 1_000, snooze=snooze)
    change = decide(_snoozed(review_in), request, authority(POLICY))
    assert isinstance(change, Change)
    assert change.after.pauses == (Pause(NOW, at("2026-03-23T08:00")),)
    assert change.consequence is None


@pytest.mark.parametrize(
    ("action", "person"),
    [
        (Action.RELEASE, "UANNA"),
        (Action.REASSIGN, "UANNA"),
        (Action.TAKE_OVER, "UBORIS"),
        (Action.RESOLVE, "UANNA"),
        (Action.RESUME, "UANNA"),
    ],
)
def test_who_moves_the_review_on_ends_its_snooze(review_in: ReviewIn, action: Action, person: str) -> None:
    """The record has an entry for the end; the holder is active again."""
    end = NOW + 60_000
    request = action_request(action, person, requested_at=end, decision=Decision("approve"), target="UBORIS")
    change = decide(_snoozed(review_in), request, authority(POLICY))
    assert isinstance(change, Change)
    after = change.after
    assert (after.snoozed_until, after.snooze_reason, after.pauses) == (None, None, (Pause(NOW, end),))
    assert after.active_at == (None if action is Action.RELEASE else end)
    if action is Action.RESUME:
        assert (change.entry.actor, change.entry.action, change.consequence) == ("UANNA", "resume", None)
    else:
        assert change.consequence is not None
        assert (change.consequence.actor, change.consequence.action) == (BOT, Action.RESUME)
        assert (change.consequence.at, change.consequence.detail) == (end, {"because": action})


@pytest.mark.parametrize("action", [Action.ESCALATE, Action.STILL_ON_IT])
def test_what_only_asks_for_help_leaves_the_snooze(review_in: ReviewIn, action: Action) -> None:
    """The customer's answer is still missing."""
    policy = replace(POLICY, roster=replace(POLICY.roster, leads=frozenset({"UANNA"})))
    before = _snoozed(review_in)
    change = decide(before, action_request(action, "UANNA", requested_at=NOW + 1), authority(policy))
    assert isinstance(change, Change)
    assert (change.after.snoozed_until, change.after.pauses) == (before.snoozed_until, before.pauses)
    assert (change.entry.detail, change.consequence) == ({}, None)


def test_a_review_that_is_not_snoozed_cannot_be_resumed(review_in: ReviewIn) -> None:
    """An old card can still have the entry in its menu."""
    request = action_request(Action.RESUME, "UANNA", requested_at=NOW)
    refusal = decide(review_in(Status.CLAIMED), request, authority(POLICY))
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Refused.NOT_SNOOZED


@pytest.mark.parametrize("checks", [(), CHECKS])
def test_a_review_event_ends_the_snooze_and_notifies_the_holder(
    review_in: ReviewIn, checks: tuple[Check, ...]
) -> None:
    """Once: changed checks have their own notification."""
    end = NOW + 60_000
    change = apply_event(_snoozed(review_in), _event(SessionState.REVIEW, end, checks), {"user": POLICY})
    assert isinstance(change, Change)
    after = change.after
    assert (after.status, after.snoozed_until, after.pauses) == (Status.CLAIMED, None, (Pause(NOW, end),))
    (notification,) = change.notifications
    assert isinstance(notification, ChecksChanged if checks else SnoozeInterrupted)
    assert notification.to == change.people == ("UANNA",)
    assert change.consequence is not None
    assert (change.consequence.at, change.consequence.detail) == (end, {"because": Action.RECEIVE})


def test_a_verdict_ends_the_snooze(review_in: ReviewIn) -> None:
    """The review is closed; the record has both."""
    change = apply_event(_snoozed(review_in), _event(SessionState.VERIFIED, NOW + 1), {"user": POLICY})
    assert isinstance(change, Change)
    assert (change.after.status, change.after.snoozed_until) == (Status.CLOSED, None)
    ended = change.consequence
    assert ended is not None
    assert (ended.action, ended.at, ended.detail) == (Action.RESUME, NOW + 1, {"because": Action.CLOSE})


def test_fetched_checks_end_the_snooze_if_they_are_news(review_in: ReviewIn) -> None:
    """Ralio's API is asked by the bot itself; the same checks in another order are no news."""
    before = _snoozed(review_in)._replace(fetched_checks=replace(review_in(Status.OPEN).checks, kept=CHECKS))
    assert with_checks(before, CHECKS, NOW + 1, {"user": POLICY}) is None
    news = with_checks(before, [Check("face", "refused", ("NO_MATCH",))], NOW + 1, {"user": POLICY})
    assert news is not None
    assert news.after.snoozed_until is None
    assert isinstance(news.notifications[0], ChecksChanged)


def test_the_holder_is_notified_at_the_date(review_in: ReviewIn) -> None:
    """By the timer; an open modal stays up to date."""
    before = _snoozed(review_in)
    until = before.snoozed_until or 0
    result = fire(before, [Timer(TimerKind.SNOOZE_END, NOW, until)], {}, POLICY, until)
    ended, reminder = result.changes
    assert (result.review.snoozed_until, result.review.active_at) == (None, until)
    assert (result.review.version, result.review.revision) == (before.version + 1, before.revision)
    assert (ended.entry.actor, ended.entry.action, ended.entry.detail) == (
        BOT,
        "resume",
        {"because": "date_came"},
    )
    (notification,) = reminder.notifications
    assert isinstance(notification, SnoozeEnded)
    assert notification.is_current(result.review)


def test_reopening_forgets_the_pauses(review_in: ReviewIn) -> None:
    """The deadline begins again."""
    request = action_request(Action.RESOLVE, "UANNA", requested_at=NOW + 1, decision=Decision("approve"))
    decided = decide(_snoozed(review_in), request, authority(POLICY))
    assert isinstance(decided, Change)
    reopened = decide(
        decided.after, action_request(Action.REOPEN, "UANNA", requested_at=NOW + 2), authority(POLICY)
    )
    assert isinstance(reopened, Change)
    assert reopened.after.pauses == ()


def test_people_read_the_label_of_a_reason() -> None:
    """One that is no longer configured is shown by its code, in words."""
    assert REASONS.label_of("customer") == "Waiting for the customer"
    assert REASONS.label_of("proof_of_address") == "Proof of address"
