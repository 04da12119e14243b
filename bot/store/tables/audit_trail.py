"""Reading the audit as a whole, in the order of its chain and page by page: for checking and for exporting it."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from bot.reviews.audit.chain import ChainCheck, Finding, Head, Tombstone
from bot.reviews.audit.entry import PURGE, Keys, SealedEntry, maker_of, purge_digest, read_detail
from bot.store.engine.rows import as_tuples, fetched
from bot.store.engine.transaction import Reading
from bot.store.tables.audit import PAGE
from bot.store.tables.session_seals import Ends, previous_seals
from bot.store.tables.undecodable import READ_ERRORS, is_undecodable

FIRST = -(2**63)
"""Below every number, so that an entry inserted under an impossible one is found, too."""


async def head(reading: Reading) -> Head:
    """The newest entry according to the database; saved elsewhere, it is for `--head`.

    A head that was removed or is of no readable form counts as that of an empty record.
    """
    row = await reading.sql.audit_head(reading.connection)
    is_head = row is not None and isinstance(row["id"], int) and isinstance(row["seal"], str)
    return Head(row["id"], row["seal"]) if is_head else Head(0, "")


async def makers(reading: Reading) -> set[str]:
    """Which keys made the record's seals, by their fingerprints."""
    found = [row async for row in reading.sql.seals_of_keys(reading.connection)]
    former = {read_detail(row["detail"]).get("from") for row in found}
    return {maker_of(row["seal"]) for row in found} | {maker for maker in former if isinstance(maker, str)}


async def entries(
    reading: Reading, after: int = FIRST, since: int = FIRST
) -> AsyncIterator[Mapping[str, Any]]:
    """Every entry behind number `after`, not older than `since` (milliseconds), as it is stored."""
    async for page in _pages(reading, after, since):
        for entry in page:
            yield entry._asdict()


async def _pages(reading: Reading, after: int, since: int = FIRST) -> AsyncIterator[Sequence[SealedEntry]]:
    query = reading.sql.audit_trail_cursor
    while rows := await fetched(query(reading.connection, after=after, since=since, page=PAGE)):
        yield as_tuples(rows, SealedEntry)
        after = rows[-1]["id"]


async def verify(
    reading: Reading, keys: Keys, kept: Sequence[Head] | None, progress: Callable[[int], None]
) -> tuple[Finding | None, ChainCheck]:
    """Check the whole chain in constant memory, while a server can append to it; return the first problem, if any.

    `kept` are heads that were saved elsewhere: only they prove that the end was not cut off together with
    the database's own note of it. `progress` is called with the number of each entry.
    """
    check = ChainCheck(keys)
    try:
        noted = await head(reading)
        if noted == Head(0, "") and not await _is_empty_head(reading):
            return Finding(1, "the head of the record was removed from audit_head", "completeness"), check
        check = ChainCheck(keys, [noted, *(kept or ())])
        return await _first_finding(reading, check, noted, progress), check
    except READ_ERRORS as error:
        if not is_undecodable(error):
            raise
        return Finding(check.expected, "a text in this entry, or soon behind it, is not UTF-8"), check


async def resumed(reading: Reading, keys: Keys, head: Head, noted: Head) -> ChainCheck | Finding:
    """Begin a check after a head that was verified before; `noted` is the end that it must reach.

    If a purge removed the entry of the head, the check begins at the beginning of the record.
    """
    row = await reading.sql.seal_of_entry(reading.connection, id=head.id)
    if (
        row is None
        and head.id <= noted.id
        and await reading.sql.purged_around(reading.connection, id=head.id)
    ):
        return ChainCheck(keys, [head, noted])
    if row is None:
        problem = f"it is missing although the head {head} was saved: removed, or an old backup was restored"
        return Finding(head.id, problem, "completeness")
    if row["seal"] != head.seal:
        return Finding(head.id, f"it is not the entry of the head {head}: the record was recreated")
    found = [row async for row in reading.sql.seals_of_keys(reading.connection)]
    former = {maker_of(row["seal"]) for row in found if row["id"] <= head.id and isinstance(row["seal"], str)}
    return ChainCheck(keys, [noted], head, former - {maker_of(head.seal)})


