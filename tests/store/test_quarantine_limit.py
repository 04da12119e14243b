"""The quarantine is capped by bytes: beyond that a broken sender leaves hashes, sizes and errors, and no bodies."""

import hashlib

import pytest

from bot.handlers.replay import Replay, ReplayResult, replay
from bot.ralio.events import MalformedEvent
from bot.store.store import Store
from bot.store.tables import events
from bot.store.tables.events import LEAST_BODY_BYTES, QUARANTINE_BYTES
from tests.support.look import look_into

QUARTER = QUARANTINE_BYTES // 4


def _malformed(body: bytes) -> MalformedEvent:
    return MalformedEvent(is_json=False, problems=("the body is not JSON",), body=body, received_at=1_000)


@pytest.mark.leaves_undelivered  # the alert: no bot runs here
async def test_beyond_the_limit_a_body_is_not_kept_and_readiness_can_say_so(
    store: Store, database_url: str
) -> None:
    """The row says what came; replaying it says why it can't be read again."""
    for number in range(4):
        await store.write(events.quarantine, _malformed(bytes([number]) * (QUARTER - LEAST_BODY_BYTES)))
    assert await store.read(events.dropped_bodies) == 0
    for number in range(5):  # 4 x 4 KiB were left, whatever the size of a small body
        await store.write(events.quarantine, _malformed(b"small %d" % number))
    rows = look_into(database_url, "SELECT * FROM events ORDER BY id")
    assert [row["body"] is not None for row in rows] == [True] * 8 + [False]
    assert rows[-1]["event_id"] == f"sha256:{hashlib.sha256(b'small 4').hexdigest()}"
    assert (rows[-1]["body_size"], rows[-1]["error"]) == (7, "the body is not JSON")
    assert await store.read(events.dropped_bodies) == 1
    (replayed,) = (await replay(store, Replay(rows[-1]["id"]), 2_000)).rows
    assert (replayed.fate, replayed.problem) == (
        ReplayResult.STAYS,
        "its body was not kept because the quarantine was full",
    )


@pytest.mark.leaves_undelivered  # the alert: no bot runs here
async def test_what_leaves_the_quarantine_makes_room(store: Store, database_url: str) -> None:
    """An operator who replays what was quarantined ends the problem for later events."""
    for number in range(5):
        await store.write(events.quarantine, _malformed(bytes([number]) * QUARTER))
    first = look_into(database_url, "SELECT min(id) AS id FROM events")[0]["id"]
    await store.write(
        lambda transaction, row_id: events.leave_quarantine(transaction, row_id, "replayed", None), first
    )
    await store.write(events.quarantine, _malformed(b"later"))
    rows = look_into(database_url, "SELECT body FROM events ORDER BY id")
    assert [row["body"] is not None for row in rows] == [False, True, True, True, False, True]
