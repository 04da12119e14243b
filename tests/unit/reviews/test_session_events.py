"""What Ralio's events mean for a review, in whatever order they arrive."""

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.audit.entry import RALIO, AuditEntry
from bot.reviews.change import Change, Stale
from bot.reviews.checks import Check, Checks
from bot.reviews.review import (
    Action,
    Disagreement,
    EarlierDecision,
    EntityType,
    Review,
    SessionEvent,
    SessionState,
    Status,
)
from bot.reviews.session_events import apply_event

NOW = 9_000
CONFIRMED = EarlierDecision("approve", "fine", "Looks good.", "UANNA", 7_000, "UBORIS", 8_000)
VERDICTS = [SessionState.VERIFIED, SessionState.REJECTED, SessionState.EXPIRED]

ReviewIn = Callable[[Status], Review]


def _event(state: SessionState, at: int = 2_000, event_id: str = "event-2") -> SessionEvent:
    return SessionEvent(event_id, at, "session-1", state, type="kyc", received_at=NOW)


def _changed(review: Review | None, event: SessionEvent) -> Review:
    step = apply_event(review, event)
    assert isinstance(step, Change)
    return step.after


def test_the_first_review_event_opens_a_review() -> None:
    """Everything that the event tells is kept, and the record begins with it."""
    checks = (Check("face-matching", "refused", ("LOW_CONFIDENCE",)),)
    event = SessionEvent(
        "event-1",
        1_000,
        "session-1",
        SessionState.REVIEW,
        entity_type=EntityType.RELATED_PARTY,
        subject_id="party-1",
        checks=checks,
        type="kyc",
        received_at=NOW,
    )
    after = Review(
        session_id="session-1",
        entity_type=EntityType.RELATED_PARTY,
        queue="related-party",
        session_state=SessionState.REVIEW,
        session_event_at=1_000,
        session_event_id="event-1",
        status=Status.OPEN,
        subject_id="party-1",
        checks=Checks(checks),
        opened_at=NOW,
        status_since=NOW,
    )
    detail = {
        "event_id": "event-1",
        "session_state": "REVIEW",
        "occurred_at": "1000",
        "entity_type": "related-party",
        "subject_id": "party-1",
        "checks": '[["face-matching", "refused", ["LOW_CONFIDENCE"], null, 0]]',
    }
    entry = AuditEntry(NOW, RALIO, Action.RECEIVE, None, Status.OPEN, 1, detail=detail)
    change = apply_event(None, event)
    assert isinstance(change, Change)
    assert (change.after, change.entry) == (after, entry)


def test_an_event_without_an_entity_type_is_about_a_user() -> None:
    """The older envelope does not name it."""
    after = _changed(None, _event(SessionState.REVIEW))
    assert (after.entity_type, after.queue) == (EntityType.USER, "user")


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_that_comes_first_opens_no_card(verdict: SessionState) -> None:
    """The review begins closed, and was never in review here."""
    after = _changed(None, _event(verdict))
    assert (after.status, after.session_state, after.opened_at) == (Status.CLOSED, verdict, None)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_review_event_that_comes_after_its_own_verdict_is_stale(verdict: SessionState) -> None:
    """The verdict stands, and the late event is on record with the state that it could not change."""
    closed = _changed(None, _event(verdict, at=2_000))
    late = _event(SessionState.REVIEW, at=1_999, event_id="event-1")
    detail = {"event_id": "event-1", "session_state": "REVIEW", "occurred_at": "1999"}
    entry = AuditEntry(
        NOW, RALIO, Action.RECEIVE, Status.CLOSED, Status.CLOSED, 1, refused="stale", detail=detail
    )
    assert apply_event(closed, late) == Stale(entry)


def test_a_newer_review_event_after_an_early_verdict_opens_the_review_in_its_own_queue() -> None:
    """While nothing was posted yet, the review event knows best whose session it is."""
    closed = _changed(None, _event(SessionState.EXPIRED, at=2_000))
    again = _event(SessionState.REVIEW, at=3_000, event_id="event-3")._replace(
        entity_type=EntityType.RELATED_PARTY
    )
    after = _changed(closed, again)
    assert (after.status, after.queue, after.opened_at) == (Status.OPEN, "related-party", NOW)
    assert (after.session_state, after.version) == (SessionState.REVIEW, 2)


