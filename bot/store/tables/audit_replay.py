"""Comparing the record with the tables that the bot works with: reviews, legal holds and events, page by page.

While a server is running, a page can change while it is read, so a session that seems to differ is read again.
"""

import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.reviews.audit.difference import Difference
from bot.reviews.audit.evidence import digest
from bot.reviews.audit.replay import Replay
from bot.reviews.audit.stored_entry import StoredEntry
from bot.reviews.ids import canonical_id
from bot.reviews.review import MAX_SKEW_MS
from bot.store.engine.rows import as_tuples, fetched, values_of
from bot.store.engine.transaction import Reading
from bot.store.tables.undecodable import READ_ERRORS, is_undecodable

PAGE = 500
TRIES = 3
MOST_TEXTS = 10_000
FIRST = -(2**63)
NOT_COMPARED = 4
"""The first columns of `reviews_to_compare`; those that are compared follow them."""

COMPARED = (
    *("entity_type", "subject_id", "queue", "checks", "fetched_checks", "verdict_checks", "session_state"),
    *(
        "session_event_at",
        "session_event_id",
        "status",
        "claimed_by",
        "claimed_at",
        "outcome",
        "reason",
        "note",
    ),
    *("decided_by", "decided_at", "confirmed_by", "confirmed_at", "unconfirmed", "recorded_afterwards"),
    *("earlier_decision", "escalated_by", "escalated_at", "opened_at", "disagreement", "snoozed_until"),
    *("snooze_reason", "pauses", "hold_reason", "placed_by", "placed_at"),
)


@dataclass(slots=True)
class Comparison:
    """How much was compared so far."""

    reviews: int = 0
    events: int = 0
    sound_texts: set[str] = field(default_factory=set)
    """The digests of the texts that match theirs."""


@dataclass(slots=True)
class _Session:
    """A review's row, what the record says, and its events as they are stored, by their ids in one spelling.

    `found` are the row's values that are compared, in the order of `COMPARED`.
    """

    row: Mapping[str, Any]
    found: tuple[object, ...]
    replay: Replay = field(default_factory=Replay)
    events: dict[str, tuple[object, object]] = field(default_factory=dict)
    """Ralio's time and the time of receipt of each (milliseconds)."""

    @property
    def events_session(self) -> object:
        """The session id of its events: migration 0006 gave some reviews another one."""
        sealed_as = self.row["sealed_as"]
        return canonical_id(sealed_as) if isinstance(sealed_as, str) else self.row["session_id"]


async def compare(
    reading: Reading, purged_before: int, comparison: Comparison, progress: Callable[[int], None]
) -> AsyncIterator[Difference]:
    """Every difference between the record and the tables.

    The entries themselves must have been verified. Events of before `purged_before` (milliseconds) can have lost their
    review to a purge. `progress` gets the number of each review.
    """
    after, size = FIRST, PAGE
    while True:
        try:
            page = await _page(reading, after, size)
            found = [
                each
                for session in page
                if _may_differ(session)
                for each in await _confirmed(reading, session)
            ]
            found += [
                each
                for session in page
                if not session.replay.policies <= comparison.sound_texts
                for each in await _text_differences(reading, session, comparison)
            ]
        except READ_ERRORS as error:
            if not is_undecodable(error):
                raise
            if size > 1:
                size = 1
                continue
            row = await reading.sql.review_id_after(reading.connection, after=after)
            after = row["id"]
            yield Difference(f"of review {after}", "text", "readable", "not readable")
            continue
        if not page:
            break
        for difference in found:
            yield difference
        for session in page:
            comparison.reviews += 1
            comparison.events += len(session.replay.events)
            progress(session.row["id"])
        after = page[-1].row["id"]
    for difference in await _without_review(reading, purged_before):
        yield difference


async def _without_review(reading: Reading, purged_before: int) -> list[Difference]:
    found = reading.sql.events_without_review(reading.connection, since=purged_before)
    try:
        return [Difference(row["session_id"], "event", None, row["event_id"]) async for row in found]
    except READ_ERRORS as error:
        if not is_undecodable(error):
            raise
        return [Difference("of no review", "event", None, "one whose texts are not readable")]


async def differences_of(reading: Reading, review_id: int) -> list[Difference]:
    """Every difference between the record and the tables in one review."""
    page = await _page(reading, review_id - 1, 1)
    if not page or page[0].row["id"] != review_id:
        return []
    return await _confirmed(reading, page[0]) + await _text_differences(reading, page[0], Comparison())


async def _page(reading: Reading, after: int, size: int) -> list[_Session]:
    rows = await fetched(reading.sql.reviews_to_compare_cursor(reading.connection, after=after, page=size))
    page = [_Session(row, values_of(row)[NOT_COMPARED:]) for row in rows]
    if page:
        await _read_record(reading, page)
    return page


