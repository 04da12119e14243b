"""Ralio's events in any order, again and again, from clocks that are right or not: the database ends in one state."""

from asyncio import gather
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.handlers import ralio_event
from bot.handlers.ralio_event import Receipt
from bot.ralio.events import SESSION_STATES
from bot.reviews.event_problems import VerdictDropped
from bot.reviews.review import Action, EntityType, SessionEvent, SessionState
from bot.store.store import Store
from bot.store.tables.notification_codec import decode
from tests.support.store import act, propose, rows

_sessions = count()


TYPES = {state: type_ for type_, state in SESSION_STATES.items()}
NOW = 1_800_000_000_000
MINUTE = 60_000
DAY = 1_440 * MINUTE


@st.composite
def _arrivals(draw: st.DrawFn) -> tuple[list[tuple[int, int, SessionState]], list[int]]:
    """Events (a sender's time, when it is received, a state), and an order of arrival: each at least once.

    A sender's clock is right, ahead by more or less than is believed, by a day, or behind.
    """
    skew = st.sampled_from([0, 0, 1, 4 * MINUTE, 5 * MINUTE, 5 * MINUTE + 1, 6 * MINUTE, DAY, -MINUTE, -DAY])
    minute = st.integers(0, 12).map(lambda number: NOW + number * MINUTE)
    one = st.tuples(minute, skew, st.sampled_from(SessionState))
    drawn = draw(st.lists(one, min_size=1, max_size=6))
    events = [(received_at + ahead, received_at, state) for received_at, ahead, state in drawn]
    numbers = list(range(len(events)))
    repeats = draw(st.lists(st.sampled_from(numbers), max_size=6))
    return events, draw(st.permutations(numbers + repeats))


def _ordered_at(event: SessionEvent) -> int:
    return min(event.occurred_at, event.received_at + 5 * MINUTE)


def _last(events: Sequence[SessionEvent]) -> SessionEvent:
    """By time; at the same time a verdict is later than the review that it ends, then by id."""
    return max(
        events,
        key=lambda event: (_ordered_at(event), event.state is not SessionState.REVIEW, event.event_id),
    )


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(arriving=_arrivals())
async def test_any_order_with_repeats_ends_in_the_last_state(
    store: Store, arriving: tuple[list[tuple[int, int, SessionState]], list[int]]
) -> None:
    """A repeat is known, also under another id, and all of it sent once more moves nothing back."""
    told, order = arriving
    session = f"s-{next(_sessions)}"
    events = [
        SessionEvent(
            f"{session}-{number}",
            at,
            session,
            state,
            entity_type=EntityType.USER,
            type=TYPES[state],
            received_at=received_at,
        )
        for number, (at, received_at, state) in enumerate(told)
    ]
    receipts = [await _receive(store, events[number]) for number in order]
    seen: set[tuple[str, int]] = set()
    counted: list[SessionEvent] = []
    for number, receipt in zip(order, receipts, strict=True):
        occurrence = (events[number].type, events[number].occurred_at)
        assert receipt is (Receipt.DUPLICATE if occurrence in seen else Receipt.RECORDED)
        if occurrence not in seen:
            counted.append(events[number])
        seen.add(occurrence)
    last = _last(counted)
    (end,) = await _review(store, session)
    assert (end["session_state"], end["session_event_at"]) == (last.state, _ordered_at(last))
    assert end["status"] == ("open" if last.state is SessionState.REVIEW else "closed")
    for number, event in enumerate(events):
        assert await _receive(store, event) is Receipt.DUPLICATE
        again = event._replace(event_id=f"{session}-again-{number}", received_at=event.received_at + MINUTE)
        assert await _receive(store, again) is Receipt.DUPLICATE
    assert await _review(store, session) == [end]


