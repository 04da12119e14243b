"""What becomes due for a review, and that each thing is said once whatever the clock and the machine do."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.business_hours import BusinessHours
from bot.reviews.deadlines import (
    Deadlines,
    Effect,
    Fires,
    Moot,
    NotYet,
    Timer,
    TimerBasis,
    TimerKind,
    due_at,
    meaning,
    wanted,
)
from bot.reviews.review import Pause, Status

MADRID = ZoneInfo("Europe/Madrid")
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
OFFICE = Deadlines(
    claim_within_ms=4 * HOUR_MS,
    decide_within_ms=16 * HOUR_MS,
    remind_every_ms=8 * HOUR_MS,
    escalate_after_ms=12 * HOUR_MS,
    release_after_ms=8 * HOUR_MS,
    hours=BusinessHours(MADRID, frozenset(range(5)), 9 * 60, 17 * 60),
)
ALWAYS = replace(OFFICE, hours=BusinessHours())
FLOOD = 100
"""So much is never told in one story: it would go on for ever."""


def at(text: str) -> int:
    """A local time in Madrid."""
    return round(datetime.fromisoformat(text).replace(tzinfo=MADRID).timestamp() * 1000)


def opened(text: str) -> TimerBasis:
    """An open review that nobody touched."""
    return TimerBasis(Status.OPEN, at(text), at(text), at(text))


def then(basis: TimerBasis, status: Status, text: str) -> TimerBasis:
    """The same review in another status since then."""
    return basis._replace(status=status, status_since=at(text), active_at=at(text))


@dataclass
class Keeper:
    """Keeps the timers of one review as the store has to, in memory."""

    basis: TimerBasis
    deadlines: Deadlines
    fired: dict[tuple[TimerKind, int], int] = field(default_factory=dict)
    told: list[tuple[str, Effect]] = field(default_factory=list)

    def pass_time(self, now: int) -> None:
        """Fire what is due at `now`, until nothing is."""
        while due := [timer for timer in self._wanted() if self._not_before(timer, now) <= now]:
            timer = min(due, key=lambda due_timer: due_timer.due_at)
            fires = meaning(timer, self.basis, self.deadlines, self.fired, now)
            assert isinstance(fires, Fires)
            assert len(self.told) < FLOOD
            self.fired[timer.kind, timer.since] = now
            when = datetime.fromtimestamp(now / 1000, MADRID).strftime("%a %d %H:%M")
            self.told += [(when, effect) for effect in fires.effects]

    def run(self, start: str, end: str, step_ms: int = 5 * MINUTE_MS) -> list[tuple[str, Effect]]:
        """Let time pass in steps; answers with what was told since the start."""
        self.told.clear()
        for now in range(at(start), at(end), step_ms):
            self.pass_time(now)
        return self.told

    def _wanted(self) -> tuple[Timer, ...]:
        return wanted(self.basis, self.deadlines, self.fired)

    def _not_before(self, timer: Timer, now: int) -> int:
        answer = meaning(timer, self.basis, self.deadlines, self.fired, now)
        return answer.due_at if isinstance(answer, NotYet) else timer.due_at


def test_an_unclaimed_review_is_reminded_of_and_escalated_in_business_hours() -> None:
    """It comes on a Thursday morning; the weekend is quiet."""
    keeper = Keeper(opened("2026-03-19T10:00"), OFFICE)
    assert keeper.run("2026-03-19T10:00", "2026-03-25T00:00") == [
        ("Thu 19 14:00", Effect.SHOW_OVERDUE),
        ("Thu 19 14:00", Effect.REMIND_QUEUE),
        ("Fri 20 14:00", Effect.REMIND_QUEUE),
        ("Mon 23 10:00", Effect.SHOW_OVERDUE),
        ("Mon 23 10:00", Effect.TELL_LEADS),
        ("Mon 23 14:00", Effect.REMIND_QUEUE),
        ("Tue 24 14:00", Effect.REMIND_QUEUE),
    ]


def test_a_claimed_review_reminds_its_holder_then_the_leads() -> None:
    """The decision is due from when the review was opened, however late the claim came."""
    basis = then(opened("2026-03-17T09:00"), Status.CLAIMED, "2026-03-17T12:00")
    keeper = Keeper(basis, replace(OFFICE, release_after_ms=None))
    assert due_at(basis, OFFICE) == at("2026-03-18T17:00")
    assert keeper.run("2026-03-17T12:00", "2026-03-21T00:00") == [
        ("Wed 18 17:00", Effect.SHOW_OVERDUE),
        ("Wed 18 17:00", Effect.REMIND_HOLDER),
        ("Thu 19 17:00", Effect.REMIND_HOLDER),
        ("Fri 20 13:00", Effect.TELL_LEADS),
        ("Fri 20 17:00", Effect.REMIND_HOLDER),
    ]


def test_who_claims_what_is_overdue_gets_the_time_to_a_first_reminder() -> None:
    """The queue's reminders stop, the holder's begin from the claim."""
    keeper = Keeper(opened("2026-03-16T09:00"), replace(OFFICE, release_after_ms=None))
    keeper.run("2026-03-16T09:00", "2026-03-18T10:00")
    keeper.basis = then(keeper.basis, Status.CLAIMED, "2026-03-18T10:00")
    assert keeper.run("2026-03-18T10:00", "2026-03-19T18:00") == [
        ("Thu 19 10:00", Effect.REMIND_HOLDER),
        ("Thu 19 14:00", Effect.TELL_LEADS),
    ]


def test_a_claim_without_activity_is_asked_about_and_then_released() -> None:
    """An answer begins the time anew."""
    keeper = Keeper(then(opened("2026-03-17T09:00"), Status.CLAIMED, "2026-03-17T09:00"), OFFICE)
    assert keeper.run("2026-03-17T09:00", "2026-03-17T16:00") == [("Tue 17 15:00", Effect.ASK_HOLDER)]
    keeper.basis = keeper.basis._replace(active_at=at("2026-03-17T16:00"))
    assert keeper.run("2026-03-17T16:00", "2026-03-18T16:30") == [
        ("Wed 18 14:00", Effect.ASK_HOLDER),
        ("Wed 18 16:00", Effect.RELEASE_CLAIM),
    ]


def test_nobody_loses_a_claim_without_the_time_to_answer() -> None:
    """The bot was away when it should have asked: the time to answer counts from the question."""
    keeper = Keeper(then(opened("2026-03-17T09:00"), Status.CLAIMED, "2026-03-17T09:00"), OFFICE)
    told = [
        line
        for line in keeper.run("2026-03-20T12:00", "2026-03-20T15:00")
        if "claim" in line[1] or "ask" in line[1]
    ]
    assert told == [("Fri 20 12:00", Effect.ASK_HOLDER), ("Fri 20 14:00", Effect.RELEASE_CLAIM)]


def test_a_released_review_has_to_be_claimed_anew() -> None:
    """The time to claim counts from the release, the time to decide goes on."""
    basis = then(opened("2026-03-17T09:00"), Status.OPEN, "2026-03-18T16:00")
    assert [(timer.kind, timer.due_at) for timer in wanted(basis, OFFICE, {})][:2] == [
        (TimerKind.DECIDE_DUE, at("2026-03-18T17:00")),
        (TimerKind.CLAIM_DUE, at("2026-03-19T12:00")),
    ]
    assert due_at(basis, OFFICE) == at("2026-03-18T17:00")


def test_a_proposal_waits_for_whoever_may_confirm_it() -> None:
    """The queue is reminded, and no claim is released."""
    basis = then(opened("2026-03-17T09:00"), Status.PROPOSED, "2026-03-17T10:00")
    keeper = Keeper(basis, OFFICE)
    assert keeper.run("2026-03-17T10:00", "2026-03-19T09:00") == [
        ("Wed 18 17:00", Effect.SHOW_OVERDUE),
        ("Wed 18 17:00", Effect.REMIND_QUEUE),
    ]


@pytest.mark.parametrize("status", [Status.DECIDED, Status.CLOSED])
def test_what_is_done_wants_nothing(status: Status) -> None:
    """And a timer that was under way is moot."""
    done = then(opened("2026-03-17T09:00"), status, "2026-03-17T10:00")
    assert wanted(done, OFFICE, {}) == ()
    assert due_at(done, OFFICE) is None
    timer = Timer(TimerKind.CLAIM_DUE, done.opened_at, at("2026-03-17T13:00"))
    assert meaning(timer, done, OFFICE, {}, at("2026-03-18T13:00")) == Moot()


def test_without_deadlines_there_are_no_timers() -> None:
    """They are all optional."""
    for status in Status:
        assert wanted(TimerBasis(status, 1, 1, 1), Deadlines(), {}) == ()


def test_a_reminder_that_came_late_does_not_move_the_next_ones() -> None:
    """The bot was away from nine to noon: it is nine o'clock again on the next day."""
    keeper = Keeper(opened("2026-03-17T09:00"), Deadlines(remind_every_ms=DAY_MS))
    keeper.pass_time(at("2026-03-18T12:00"))
    assert keeper.run("2026-03-18T12:00", "2026-03-19T12:00") == [("Thu 19 09:00", Effect.REMIND_QUEUE)]


