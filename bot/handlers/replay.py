"""An operator replays quarantined events, after a new version has learned to read them."""

from asyncio import gather
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bot.handlers import ralio_event
from bot.handlers.ralio_event import Receipt
from bot.ralio.events import IgnoredEvent, MalformedEvent, parse
from bot.reviews.review import SessionEvent
from bot.store.engine.transaction import Transaction
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import events

PAGE = 50
"""Bodies in memory at once, each as large as a webhook can be."""

MAX_PROBLEM = 300

REPLAYED, REPLAYED_NOT_NEEDED = "replayed", "replayed: not needed"
"""The type of a row that was quarantined; its event, if it is one, has a row of its own."""


class ReplayResult(StrEnum):
    """How a replay of a quarantined body ended."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    NOT_NEEDED = "not_needed"
    STAYS = "stays"
    NOT_QUARANTINED = "not_quarantined"


@dataclass(frozen=True, slots=True)
class Replay:
    """Read one quarantined body again, or a page of all after row `after` where `id` is None."""

    id: int | None
    after: int = 0


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one quarantined row; `problem` says why it stays."""

    id: int
    fate: ReplayResult
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ReplayedPage:
    """What became of a page; `next_after` is None when nothing follows it."""

    rows: tuple[Replayed, ...]
    next_after: int | None


async def replay(store: Store, argument: Replay, now: int) -> ReplayedPage:
    """Replay a page of the quarantine, or one row of it; each row is recorded or stays on its own."""
    if argument.id is not None:
        return ReplayedPage((await _replay_row(store, argument.id, now),), None)
    ids = await store.read(lambda reading: events.quarantined_ids(reading, argument.after, PAGE))
    rows = await gather(*(_replay_row(store, row_id, now) for row_id in ids))
    return ReplayedPage(tuple(rows), ids[-1] if len(ids) == PAGE else None)


async def _replay_row(store: Store, row_id: int, now: int) -> Replayed:
    try:
        return await store.write(_replay, (row_id, now))
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - it is reported, and a body that we fail on must not stop the others
        # Only the kind of error: its text could hold what is in the body.
        problem = f"the bot failed to process it: {type(error).__name__}"
        return Replayed(row_id, ReplayResult.STAYS, problem)


def _replay(transaction: Transaction, row_at: tuple[int, int]) -> Replayed:
    """Take in a quarantined row (its id) as the webhook would at the given time (milliseconds).

    The row leaves the quarantine in the transaction that records its event. It leaves before anything is recorded, so
    one of two processes finds it gone.
    """
    row_id, now = row_at
    try:
        body = events.quarantined_body(transaction, row_id)
    except events.BodyNotKept:
        return Replayed(row_id, ReplayResult.STAYS, "its body was not kept because the quarantine was full")
    if body is None:
        return Replayed(row_id, ReplayResult.NOT_QUARANTINED)
    match parse(body, now):
        case SessionEvent() as event:
            if not events.leave_quarantine(transaction, row_id, REPLAYED, event.session_id):
                return Replayed(row_id, ReplayResult.NOT_QUARANTINED)
            (receipt,) = ralio_event.receive(transaction, [event])
            return Replayed(
                row_id, ReplayResult.RECORDED if receipt is Receipt.RECORDED else ReplayResult.DUPLICATE
            )
        case IgnoredEvent():
            left = events.leave_quarantine(transaction, row_id, REPLAYED_NOT_NEEDED, None)
            return Replayed(row_id, ReplayResult.NOT_NEEDED if left else ReplayResult.NOT_QUARANTINED)
        case MalformedEvent() as malformed:
            error = "; ".join(malformed.problems)
            if not events.still_malformed(transaction, row_id, error):
                return Replayed(row_id, ReplayResult.NOT_QUARANTINED)
            return Replayed(row_id, ReplayResult.STAYS, error[:MAX_PROBLEM])
        case never:
            assert_never(never)
