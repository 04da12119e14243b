"""One session's case according to the record: its review, every entry with its proof, and where its card is."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.reviews.audit.difference import Difference
from bot.reviews.audit.entry import Keys, canonical, read_detail
from bot.reviews.audit.evidence import CARD, CHECKS, card_as_text, digest
from bot.reviews.audit.replay import Replay
from bot.reviews.audit.stored_entry import StoredEntry
from bot.reviews.checks_text import checks_as_text
from bot.reviews.review import Review
from bot.store.engine.transaction import Reading
from bot.store.tables.audit_replay import audit_text, differences_of
from bot.store.tables.history import SentMessage, sent_messages
from bot.store.tables.reviews import review_of
from bot.store.tables.staff_names import StaffName, names_of
from bot.store.tables.subjects import SubjectReviews, earlier_reviews


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """An entry as it is stored, with the seals before it; `sound` says whether its own seal matches all of that.

    `fits_evidence`: whether the checks and the card that its digests name are those on record before it; None for an
    entry without digests.
    """

    row: Mapping[str, Any]
    sound: bool
    fits_evidence: bool | None = None
    before: Review | None = None
    """The review before a decision, as far as the decider could know it; None for another entry."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known about a session; `shown_version` is the review's version that the card in Slack shows.

    `review` is what the record says; its fields named in `unproven` are not on record and come from the table.
    `differences` are those between the record and the tables. `earlier` are the reviews of the same subject that were
    opened before.
    """

    review: Review
    channel: str | None
    message_ts: str | None
    shown_version: int
    entries: tuple[CaseEntry, ...]
    earlier: SubjectReviews
    unproven: frozenset[str]
    policies: Mapping[str, str | None]
    """The text of each policy that a decision was made under, by its digest; None for one that is not kept."""
    differences: tuple[Difference, ...]
    names: Mapping[str, Sequence[StaffName]]
    """What the people were called, by their ids, oldest first."""
    messages: Sequence[SentMessage]
    """What Slack has besides the card; this is not on record."""

    @property
    def unbroken(self) -> bool:
        """Whether every entry is sound and none of the session's own is missing between them."""
        own = [entry.row["sequence"] for entry in self.entries if entry.row["session_id"] is not None]
        return own == list(range(1, len(own) + 1)) and all(entry.sound for entry in self.entries)


async def case(reading: Reading, keys: Keys, session_id: str) -> Case | None:
    """The case of a session; None when there is no review of it."""
    row = await reading.sql.review_of_session(reading.connection, session_id=session_id)
    if row is None:
        return None
    spellings = (session_id, row["sealed_as"] or session_id)
    mention, older_mention = (f'%"session_id": {json.dumps(id_, ensure_ascii=False)}%' for id_ in spellings)
    found = reading.sql.case_entries(
        reading.connection, review_id=row["id"], mention=mention, older_mention=older_mention
    )
    entries = [each async for entry in found if _is_about(each := dict(entry), spellings)]
    replay = Replay()
    proven = []
    for entry in entries:
        before = _recorded(row, replay) if CARD in read_detail(entry["detail"]) else None
        fits = None if before is None else _fits_evidence(entry, before)
        proven.append(CaseEntry(entry, _sound(keys, entry), fits, before))
        if entry["session_id"] is not None:
            replay.follow(StoredEntry.of(entry))
    review = _recorded(row, replay)
    return Case(
        review,
        row["channel"],
        row["message_ts"],
        row["shown_version"] or 0,
        tuple(proven),
        await earlier_reviews(reading, review),
        frozenset(Review._fields) - replay.values.keys() - _NOT_EVIDENCE,
        {name: await audit_text(reading, name) for name in sorted(replay.policies)},
        tuple(await differences_of(reading, row["id"])),
        {person: await names_of(reading, keys, person) for person in _people(entries, review)},
        await sent_messages(reading, row["id"]),
    )


def _people(entries: Sequence[Mapping[str, Any]], review: Review) -> list[str]:
    """The Slack ids of the people in a case."""
    found = {entry["actor"] for entry in entries} | {
        read_detail(entry["detail"]).get("to") for entry in entries
    }
    found |= {review.claimed_by, review.decided_by, review.confirmed_by}
    return sorted(person for person in found if isinstance(person, str) and _PERSON.fullmatch(person))


_PERSON = re.compile(r"[UW][A-Z0-9_]+", re.ASCII)
_NOT_EVIDENCE = frozenset(
    {"id", "session_id", "version", "revision", "status_since", "active_at", "due_at", "unreadable"}
)
"""The parts that the entries' seals cover, and those that only guide the work."""


def _recorded(row: Mapping[str, Any], replay: Replay) -> Review:
    """The review according to the record; fields that are not on record come from the table."""
    return review_of({**dict(row), **_columns(replay)})


def _fits_evidence(entry: Mapping[str, Any], before: Review) -> bool:
    detail = read_detail(entry["detail"])
    checks = digest(checks_as_text(before.current_checks))
    return detail.get(CHECKS) == checks and detail.get(CARD) == digest(card_as_text(before))


def _columns(replay: Replay) -> dict[str, Any]:
    """What the record says of the review's columns."""
    values = {name: value for name, value in replay.values.items() if name in Review._fields}
    if (earlier := values.get("earlier_decision")) is not None:
        values["earlier_decision"] = json.dumps(earlier)
    return values


def _is_about(row: Mapping[str, Any], spellings: Collection[str]) -> bool:
    """In LIKE, `_` and `%` match any characters, so compare the text itself."""
    if row["session_id"] is not None:
        return row["session_id"] in spellings
    return read_detail(row["detail"]).get("session_id") in spellings


def _sound(keys: Keys, row: Mapping[str, Any]) -> bool:
    try:
        content = canonical(row, row["previous"], row["previous_of_session"] or "")
    except TypeError:
        return False
    return keys.fits(content, row["seal"])