def test_a_review_that_was_posted_stays_in_its_queue(review_in: ReviewIn) -> None:
    """A card does not move to another channel."""
    again = _event(SessionState.REVIEW)._replace(entity_type=EntityType.RELATED_PARTY)
    after = _changed(review_in(Status.OPEN), again)
    assert (after.entity_type, after.queue) == (EntityType.USER, "user")


@pytest.mark.parametrize("status", [Status.OPEN, Status.CLAIMED, Status.PROPOSED])
def test_a_second_review_event_loses_nothing_of_work_under_way(review_in: ReviewIn, status: Status) -> None:
    """Only the event and the version are new."""
    review = review_in(status)
    after = _changed(review, _event(SessionState.REVIEW))
    assert after == review._replace(session_event_at=2_000, session_event_id="event-2", version=4, revision=2)


@pytest.mark.parametrize("status", [Status.DECIDED, Status.CLOSED])
def test_a_second_review_event_reopens_what_was_finished(review_in: ReviewIn, status: Status) -> None:
    """It is open from now on, with nobody's claim and nobody's decision; the earlier decision is kept apart."""
    after = _changed(review_in(status), _event(SessionState.REVIEW))
    fresh = review_in(Status.OPEN)._replace(session_event_at=2_000, session_event_id="event-2")
    assert after == fresh._replace(
        earlier_decision=CONFIRMED, opened_at=NOW, status_since=NOW, version=4, revision=2
    )


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_closes_frees_the_claim_and_keeps_the_decision(
    review_in: ReviewIn, status: Status, verdict: SessionState
) -> None:
    """Who decided or proposed what stays readable next to what Ralio says."""
    review = review_in(status)
    was_decided = status in (Status.DECIDED, Status.CLOSED)
    is_expired = verdict is SessionState.EXPIRED
    missing = Disagreement.UNCONFIRMED if status is Status.PROPOSED else Disagreement.UNDECIDED
    step = apply_event(review, _event(verdict))
    after = review._replace(
        status=Status.CLOSED,
        session_state=verdict,
        session_event_at=2_000,
        session_event_id="event-2",
        claimed_by=None,
        claimed_at=None,
        active_at=None,
        status_since=review.status_since if status is Status.CLOSED else NOW,
        disagreement=None if was_decided or is_expired else missing,
        version=4,
        revision=2,
    )
    detail = {
        "event_id": "event-2",
        "session_state": verdict.value,
        "occurred_at": "2000",
        "entity_type": "user",
        "subject_id": "user-1",
    }
    if after.disagreement is not None:
        detail["disagreement"] = after.disagreement.value
    assert isinstance(step, Change)
    assert step.after == after
    assert step.entry == AuditEntry(NOW, RALIO, Action.CLOSE, status, Status.CLOSED, 4, detail=detail)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("state", SessionState)
def test_an_event_older_than_what_is_known_moves_nothing(
    review_in: ReviewIn, status: Status, state: SessionState
) -> None:
    """It is recorded as stale, with the state and the version that stay."""
    review = review_in(status)
    event = _event(state, at=999, event_id="event-0")
    detail = {"event_id": "event-0", "session_state": state.value, "occurred_at": "999"}
    entry = AuditEntry(NOW, RALIO, event.action, status, status, 3, refused="stale", detail=detail)
    assert apply_event(review, event) == Stale(entry)


@pytest.mark.parametrize(
    ("known", "known_id", "arrives", "arriving_id", "counts"),
    [
        (SessionState.REVIEW, "b", SessionState.VERIFIED, "a", True),
        (SessionState.VERIFIED, "a", SessionState.REVIEW, "b", False),
        (SessionState.REVIEW, "b", SessionState.REVIEW, "a", True),
        (SessionState.VERIFIED, "a", SessionState.REJECTED, "b", True),
        (SessionState.VERIFIED, "b", SessionState.REJECTED, "a", False),
        (SessionState.EXPIRED, "a", SessionState.EXPIRED, "a", False),
    ],
)
def test_of_events_of_the_same_moment_the_verdict_wins_then_the_higher_id(
    known: SessionState, known_id: str, arrives: SessionState, arriving_id: str, *, counts: bool
) -> None:
    """A session cannot come to review after its own verdict, and a further review is never lost."""
    review = _changed(None, _event(known, event_id=known_id))
    step = apply_event(review, _event(arrives, event_id=arriving_id))
    assert isinstance(step, Change) is counts


