"""How long a review waited, told from its audit entries."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from random import Random

import pytest

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours
from bot.reviews.change import Change, Refusal, Stale
from bot.reviews.decide import decide
from bot.reviews.policy import Decision, Policy
from bot.reviews.review import TRANSITIONS, Action, Pause, Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import apply_event
from bot.reviews.snooze import Snooze
from bot.reviews.waiting_times import Round, Span, WaitKind, ended_wait, follow, snoozed_ms, working_ms
from tests.support.actions import action_request, authority, open_roster

N, C, P, D, X = Status.OPEN, Status.CLAIMED, Status.PROPOSED, Status.DECIDED, Status.CLOSED
Entry = tuple[int, str, Status | None, Status | None]


def _spans(*entries: Entry) -> list[Span]:
    found: list[Span] = []
    current: Round | None = None
    for at, actor, from_status, to_status in entries:
        current, span = follow(current, AuditEntry(at, actor, "any", from_status, to_status, 1))
        found += [span] if span else []
    return found


@pytest.mark.parametrize(
    ("entries", "spans"),
    [
        (
            [(10, "ralio", None, N), (15, "ana", N, C), (30, "ana", C, D)],
            [(WaitKind.CLAIM, "ana", 10, 15), (WaitKind.DECIDE, "ana", 10, 30)],
        ),
        (  # released and claimed again: the first claim counts, the decision is whose it is
            [
                (10, "ralio", None, N),
                (15, "ana", N, C),
                (16, "ana", C, N),
                (20, "ben", N, C),
                (30, "ben", C, D),
            ],
            [(WaitKind.CLAIM, "ana", 10, 15), (WaitKind.DECIDE, "ben", 10, 30)],
        ),
        (  # four eyes, sent back once
            [
                *[(10, "ralio", None, N), (15, "ana", N, C), (20, "ana", C, P), (25, "ben", P, C)],
                *[(26, "ana", C, P), (40, "chloe", P, D)],
            ],
            [(WaitKind.CLAIM, "ana", 10, 15), (WaitKind.DECIDE, "ana", 10, 40)],
        ),
        (  # four eyes, sent back, and then decided by somebody else alone
            [
                *[(10, "ralio", None, N), (15, "ana", N, C), (20, "ana", C, P), (25, "ben", P, C)],
                *[(26, "ana", C, N), (27, "ben", N, C), (40, "ben", C, D)],
            ],
            [(WaitKind.CLAIM, "ana", 10, 15), (WaitKind.DECIDE, "ben", 10, 40)],
        ),
        (  # reopened: each round counts
            [
                *[(10, "ralio", None, N), (15, "ana", N, C), (20, "ana", C, D), (50, "ralio", D, N)],
                *[(51, "ben", N, C), (53, "ben", C, D), (60, "ralio", D, X)],
            ],
            [
                *[(WaitKind.CLAIM, "ana", 10, 15), (WaitKind.DECIDE, "ana", 10, 20)],
                *[(WaitKind.CLAIM, "ben", 50, 51), (WaitKind.DECIDE, "ben", 50, 53)],
            ],
        ),
        (  # a verdict ends it without a decision; what is sent to review again waits anew
            [
                (10, "ralio", None, N),
                (15, "ana", N, C),
                (20, "ralio", C, X),
                (90, "ralio", X, N),
                (95, "ana", N, C),
            ],
            [(WaitKind.CLAIM, "ana", 10, 15), (WaitKind.CLAIM, "ana", 90, 95)],
        ),
        ([(10, "ralio", None, X), (20, "ralio", X, X)], []),  # only a verdict is known
        (  # what changes no state ends no wait
            [
                (10, "ralio", None, N),
                (12, "ralio", N, N),
                (15, "ana", N, C),
                (17, "ben", C, C),
                (30, "ben", C, D),
            ],
            [(WaitKind.CLAIM, "ana", 10, 15), (WaitKind.DECIDE, "ben", 10, 30)],
        ),
    ],
)
def test_what_was_waited_for(entries: list[Entry], spans: list[tuple[WaitKind, str, int, int]]) -> None:
    """From the opening to the first claim, and to the decision."""
    assert _spans(*entries) == [Span(*span) for span in spans]


def test_a_closed_review_waits_for_nobody() -> None:
    """Its round is over, whoever was on it."""
    closed = AuditEntry(20, "ralio", "close", C, X, 3)
    assert follow(Round(10, claimed=True), closed) == (None, None)


def test_a_snooze_that_ends_at_once_is_no_pause() -> None:
    """The review did not wait for anything."""
    resumed = AuditEntry(20, "ana", Action.RESUME, C, C, 3)
    assert follow(Round(10, claimed=True, snoozed_at=20), resumed) == (Round(10, claimed=True), None)


def test_a_refusal_ends_no_wait() -> None:
    """Nothing changed."""
    refused = AuditEntry(20, "dan", "claim", N, C, 1, refused="not_a_reviewer")
    assert follow(Round(10), refused) == (Round(10), None)


RULES = Policy(open_roster("UANA"), four_eyes=frozenset({"reject"}))


def _tried(review: Review, action: Action, person: str, outcome: str, at: int) -> Change | Stale | Refusal:
    """What follows if the person, or Ralio, does this now."""
    if action in (Action.RECEIVE, Action.CLOSE):
        state = SessionState.REVIEW if action is Action.RECEIVE else SessionState.VERIFIED
        return apply_event(review, SessionEvent(f"e{at}", at, "s", state, type="kyc", received_at=at))
    request = action_request(
        action,
        person,
        requested_at=at,
        decision=Decision(outcome),
        target="UBEN",
        snooze=Snooze(date(1970, 1, 5)),
        comment="Because.",
    )
    return decide(review, request, authority(RULES))


def _stepped(review: Review, random: Random, at: int) -> Change:
    """What follows from an action that is allowed now; Ralio's are rarer than people's."""
    actions = [action for status, action in TRANSITIONS if status is review.status]
    while True:
        action, person = random.choice(actions), random.choice(["UANA", "UBEN"])
        is_ralios = action in (Action.RECEIVE, Action.CLOSE)
        if is_ralios and review.status is not Status.CLOSED and random.random() < 0.9:
            continue
        step = _tried(review, action, person, random.choice(["approve", "reject"]), at)
        if isinstance(step, Change):
            return step


def _waits(random: Random) -> Iterator[tuple[str, bool]]:
    """The waits of a review at work, by the action that ended each and whether the review was snoozed in it.

    A step comes a second after the one before it. Both ways of counting find the same waits.
    """
    opened = apply_event(None, SessionEvent("e0", 0, "s", SessionState.REVIEW, type="kyc", received_at=0))
    assert isinstance(opened, Change)
    review, (current, _) = opened.after, follow(None, opened.entry)
    paused_ms = 0
    for at in range(1_000, 60_000, 1_000):
        paused_ms += 1_000 if review.snoozed_until is not None else 0
        done = _stepped(review, random, at)
        current, told = follow(current, done.entry)
        assert ended_wait(review, done.after, at) == told
        if done.consequence is not None:
            current, _ = follow(current, done.consequence)
        if told is not None:
            assert snoozed_ms(told) == (paused_ms if told.kind is WaitKind.DECIDE else 0)
            assert working_ms(told, ROUND_THE_CLOCK) == told.end - told.start - snoozed_ms(told)
            yield done.entry.action, bool(told.pauses)
        if done.after.opened_at != review.opened_at:
            paused_ms = 0
        review = done.after


def test_what_is_told_as_it_happens_is_what_the_entries_tell() -> None:
    """The metrics and `stats` count the same waits, whatever happens to a review.

    The snoozes of a wait last as long as the time between steps for which the review was snoozed.
    """
    waits = {wait for seed in range(60) for wait in _waits(Random(seed))}
    decisions = set(product([Action.RESOLVE, Action.CONFIRM], [False, True]))
    assert waits == {(Action.CLAIM, False)} | decisions, "each kind of wait happened"


def test_working_time_is_in_business_hours_and_outside_snoozes() -> None:
    """Opened on a Friday at three, snoozed from four until Monday at ten, decided at eleven."""
    office = BusinessHours(days=frozenset(range(5)), opens_min=9 * 60, closes_min=17 * 60)
    hour_ms, friday = 3_600_000, 1_773_964_800_000 + 54_000_000  # 2026-03-20, 15:00 UTC
    monday = friday + 3 * 24 * hour_ms
    span = Span(
        WaitKind.DECIDE,
        "ana",
        friday,
        monday - 4 * hour_ms,
        (Pause(friday + hour_ms, monday - 5 * hour_ms),),
    )
    assert working_ms(span, office) == 2 * hour_ms
    assert snoozed_ms(span) == 66 * hour_ms
