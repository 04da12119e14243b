"""What `stats` counts, from the audit record and never from the tables; read page by page while a server is running."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.audit.replay import Replay
from bot.reviews.audit.stored_entry import StoredEntry
from bot.reviews.review import Status
from bot.reviews.waiting_times import Round, Span, follow
from bot.store.engine.rows import as_dicts
from bot.store.engine.transaction import Reading

PAGE = 2_000


@dataclass(frozen=True, slots=True)
class ReviewNow:
    """The state of a review: `person` decided or holds it, None if no one does; `opened_at` in milliseconds."""

    queue: str
    status: Status
    person: str | None
    opened_at: int | None


async def history(
    reading: Reading, progress: Callable[[int], None]
) -> AsyncIterator[tuple[str, Span | ReviewNow]]:
    """Every review as it is now, and every wait that ended in a claim or a decision, each with its queue.

    `progress` gets how many entries were read. A page of entries is in memory at once.
    """
    review_id, current, replay = 0, None, Replay()
    last: Mapping[str, Any] | None = None
    read = 0
    async for row in _changes(reading):
        if row["review_id"] != review_id:
            if last is not None:
                yield _queue(last, replay), _now(last, replay)
            review_id, current, replay = row["review_id"], None, Replay()
        replay.follow(StoredEntry.of(row))
        current, span = _waited(current, row)
        if span is not None:
            yield _queue(row, replay), span
        last = row
        read += 1
        progress(read)
    if last is not None:
        yield _queue(last, replay), _now(last, replay)


async def _changes(reading: Reading) -> AsyncIterator[Mapping[str, Any]]:
    query = reading.sql.changes_of_all
    after = {"after_review": 0, "after_sequence": 0}
    rows: list[Any] | None = None
    while rows is None or len(rows) == PAGE:
        rows = [row async for row in query(reading.connection, **after, page=PAGE)]
        for row in as_dicts(rows):
            yield row
        if rows:
            after = {"after_review": rows[-1]["review_id"], "after_sequence": rows[-1]["sequence"]}


def _waited(current: Round | None, row: Mapping[str, Any]) -> tuple[Round | None, Span | None]:
    entry = AuditEntry(
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        from_status=Status(row["from_status"]) if row["from_status"] else None,
        to_status=Status(row["to_status"]) if row["to_status"] else None,
        version=row["version"],
    )
    return follow(current, entry)


def _queue(row: Mapping[str, Any], replay: Replay) -> str:
    """The queue on record; entries of an older version do not hold it, and then it is the table's."""
    return str(replay.values.get("queue") or row["queue"])


def _now(row: Mapping[str, Any], replay: Replay) -> ReviewNow:
    """A verdict that found only a proposal closed a review that no one had decided."""
    values = replay.values
    status = Status(str(values["status"]))
    is_proposal = status is Status.CLOSED and values.get("unconfirmed")
    person = (None if is_proposal else values.get("decided_by")) or values.get("claimed_by")
    opened_at = values.get("opened_at")
    return ReviewNow(
        _queue(row, replay),
        status,
        str(person) if person is not None else None,
        opened_at if isinstance(opened_at, int) else None,
    )