def test_a_subject_and_checks_that_are_known_are_not_forgotten(review_in: ReviewIn) -> None:
    """Newer events often tell less than older ones."""
    checks = Checks((Check("face-matching", "refused"),))
    review = review_in(Status.OPEN)._replace(checks=checks)
    after = _changed(review, _event(SessionState.REVIEW))
    assert (after.subject_id, after.checks) == ("user-1", checks)


def test_a_subject_and_checks_that_come_later_are_taken(review_in: ReviewIn) -> None:
    """An unknown subject becomes known, and newer checks replace older ones."""
    checks = (Check("document-verification", "validated"),)
    review = review_in(Status.OPEN)._replace(
        subject_id=None, checks=Checks((Check("face-matching", "refused"),))
    )
    event = _event(SessionState.REVIEW)._replace(subject_id="user-9", checks=checks)
    after = _changed(review, event)
    assert (after.subject_id, after.checks) == ("user-9", Checks(checks))


def _end(events: Sequence[SessionEvent], review: Review | None = None) -> Review:
    for event in events:
        step = apply_event(review, event)
        if isinstance(step, Change):
            review = step.after
    assert review is not None
    return review


@st.composite
def _events_in_two_orders(
    draw: st.DrawFn, *, distinct: bool
) -> tuple[list[SessionEvent], list[SessionEvent]]:
    times = draw(st.lists(st.integers(1, 10_000 if distinct else 3), min_size=1, max_size=8, unique=distinct))
    states = draw(st.lists(st.sampled_from(SessionState), min_size=len(times), max_size=len(times)))
    events = [
        _event(state, at, f"event-{number}")
        for number, (at, state) in enumerate(zip(times, states, strict=True))
    ]
    return events, draw(st.permutations(events))


@settings(max_examples=200, deadline=None)
@given(_events_in_two_orders(distinct=True))
def test_any_order_of_arrival_ends_in_the_state_of_the_newest_event(
    orders: tuple[list[SessionEvent], list[SessionEvent]],
) -> None:
    """Delivery has no guaranteed order; the time that Ralio gave has."""
    events, arriving = orders
    newest = max(events, key=lambda event: event.occurred_at)
    end = _end(arriving)
    assert (end.session_state, end.session_event_id) == (newest.state, newest.event_id)
    assert end.status is (Status.OPEN if newest.state is SessionState.REVIEW else Status.CLOSED)


@settings(max_examples=200, deadline=None)
@given(_events_in_two_orders(distinct=True), st.randoms(use_true_random=False))
def test_a_replay_of_everything_moves_nothing_back(
    orders: tuple[list[SessionEvent], list[SessionEvent]], random: Random
) -> None:
    """Ralio may send each event again, at any time, in any order."""
    events, arriving = orders
    end = _end(arriving)
    random.shuffle(events)
    replayed = _end(events, end)
    assert replayed == end._replace(version=replayed.version, revision=replayed.revision)


@settings(max_examples=200, deadline=None)
@given(_events_in_two_orders(distinct=False))
def test_even_with_equal_times_any_two_orders_end_alike(
    orders: tuple[list[SessionEvent], list[SessionEvent]],
) -> None:
    """The ties are broken by what the events are, not by when they arrive."""
    ends = [_end(order) for order in orders]
    assert ends[0].session_state is ends[1].session_state
    assert ends[0].status is ends[1].status


def test_after_an_early_verdict_the_review_event_says_whose_session_it_is() -> None:
    """The verdict named the business user, the review is about the related party."""
    early = SessionEvent(
        "e2",
        2_000,
        "s",
        SessionState.EXPIRED,
        entity_type=None,
        subject_id="business-user-1",
        type="kyc",
        received_at=NOW,
    )
    first = apply_event(None, early)
    assert isinstance(first, Change)
    later = SessionEvent(
        "e3",
        3_000,
        "s",
        SessionState.REVIEW,
        entity_type=EntityType.RELATED_PARTY,
        subject_id="party-1",
        type="kyc",
        received_at=NOW,
    )
    second = apply_event(first.after, later)
    assert isinstance(second, Change)
    assert (second.after.queue, second.after.subject_id) == ("related-party", "party-1")
    assert second.after.entity_type is EntityType.RELATED_PARTY