async def verify_next(reading: Reading, check: ChainCheck, limit: int) -> tuple[Finding | None, bool]:
    """Check at most `limit` further entries; returns what is wrong, and whether that was the end of the chain."""
    try:
        return await _verify_next(reading, check, limit)
    except READ_ERRORS as error:
        if not is_undecodable(error):
            raise
        return Finding(check.expected, "a text in this entry, or soon behind it, is not UTF-8"), True


async def _verify_next(reading: Reading, check: ChainCheck, limit: int) -> tuple[Finding | None, bool]:
    after = check.end.id or FIRST
    query = reading.sql.audit_trail
    rows = [row async for row in query(reading.connection, after=after, since=FIRST, page=limit)]
    if finding := await _follow(reading, check, as_tuples(rows, SealedEntry), {}):
        return finding, True
    if len(rows) == limit:
        return None, False
    newest = await head(reading)
    return await _skip_purged(reading, check, newest.id + 1) or check.cut_off(), True


async def _is_empty_head(reading: Reading) -> bool:
    row = await reading.sql.audit_head(reading.connection)
    return row is not None and row["id"] == 0 and row["seal"] == ""


async def _first_finding(
    reading: Reading, check: ChainCheck, noted: Head, progress: Callable[[int], None]
) -> Finding | None:
    ends: Ends = {}
    async for page in _pages(reading, FIRST):
        if finding := await _follow(reading, check, page, ends):
            return await _explained(reading, check, finding)
        progress(page[-1].id)
    return await _skip_purged(reading, check, noted.id + 1) or check.last()


async def _follow(
    reading: Reading, check: ChainCheck, page: Sequence[SealedEntry], ends: Ends
) -> Finding | None:
    for entry, previous in zip(page, await previous_seals(reading, page, ends), strict=True):
        if entry.id != check.expected and (finding := await _missing(reading, check, entry.id)):
            return finding
        if finding := check.entry(entry, previous):
            return finding
        if entry.action == PURGE and (finding := await _purge_problem(reading, entry)):
            return finding
    return None


async def _missing(reading: Reading, check: ChainCheck, found: int) -> Finding | None:
    """Between the last entry and the one that was found others are missing: they were purged, or else removed."""
    if finding := await _skip_purged(reading, check, found):
        return finding
    if check.expected > found:
        return Finding(found, "its number does not belong to the chain")
    if check.expected == found:
        return None
    one = check.expected == found - 1
    what = "it is" if one else f"entries {check.expected} to {found - 1} are"
    return Finding(check.expected, f"{what} missing: removed")


async def _skip_purged(reading: Reading, check: ChainCheck, until: int) -> Finding | None:
    """Continue after what purges removed."""
    while check.expected < until:
        row = await reading.sql.tombstone_at(reading.connection, first=check.expected)
        if row is None:
            return None
        if not (isinstance(row["last"], int) and isinstance(row["last_seal"], str)):
            return Finding(check.expected, "the tombstone of the purge here was changed")
        stone = Tombstone(**dict(row))
        purge = await reading.sql.audit_entry(reading.connection, id=stone.purge)
        if purge is None or purge["action"] != PURGE or int(stone.purge) <= stone.last:
            return Finding(
                stone.first, f"entries {stone.first} to {stone.last} are missing, and no purge removed them"
            )
        if finding := check.tombstone(stone):
            return finding
    return None


async def _purge_problem(reading: Reading, entry: SealedEntry) -> Finding | None:
    """A purge's entry holds a digest of what it left: nothing can be passed off as purged afterwards."""
    digest = hashlib.sha256()
    after = 0
    query = reading.sql.tombstones_of
    while stones := [
        each async for each in query(reading.connection, purge=entry.id, after=after, page=PAGE)
    ]:
        for stone in stones:
            purge_digest(digest, stone["first"], stone["last"], stone["last_seal"])
        after = stones[-1]["first"]
    if read_detail(entry.detail).get("digest") == digest.hexdigest():
        return None
    return Finding(entry.id, "the missing entries are not the ones that this purge removed")


async def _explained(reading: Reading, check: ChainCheck, finding: Finding) -> Finding:
    """Check whether the entry that belongs there is elsewhere: then it was moved."""
    if finding.id != check.expected:
        return finding
    async for page in _pages(reading, FIRST):
        for entry, previous in zip(page, await previous_seals(reading, page, {}), strict=True):
            if entry.id != finding.id and check.fits_next(entry, previous):
                moved = f"the entry that was written here is now number {entry.id}: reordered"
                return Finding(finding.id, moved)
    return finding