async def test_a_batch_counts_each_occurrence_once(store: Store) -> None:
    """Fifty ids for one occurrence at once, as from a sender that makes one for each attempt."""
    first = SessionEvent(
        "first", NOW, "s-batch", SessionState.REVIEW, type="kyc_session_manual_review", received_at=NOW
    )
    receipts = await gather(
        *(_receive(store, first._replace(event_id=f"batch-{number}")) for number in range(50))
    )
    assert sorted(receipts) == [Receipt.DUPLICATE] * 49 + [Receipt.RECORDED]
    assert len(await rows(store, "SELECT id FROM events WHERE session_id = 's-batch'")) == 1
    assert len(await rows(store, "SELECT id FROM audit")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"occurred_at": NOW + 1},
        {"session_id": "s-other"},
        {"type": "kyc_session_verified", "state": SessionState.VERIFIED},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_another_occurrence_is_not_a_repeat(store: Store, change: dict[str, Any]) -> None:
    """Session, type and time must all be the same; under the same id it is a duplicate, and that is logged."""
    first = SessionEvent(
        "first", NOW, "s-1", SessionState.REVIEW, type="kyc_session_manual_review", received_at=NOW
    )
    assert await _receive(store, first) is Receipt.RECORDED
    before = await _review(store, "s-1")
    with capture_logs() as logged:
        assert await _receive(store, first._replace(**change)) is Receipt.DUPLICATE
        assert await _receive(store, first) is Receipt.DUPLICATE
    (warning,) = [entry for entry in logged if entry["log_level"] == "warning"]
    assert (warning["event"], warning["event_id"]) == ("event_id_reused", "first")
    assert await _review(store, "s-1") == before
    assert await _receive(store, first._replace(event_id="second", **change)) is Receipt.RECORDED


@pytest.mark.parametrize("status", ["open", "claimed", "proposed", "decided"])
async def test_a_verdict_that_is_dropped_while_its_review_is_open_is_reported(
    store: Store, status: str
) -> None:
    """A clock was ahead when the review was opened: operators are alerted, once an hour for each session."""
    session = f"s-{status}"
    ahead = SessionEvent(
        "ahead",
        NOW + DAY,
        session,
        SessionState.REVIEW,
        entity_type=EntityType.USER,
        type="kyc_session_manual_review",
        received_at=NOW,
    )
    verdict = SessionEvent(
        "verdict",
        NOW + MINUTE,
        session,
        SessionState.VERIFIED,
        type="kyc_session_verified",
        received_at=NOW + MINUTE,
    )
    with capture_logs() as logged:
        await _receive(store, ahead)
        if status == "proposed":
            await propose(store, session, "UANNA", NOW)
        elif status != "open":
            await act(store, session, "UANNA", Action.CLAIM, NOW)
        if status == "decided":
            await act(store, session, "UANNA", Action.RESOLVE, NOW)
        await _receive(store, verdict)
        await _receive(store, verdict._replace(event_id="another", occurred_at=NOW + MINUTE + 1))
    warnings = [entry["event"] for entry in logged if entry["log_level"] == "warning"]
    assert warnings == ["event_clock_ahead", "verdict_dropped", "verdict_dropped"]
    (alert,) = await rows(store, "SELECT arguments FROM deliveries WHERE kind = 'operations_notice'")
    assert decode(alert["arguments"]) == VerdictDropped(session, SessionState.VERIFIED)
    (review,) = await _review(store, session)
    assert review["status"] == status

    later = verdict._replace(event_id="later", occurred_at=NOW + 6 * MINUTE, received_at=NOW + 6 * MINUTE)
    assert await _receive(store, later) is Receipt.RECORDED
    (review,) = await _review(store, session)
    assert review["status"] == "closed"
    await _receive(store, verdict._replace(event_id="late", occurred_at=NOW + MINUTE + 2))
    assert len(await rows(store, "SELECT id FROM deliveries WHERE kind = 'operations_notice'")) == 1


async def _receive(store: Store, event: SessionEvent) -> Receipt:
    return await store.write_batched(ralio_event.receive, event)


async def _review(store: Store, session: str) -> list[dict[str, object]]:
    return await rows(store, f"SELECT * FROM reviews WHERE session_id = '{session}'")  # noqa: S608 - our own words