async def _read_record(reading: Reading, page: list[_Session]) -> None:
    """Read the entries and the events of reviews that follow each other."""
    by_id = {session.row["id"]: session for session in page}
    first, last = page[0].row["id"], page[-1].row["id"]
    entries = await fetched(reading.sql.entries_to_compare_cursor(reading.connection, first=first, last=last))
    for entry in as_tuples(entries, StoredEntry):
        if (session := by_id.get(entry.review_id)) is not None:
            session.replay.follow(entry)
    by_session = {session.events_session: session for session in page}
    ids = json.dumps([id_ for id_ in by_session if isinstance(id_, str)])
    events = await fetched(reading.sql.events_of_sessions_cursor(reading.connection, session_ids=ids))
    for event_id, session_id, occurred_at, received_at in map(values_of, events):
        if isinstance(event_id, str):
            by_session[session_id].events[canonical_id(event_id)] = (occurred_at, received_at)


async def _confirmed(reading: Reading, session: _Session) -> list[Difference]:
    """The differences of a session that are still there when it is read again."""
    differences = await _differences(reading, session)
    for _ in range(TRIES - 1):
        if not differences:
            break
        again = await _page(reading, session.row["id"] - 1, 1)
        if not again or again[0].row["id"] != session.row["id"]:
            return []  # it was purged just now
        differences = await _differences(reading, again[0])
    return differences


def _may_differ(session: _Session) -> bool:
    """Whether more must be read to rule out a difference; nearly always there is none."""
    replay, events, found = session.replay, session.events, session.found
    values = replay.values
    # Entries of an older version say less: a field that they do not hold counts as it was found.
    recorded = tuple(map(values.get, COMPARED, found))
    if (
        recorded != found
        or not replay.entries
        or replay.version != session.row["version"]
        or events.keys() != replay.events
        or not replay.event_times.items() <= events.items()
    ):
        return True
    return bool("session_event_at" not in values and _newest_difference(session))


async def _differences(reading: Reading, session: _Session) -> list[Difference]:
    differences = session.replay.differences(session.row)
    if session.replay.entries:
        differences += await _event_differences(reading, session)
    return differences


async def _text_differences(reading: Reading, session: _Session, comparison: Comparison) -> list[Difference]:
    """The policies that decisions were made under must be kept, each as it was."""
    result = []
    for name in sorted(session.replay.policies - comparison.sound_texts):
        text = await audit_text(reading, name)
        if text is not None and digest(text) == name:
            if len(comparison.sound_texts) > MOST_TEXTS:
                comparison.sound_texts.clear()
            comparison.sound_texts.add(name)
        else:
            found = None if text is None else "another text"
            result.append(Difference(session.row["session_id"], "policy in force", name, found))
    return result


async def audit_text(reading: Reading, name: str) -> str | None:
    """The text with this digest as it is kept; None when there is none."""
    row = await reading.sql.audit_text(reading.connection, digest=name)
    return row["text"] if row is not None and isinstance(row["text"], str) else None


async def _event_differences(reading: Reading, session: _Session) -> list[Difference]:
    session_id, replay, events = session.row["session_id"], session.replay, session.events
    if missing := replay.events - events.keys():
        events |= await _by_id(reading, missing, session.events_session)
    result = [
        Difference(session_id, "event", event_id, None) for event_id in sorted(replay.events - events.keys())
    ]
    if unknown := events.keys() - replay.events:
        unknown -= await _events_of_namesakes(reading, session)
        result += [Difference(session_id, "event", None, event_id) for event_id in sorted(unknown)]
    for event_id, times in replay.event_times.items():
        if event_id in events:
            found = events[event_id]
            if found != times:
                result.append(Difference(session_id, f"times of event {event_id}", times, found))
    if "session_event_at" not in replay.values:
        result += _newest_difference(session)
    return result


def _newest_difference(session: _Session) -> list[Difference]:
    """Entries of older versions do not hold Ralio's time, but the inbox does."""
    id_ = str(session.replay.values.get("session_event_id"))
    occurred_at, received_at = session.events.get(id_, (None, None))
    if not isinstance(occurred_at, int) or not isinstance(received_at, int):
        return []
    ordered_at = min(occurred_at, received_at + MAX_SKEW_MS)
    found = session.row["session_event_at"]
    if found == ordered_at:
        return []
    return [Difference(session.row["session_id"], "session_event_at", ordered_at, found)]


async def _by_id(
    reading: Reading, event_ids: Collection[str], session_id: object
) -> dict[str, tuple[object, object]]:
    """The times of events that have these ids and this session; those that repeat an occurrence are only found so."""
    found = reading.sql.events_by_event_id(reading.connection, event_ids=json.dumps(sorted(event_ids)))
    return {
        canonical_id(row["event_id"]): (row["occurred_at"], row["received_at"])
        async for row in found
        if row["session_id"] == session_id
    }


async def _events_of_namesakes(reading: Reading, session: _Session) -> set[str]:
    """The events on record for other reviews of the same session, which migration 0006 kept apart."""
    events: set[str] = set()
    found = reading.sql.namesakes(
        reading.connection, first=f"{session.events_session}:", end=f"{session.events_session};"
    )
    for row in [row async for row in found]:
        for namesake in await _page(reading, row["id"] - 1, 1):
            events |= namesake.replay.events
    found = reading.sql.review_of_session(reading.connection, session_id=str(session.events_session))
    if (row := await found) is not None and row["id"] != session.row["id"]:
        for namesake in await _page(reading, row["id"] - 1, 1):
            events |= namesake.replay.events
    return events
