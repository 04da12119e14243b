"""Lookups in the database: planned once, given to one, and recorded by nobody else."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from bot.handlers import ralio_event, ralio_lookup
from bot.reviews.checks import Check
from bot.reviews.review import (
    EntityType,
    SessionEvent,
    SessionState,
    Status,
)
from bot.store.engine.transaction import Reading, Transaction
from bot.store.store import Store, open_store
from bot.store.tables import lookups, reviews
from bot.store.tables.lookups import (
    ChecksFound,
    Lookup,
    LookupKind,
    LookupRequest,
    LookupResult,
    Plan,
    VerdictFound,
)
from tests.support.look import look_into
from tests.support.postgres import PostgresServer

NOW, EVERY_MS, LEASE_MS = 100_000, 10_000, 1_000
FACE = Check("face-matching", "refused", ("KYC.FACE.NO_MATCH",), "FACE")
TYPES = {SessionState.REVIEW: "kyc_session_manual_review", SessionState.VERIFIED: "kyc_session_verified"}


def _event(
    session_id: str, at: int, state: SessionState = SessionState.REVIEW, event_id: str = ""
) -> SessionEvent:
    return SessionEvent(
        event_id or f"{session_id}:{at}",
        at,
        session_id,
        state,
        entity_type=EntityType.USER,
        subject_id=f"user-of-{session_id}",
        type=TYPES[state],
        received_at=at,
    )


async def _arrive(store: Store, session_id: str, at: int, state: SessionState = SessionState.REVIEW) -> None:
    await store.write_batched(ralio_event.receive, _event(session_id, at, state))


async def _lease(store: Store, now: int, token: str = "a", limit: int = 100) -> list[Lookup]:
    return await store.write(lookups.lease, LookupRequest(limit, token, now, now + LEASE_MS))


def _decide(transaction: Transaction, session_id: str) -> None:
    before = reviews.load(transaction, [session_id])[session_id]
    after = before._replace(status=Status.DECIDED, decided_by="UANA", version=before.version + 1)
    reviews.update(transaction, [(before, after)])


async def test_what_is_not_closed_is_planned_once(store: Store) -> None:
    """The checks at once, the verdict when one may have been missed; a decided review may still miss one."""
    await _arrive(store, "new", NOW)
    await _arrive(store, "decided", NOW)
    await store.write(_decide, "decided")
    await _arrive(store, "old", NOW - 5 * EVERY_MS)
    await _arrive(store, "closed", NOW)
    await _arrive(store, "closed", NOW + 1, SessionState.VERIFIED)
    assert await store.read(lookups.is_unplanned)
    assert await store.write(lookups.plan, Plan(NOW, EVERY_MS)) == 6
    assert not await store.read(lookups.is_unplanned)
    assert await store.write(lookups.plan, Plan(NOW, EVERY_MS)) == 0
    kinds = [lookup.kind for lookup in await _lease(store, NOW)]
    assert sorted(kinds) == [LookupKind.CHECKS] * 3 + [LookupKind.VERDICT]
    assert [lookup.kind for lookup in await _lease(store, NOW + EVERY_MS, "b")].count(LookupKind.VERDICT) == 3


async def test_a_review_that_is_opened_again_is_asked_about_anew(store: Store) -> None:
    """An answer about its earlier round is not recorded."""
    await _arrive(store, "s1", NOW)
    await store.write(lookups.plan, Plan(NOW, EVERY_MS))
    (old,) = await _lease(store, NOW)
    await _arrive(store, "s1", NOW + 1, SessionState.VERIFIED)
    await _arrive(store, "s1", NOW + 2)
    assert not await store.write(ralio_lookup.record_checks, ChecksFound(old, "s1", (FACE,), NOW + 3))
    assert await store.read(lookups.is_unplanned)
    assert await store.write(lookups.plan, Plan(NOW + 4, EVERY_MS)) == 2
    (new,) = await _lease(store, NOW + 4)
    assert (new.kind, new.opened_at, new.attempts) == (LookupKind.CHECKS, NOW + 2, 0)
    assert await store.write(ralio_lookup.record_checks, ChecksFound(new, "s1", (FACE,), NOW + 5))


async def test_who_lost_the_lease_records_nothing(store: Store, database_url: str) -> None:
    """Neither checks nor a verdict nor when to ask again."""
    await _arrive(store, "s1", NOW)
    await store.write(lookups.plan, Plan(NOW - EVERY_MS, EVERY_MS))
    late = {lookup.kind: lookup for lookup in await _lease(store, NOW + EVERY_MS, "late")}
    assert await _lease(store, NOW + EVERY_MS, "early") == []
    taken_over = await _lease(store, NOW + EVERY_MS + LEASE_MS, "next")
    assert len(taken_over) == 2
    before = look_into(database_url, "SELECT * FROM lookups ORDER BY id")
    verdict = _event("s1", NOW + 5, SessionState.VERIFIED)
    assert not await store.write(lookups.end, LookupResult(late[LookupKind.CHECKS], None))
    found = ChecksFound(late[LookupKind.CHECKS], "s1", (FACE,), NOW)
    assert not await store.write(ralio_lookup.record_checks, found)
    missed = VerdictFound(late[LookupKind.VERDICT], verdict, NOW + 9 * EVERY_MS)
    assert not await store.write(ralio_lookup.record_verdict, missed)
    assert look_into(database_url, "SELECT * FROM lookups ORDER BY id") == before
    (review,) = look_into(database_url, "SELECT * FROM reviews")
    assert (review["status"], review["checks"], review["version"]) == ("open", "[]", 1)
    for lookup in taken_over:
        assert await store.write(lookups.end, LookupResult(lookup, NOW + 7 * EVERY_MS, 3, "timeout"))
    again = await _lease(store, NOW + 7 * EVERY_MS)
    assert [lookup.attempts for lookup in again] == [3, 3]


async def test_checks_with_their_category_are_read_back(store: Store) -> None:
    """Also beside rows that were written before there was one."""
    await _arrive(store, "s1", NOW)
    await store.write(lookups.plan, Plan(NOW, EVERY_MS))
    (lookup,) = await _lease(store, NOW)
    assert await store.write(ralio_lookup.record_checks, ChecksFound(lookup, "s1", (FACE,), NOW))

    async def checks(reading: Reading) -> tuple[Check, ...]:
        return (await reviews.by_id(reading, lookup.review_id)).current_checks.kept

    assert await store.read(checks) == (FACE,)
    row = {"checks": '[["document", "refused", ["EXPIRED"]]]', "entity_type": "user", "status": "open"}
    row |= {"fetched_checks": "[]", "verdict_checks": "[]", "pauses": "[]"}
    older = dict.fromkeys(reviews._COLUMNS) | row | {"session_state": "REVIEW", "step": 1}  # noqa: SLF001 - a row of old
    assert reviews.review_of(older).checks.kept == (Check("document", "refused", ("EXPIRED",)),)


async def test_a_verdict_is_taken_in_once_however_often_it_is_found(store: Store, database_url: str) -> None:
    """Its id names the change of state."""
    await _arrive(store, "s1", NOW)
    await store.write(lookups.plan, Plan(NOW, EVERY_MS))
    verdict = _event("s1", NOW + 5, SessionState.VERIFIED, "catch-up:s1:2")
    for round_ in range(1, 4):
        now = NOW + round_ * EVERY_MS
        (lookup,) = [found for found in await _lease(store, now) if found.kind is LookupKind.VERDICT]
        assert await store.write(
            ralio_lookup.record_verdict,
            VerdictFound(lookup, verdict._replace(received_at=now), now + EVERY_MS),
        )
    (review,) = look_into(database_url, "SELECT * FROM reviews")
    assert (review["status"], review["version"]) == ("closed", 2)
    assert len(look_into(database_url, "SELECT id FROM audit")) == 2


@pytest.mark.parametrize("limit", [1, 7])
async def test_two_processes_lease_different_lookups(postgres: PostgresServer, limit: int) -> None:
    """Whoever waits for the other one's lease finds those rows due no more."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgres.database())
        stores = [await stack.enter_async_context(open_store(url, 1, lambda: None)) for _ in range(2)]
        for number in range(60):
            await _arrive(stores[0], f"s{number}", NOW)
        await asyncio.gather(*(store.write(lookups.plan, Plan(NOW, EVERY_MS)) for store in stores))
        leased: list[int] = []

        async def take(store: Store, token: str) -> None:
            # An empty lease may only mean that the other process was faster with these rows.
            while await store.read(lambda reading: lookups.is_due(reading, NOW)):
                leased.extend(lookup.id for lookup in await _lease(store, NOW, token, limit))

        await asyncio.gather(*(take(store, token) for store, token in zip(stores, "ab", strict=True)))
        assert len(leased) == len(set(leased)) == 60
