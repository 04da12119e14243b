"""Ralio's events in any order, again and again: the database ends as if they had come in theirs."""

from collections.abc import Sequence
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.handlers import ralio_event
from bot.handlers.ralio_event import Receipt
from bot.reviews.review import EntityType, SessionEvent, SessionState
from bot.store.store import Store
from tests.support.store import rows

_sessions = count()


@st.composite
def _arrivals(draw: st.DrawFn) -> tuple[list[tuple[int, SessionState]], list[int]]:
    """Events (a time, a state), and the order in which they arrive: each at least once."""
    one = st.tuples(st.integers(1, 4), st.sampled_from(SessionState))
    events = draw(st.lists(one, min_size=1, max_size=6))
    numbers = list(range(len(events)))
    repeats = draw(st.lists(st.sampled_from(numbers), max_size=6))
    return events, draw(st.permutations(numbers + repeats))


def _last(events: Sequence[SessionEvent]) -> SessionEvent:
    """By time; at the same time a verdict is later than the review that it ends, then by id."""
    return max(
        events,
        key=lambda event: (event.occurred_at, event.state is not SessionState.REVIEW, event.event_id),
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(arriving=_arrivals())
async def test_any_order_with_repeats_ends_in_the_last_state(
    store: Store, arriving: tuple[list[tuple[int, SessionState]], list[int]]
) -> None:
    """A repeat is known, and all of it sent once more moves nothing back."""
    told, order = arriving
    session = f"s-{next(_sessions)}"
    events = [
        SessionEvent(
            f"{session}-{number}",
            at,
            session,
            state,
            EntityType.USER,
            type="kyc_session_manual_review",
            received_at=9_000,
        )
        for number, (at, state) in enumerate(told)
    ]
    receipts = [await _receive(store, events[number]) for number in order]
    known = [number in order[:place] for place, number in enumerate(order)]
    assert receipts == [Receipt.DUPLICATE if is_known else Receipt.RECORDED for is_known in known]
    last = _last(events)
    (end,) = await _review(store, session)
    assert (end["session_state"], end["session_event_at"]) == (last.state, last.occurred_at)
    assert end["status"] == ("open" if last.state is SessionState.REVIEW else "closed")
    for event in events:
        assert await _receive(store, event) is Receipt.DUPLICATE
    assert await _review(store, session) == [end]


async def _receive(store: Store, event: SessionEvent) -> Receipt:
    return await store.write_batched(ralio_event.receive, event)


async def _review(store: Store, session: str) -> list[dict[str, object]]:
    return await rows(store, f"SELECT * FROM reviews WHERE session_id = '{session}'")  # noqa: S608 - our own words