def test_a_time_that_cannot_be_quartered_gives_whole_milliseconds() -> None:
    """The question comes rather later than earlier."""
    claimed = then(opened("2026-03-17T09:00"), Status.CLAIMED, "2026-03-17T09:00")
    (ask,) = wanted(claimed, Deadlines(release_after_ms=HOUR_MS + 3), {})
    assert (ask.kind, ask.due_at) == (TimerKind.ASK_STILL_ON_IT, claimed.active_at + 3 * HOUR_MS // 4 + 3)


def test_reminders_alone_count_from_the_beginning() -> None:
    """A queue may have no deadline and be reminded all the same."""
    keeper = Keeper(
        opened("2026-03-17T09:00"), Deadlines(remind_every_ms=DAY_MS, escalate_after_ms=2 * DAY_MS)
    )
    assert keeper.run("2026-03-17T09:00", "2026-03-19T12:00") == [
        ("Wed 18 09:00", Effect.REMIND_QUEUE),
        ("Thu 19 09:00", Effect.TELL_LEADS),
        ("Thu 19 09:00", Effect.REMIND_QUEUE),
    ]


def test_a_weeks_outage_is_told_once() -> None:
    """The bot comes back in a night: the people hear of it in the morning, once of each kind."""
    keeper = Keeper(opened("2026-03-16T09:00"), OFFICE)
    assert keeper.run("2026-03-24T23:00", "2026-03-25T12:00") == [
        ("Wed 25 09:00", Effect.SHOW_OVERDUE),
        ("Wed 25 09:00", Effect.REMIND_QUEUE),
        ("Wed 25 09:00", Effect.SHOW_OVERDUE),
        ("Wed 25 09:00", Effect.TELL_LEADS),
    ]


def test_what_becomes_due_at_the_end_of_a_day_is_told_for_a_quarter_of_an_hour() -> None:
    """Then it was missed, and waits for the morning."""
    basis = opened("2026-03-17T13:00")
    timer = Timer(TimerKind.CLAIM_DUE, basis.opened_at, at("2026-03-17T17:00"))
    told_until = at("2026-03-17T17:15")
    assert isinstance(meaning(timer, basis, OFFICE, {}, told_until), Fires)
    assert meaning(timer, basis, OFFICE, {}, told_until + 1) == NotYet(at("2026-03-18T09:00"))


def test_a_timer_whose_time_has_not_come_waits() -> None:
    """The clock went back, or the deadline was lengthened since the row was written."""
    basis = opened("2026-03-17T09:00")
    timer = Timer(TimerKind.CLAIM_DUE, basis.opened_at, at("2026-03-17T10:00"))
    due = at("2026-03-17T13:00")
    assert meaning(timer, basis, OFFICE, {}, due - 1) == NotYet(due)
    assert isinstance(meaning(timer, basis, OFFICE, {}, due), Fires)
    assert meaning(timer, basis, OFFICE, {(TimerKind.CLAIM_DUE, timer.since): due}, due) == Moot()


_DURATION = st.none() | st.integers(1, 3 * DAY_MS)
_DEADLINES = st.builds(
    Deadlines,
    _DURATION,
    _DURATION,
    _DURATION,
    _DURATION,
    _DURATION,
    st.just(OFFICE.hours) | st.just(ALWAYS.hours),
)


@given(_DEADLINES, st.sampled_from(Status), st.lists(st.integers(0, 10 * DAY_MS), min_size=1, max_size=6))
def test_whatever_the_outages_each_is_told_once_and_no_flood_follows(
    deadlines: Deadlines, status: Status, pauses: list[int]
) -> None:
    """After a pause of any length each thing that is due is told once, and then nothing is left to tell."""
    start = at("2026-03-16T09:00")
    keeper = Keeper(TimerBasis(status, start, start, start), deadlines)
    now = start
    for pause in pauses:
        now += pause
        before = dict(keeper.fired)
        keeper.told.clear()
        keeper.pass_time(now)
        kinds = [kind for kind, _ in keeper.fired if keeper.fired[kind, start] != before.get((kind, start))]
        assert len(keeper.told) <= 2 * len(kinds)
        for (kind, since), fired_at in before.items():
            assert kind is TimerKind.REMIND or keeper.fired[kind, since] == fired_at
        keeper.told.clear()
        keeper.pass_time(now)
        assert keeper.told == []


@given(_DEADLINES, st.sampled_from(Status))
def test_at_most_one_timer_of_a_kind(deadlines: Deadlines, status: Status) -> None:
    """So that the kind and `since` name a row."""
    kinds = [timer.kind for timer in wanted(TimerBasis(status, 1_000, 2_000, 3_000), deadlines, {})]
    assert len(kinds) == len(set(kinds))


def test_a_snoozed_review_only_waits_for_its_date() -> None:
    """No reminder, no question; afterwards the time that was left to decide goes on."""
    basis = then(opened("2026-03-17T09:00"), Status.CLAIMED, "2026-03-17T09:00")
    snoozed = basis._replace(
        pauses=(Pause(at("2026-03-17T13:00"), at("2026-03-20T09:00")),),
        snoozed_until=at("2026-03-20T09:00"),
    )
    keeper = Keeper(snoozed, OFFICE)
    assert keeper.run("2026-03-17T13:00", "2026-03-20T09:00") == []
    # Four of sixteen hours were used on Tuesday.
    assert due_at(snoozed, OFFICE) == at("2026-03-23T13:00")
    (timer,) = wanted(snoozed, OFFICE, {})
    assert meaning(timer, snoozed, OFFICE, {}, at("2026-03-20T09:00")) == Fires((Effect.END_SNOOZE,))
    keeper.basis = snoozed._replace(snoozed_until=None, active_at=at("2026-03-20T09:00"))
    assert keeper.run("2026-03-20T09:05", "2026-03-23T14:00") == [
        ("Fri 20 15:00", Effect.ASK_HOLDER),
        ("Fri 20 17:00", Effect.RELEASE_CLAIM),
        ("Mon 23 13:00", Effect.SHOW_OVERDUE),
        ("Mon 23 13:00", Effect.REMIND_HOLDER),
    ]


def test_a_deadline_that_was_missed_before_a_snooze_stays_missed() -> None:
    """The snooze doesn't move it; reminders begin again when it ends."""
    basis = then(opened("2026-03-16T09:00"), Status.CLAIMED, "2026-03-16T09:00")
    pause = Pause(at("2026-03-18T10:00"), at("2026-03-19T10:00"))
    resumed = basis._replace(pauses=(pause,), active_at=pause.end)
    assert due_at(resumed, OFFICE) == at("2026-03-17T17:00")
    fired = {(TimerKind.DECIDE_DUE, basis.opened_at): at("2026-03-17T17:00")}
    timers = {timer.kind: timer.due_at for timer in wanted(resumed, OFFICE, fired)}
    assert timers[TimerKind.REMIND] == at("2026-03-20T10:00")
    assert timers[TimerKind.ESCALATE] == at("2026-03-20T14:00")


@given(
    st.lists(st.integers(1, 400), max_size=12),
    st.sampled_from([OFFICE, ALWAYS]),
)
def test_the_decision_is_due_after_its_working_time_outside_snoozes(
    lengths_h: list[int], deadlines: Deadlines
) -> None:
    """Recomputed hour by hour: working hours that no snooze covers, until there were sixteen."""
    start = at("2026-03-16T09:00")
    moments = [start]
    for length in lengths_h:
        moments.append(moments[-1] + length * HOUR_MS)
    pauses = tuple(Pause(*pair) for pair in zip(moments[1::2], moments[2::2], strict=False))
    basis = opened("2026-03-16T09:00")._replace(status=Status.CLAIMED, pauses=pauses)
    left, now = 16, start
    while left:
        works = deadlines.hours.between(now, now + HOUR_MS) == HOUR_MS
        is_paused = any(pause.start <= now < pause.end for pause in pauses)
        left -= works and not is_paused
        now += HOUR_MS
    assert due_at(basis, deadlines) == now


PATIENT = replace(OFFICE, verdict_within_ms=8 * HOUR_MS, awaited=frozenset({"approve", "reject"}))


def _decided(outcome: str) -> TimerBasis:
    basis = then(opened("2026-03-17T09:00"), Status.DECIDED, "2026-03-19T12:00")
    return basis._replace(outcome=outcome)


@pytest.mark.parametrize(
    ("deadlines", "leads_at"),
    [(PATIENT, "Mon 23 16:00"), (replace(PATIENT, escalate_after_ms=None), "Mon 23 12:00")],
)
def test_a_decision_without_a_verdict_is_chased(deadlines: Deadlines, leads_at: str) -> None:
    """First its decider, then the leads, each once and in business hours."""
    basis = _decided("reject")
    assert due_at(basis, deadlines) == at("2026-03-20T12:00")
    assert Keeper(basis, deadlines).run("2026-03-19T12:00", "2026-03-27T00:00") == [
        ("Fri 20 12:00", Effect.SHOW_OVERDUE),
        ("Fri 20 12:00", Effect.REMIND_DECIDER),
        (leads_at, Effect.TELL_LEADS_OF_VERDICT),
    ]


@pytest.mark.parametrize(
    ("basis", "deadlines"),
    [
        (_decided("more_information"), PATIENT),
        (_decided("reject"), OFFICE),
        (_decided("reject")._replace(status=Status.CLOSED), PATIENT),
    ],
)
def test_nothing_is_chased_where_no_verdict_is_missing(basis: TimerBasis, deadlines: Deadlines) -> None:
    """The outcome expects none, there is no such deadline, or the verdict came."""
    assert due_at(basis, deadlines) is None
    assert wanted(basis, deadlines, {}) == ()
