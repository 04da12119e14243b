"""Timers in the database: kept with the change they follow from, fired once, silent when nothing is due any more."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from bot.handlers import deadline_passed, ralio_event
from bot.handlers.person_action import carry_out
from bot.reviews.action_request import Authority, Refused
from bot.reviews.business_hours import BusinessHours
from bot.reviews.deadlines import Deadlines
from bot.reviews.policy import Decision, Policy
from bot.reviews.review import Action, EntityType, SessionEvent, SessionState
from bot.store.engine.transaction import Transaction
from bot.store.errors import StoreUnavailable
from bot.store.store import Store, open_store
from bot.store.tables import reminders, timers
from bot.store.tables.worklist import ListName, Scope, review_list
from tests.support.actions import open_roster
from tests.support.store import PARTY, RULES, act, asked, propose, receive, rows

HOUR = 3_600_000
DEADLINES = Deadlines(
    claim_within_ms=4 * HOUR,
    decide_within_ms=48 * HOUR,
    remind_every_ms=4 * HOUR,
    escalate_after_ms=8 * HOUR,
    release_after_ms=24 * HOUR,
)
QUEUES = {name: replace(rules, deadlines=DEADLINES) for name, rules in RULES.items()}


@asynccontextmanager
async def _instances(
    url: str, count: int = 1, queues: Mapping[str, Policy] = QUEUES
) -> AsyncIterator[list[Store]]:
    """So many instances on one database; on SQLite they share its one writer."""
    async with AsyncExitStack() as stack:
        opening = [open_store(url, 1, lambda: None, queues=queues) for _ in range(count)]
        if url.startswith("sqlite"):
            opening = opening[:1]
        opened = [await stack.enter_async_context(each) for each in opening]
        yield [opened[number % len(opened)] for number in range(count)]


async def _due(store: Store) -> list[tuple[str, int]]:
    """What is due when, in hours."""
    found = await rows(
        store, "SELECT kind, due_at FROM timers WHERE due_at IS NOT NULL ORDER BY due_at, kind"
    )
    return [(row["kind"], row["due_at"] // HOUR) for row in found]


async def _told(store: Store) -> list[str]:
    """What the record says was told, in its order."""
    found = await rows(store, "SELECT detail FROM audit WHERE action = 'remind' ORDER BY id")
    return [json.loads(row["detail"])["told"] for row in found]


async def _verdict(store: Store, session: str, at: int) -> None:
    event = SessionEvent(
        f"verdict-{session}",
        at,
        session,
        SessionState.VERIFIED,
        entity_type=EntityType.USER,
        subject_id="subject",
        type="kyc_session_verified",
        received_at=at,
    )
    await store.write_batched(ralio_event.receive, event)


async def test_each_change_brings_the_timers_that_it_wants(database_url: str) -> None:
    """A received review has to be claimed, a claimed one decided, a released one claimed anew."""
    async with _instances(database_url) as (store,):
        await receive(store, "s", 0)
        assert await _due(store) == [("claim_due", 4), ("escalate", 12), ("decide_due", 48)]
        await act(store, "s", "UANNA", Action.CLAIM, HOUR)
        claimed = [("ask_still_on_it", 19), ("decide_due", 48), ("escalate", 56)]
        assert await _due(store) == claimed
        await act(store, "s", "UANNA", Action.STILL_ON_IT, 10 * HOUR)
        assert await _due(store) == [("ask_still_on_it", 28), *claimed[1:]]
        await act(store, "s", "UANNA", Action.RELEASE, 11 * HOUR)
        assert await _due(store) == [("claim_due", 15), ("escalate", 23), ("decide_due", 48)]


async def test_what_ends_a_review_silences_its_timers(database_url: str) -> None:
    """A decision and a verdict do; what is proposed still waits for its second person."""
    async with _instances(database_url) as (store,):
        await receive(store, "s", 0)
        await propose(store, "s", "UANNA", HOUR)
        assert await _due(store) == [("decide_due", 48), ("escalate", 56)]
        await act(store, "s", "UBORIS", Action.CONFIRM, 2 * HOUR)
        assert await _due(store) == []
        await receive(store, "verified", 2 * HOUR)
        await _verdict(store, "verified", 3 * HOUR)
        assert await _due(store) == []
        await store.write(deadline_passed.fire_due, 900 * HOUR)
        assert await _told(store) == []


async def test_a_change_that_is_rolled_back_leaves_the_timers_as_they_were(database_url: str) -> None:
    """They are part of its transaction."""

    def claim_and_fail(transaction: Transaction, person: str) -> None:
        carry_out(transaction, [asked("s", person, Action.CLAIM, HOUR)])
        raise ValueError("on purpose")

    async with _instances(database_url) as (store,):
        await receive(store, "s", 0)
        before = await _due(store)
        with pytest.raises(ValueError, match="on purpose"):
            await store.write(claim_and_fail, "UANNA")
        assert await _due(store) == before


async def test_two_instances_fire_each_timer_once(database_url: str) -> None:
    """Fifty reviews, four who look at the same moment, until nothing is due: one reminder that lists them."""
    async with _instances(database_url, 2) as stores:
        for number in range(50):
            await receive(stores[0], f"s-{number}", number)

        async def look(store: Store) -> None:
            while (await store.read(timers.next_due) or 5 * HOUR) < 5 * HOUR:
                await store.write(deadline_passed.fire_due, 5 * HOUR)

        await asyncio.gather(*(look(store) for store in stores * 2))
        assert len(await _told(stores[0])) == 50
        due = reminders.Due("user", ("reviewers",), 5 * HOUR)
        posted = await asyncio.gather(*(store.write(reminders.post, due) for store in stores * 2))
        assert sorted(posted) == [False] * 3 + [True]
        assert len(await rows(stores[0], "SELECT id FROM deliveries WHERE kind = 'reminder'")) == 1
        fired = await rows(
            stores[0], "SELECT kind, count(*) AS n FROM timers WHERE fired_at > 0 GROUP BY kind"
        )
        assert fired == [{"kind": "claim_due", "n": 50}]


async def test_what_was_missed_for_a_week_is_told_once(database_url: str) -> None:
    """Due, reminder after reminder and the leads' turn: one of each, and the next comes in its time."""
    async with _instances(database_url) as (store,):
        await receive(store, "s", 0)
        now = 7 * 24 * HOUR
        while (await store.read(timers.next_due) or now) < now:
            assert await store.write(deadline_passed.fire_due, now)
        assert sorted(await _told(store)) == ["remind_leads", "remind_queue"]
        assert await _due(store) == [("remind", 7 * 24 + 4)]


async def test_a_commit_that_fails_fires_nothing(database_url: str) -> None:
    """Reminders and their timers become durable together or not at all; the next look fires them."""

    def fire_and_break(transaction: Transaction, now: int) -> int:
        count = deadline_passed.fire_due(transaction, now)
        orphan = "INSERT INTO timers (review_id, kind, since) VALUES (99999, 'remind', 0)"
        transaction.connection.execute(orphan)
        return count

    def check_late(transaction: Transaction, _nothing: None) -> None:
        statement = "ALTER TABLE timers ALTER CONSTRAINT timers_review_id_fkey DEFERRABLE INITIALLY DEFERRED"
        transaction.connection.execute(statement)

    def break_late(transaction: Transaction, now: int) -> int:
        transaction.connection.execute("PRAGMA defer_foreign_keys = ON")
        return fire_and_break(transaction, now)

    async with _instances(database_url) as (store,):
        await receive(store, "s", 0)
        is_sqlite = database_url.startswith("sqlite")
        if not is_sqlite:
            await store.write(check_late, None)
        with pytest.raises(StoreUnavailable, match=r"(?i)foreign key"):
            await store.write(break_late if is_sqlite else fire_and_break, 5 * HOUR)
        assert await _told(store) == []
        assert await _due(store) == [("claim_due", 4), ("escalate", 12), ("decide_due", 48)]
        await store.write(deadline_passed.fire_due, 5 * HOUR)
        assert await _told(store) == ["remind_queue"]


@pytest.mark.parametrize("changed_to", [HOUR, 24 * HOUR, None])
async def test_a_sweep_brings_a_changed_file_to_reviews_in_work(
    database_url: str, changed_to: int | None
) -> None:
    """The deadline for claims becomes shorter, longer, or none; the card is drawn anew with its due time."""
    changed = {name: replace(rules, deadlines=Deadlines(changed_to)) for name, rules in RULES.items()}
    async with _instances(database_url) as (store,):
        for session in ("waits", "done"):
            await receive(store, session, 0)
        await _verdict(store, "done", HOUR)
    async with _instances(database_url, queues=changed) as (store,):
        await store.write(deadline_passed.sweep, (0, 2 * HOUR))
        assert await _due(store) == ([("claim_due", changed_to // HOUR)] if changed_to else [])
        found = {row["session_id"]: row for row in await rows(store, "SELECT * FROM reviews")}
        assert (found["waits"]["due_at"], found["waits"]["version"]) == (changed_to, 2)
        assert found["done"]["version"] == 2  # its verdict, and nothing since
        card = await rows(
            store, "SELECT wanted_version FROM deliveries WHERE kind = 'card' ORDER BY review_id"
        )
        assert [row["wanted_version"] for row in card] == [2, 2]


async def test_a_sweep_gives_deadlines_to_reviews_that_had_none(database_url: str) -> None:
    """Page by page, and a second sweep changes nothing."""
    async with _instances(database_url, queues={}) as (store,):
        for number in range(deadline_passed.SWEPT + 1):
            await receive(store, f"s-{number}", 0)
        assert await _due(store) == []
    async with _instances(database_url) as (store,):
        first = await store.write(deadline_passed.sweep, (0, HOUR))
        assert first.after is not None
        assert (await store.write(deadline_passed.sweep, (first.after, HOUR))).after is None
        assert len(await _due(store)) == 3 * (deadline_passed.SWEPT + 1)
        await store.write(deadline_passed.sweep, (0, 2 * HOUR))
        versions = await rows(store, "SELECT version, count(*) AS n FROM reviews GROUP BY version")
        assert versions == [{"version": 2, "n": deadline_passed.SWEPT + 1}]


async def test_a_claim_is_released_or_decided_and_never_both(database_url: str) -> None:
    """Its holder decides at the moment at which it is released for silence; the database says who was first."""
    sessions = [f"s-{number}" for number in range(30)]
    silence = {
        name: replace(rules, deadlines=Deadlines(release_after_ms=4 * HOUR)) for name, rules in RULES.items()
    }
    async with _instances(database_url, 2, silence) as (one, other):
        for session in sessions:
            await receive(one, session, 0)
            await act(one, session, "UANNA", Action.CLAIM, 0)
        await _fire_all(one, 3 * HOUR)
        resolutions = [asked(session, "UANNA", Action.RESOLVE, 4 * HOUR) for session in sessions]
        firing = asyncio.create_task(_fire_all(one, 4 * HOUR))
        verdicts = await asyncio.gather(*(other.write_batched(carry_out, each) for each in resolutions))
        await firing
        found = await rows(one, "SELECT * FROM reviews ORDER BY id")
        for review, verdict in zip(found, verdicts, strict=True):
            granted = verdict.refused is None
            assert review["status"] == ("decided" if granted else "open")
            assert review["decided_by"] == ("UANNA" if granted else None)
            assert verdict.refused in (None, Refused.NOT_POSSIBLE)
        steps = await rows(
            one, "SELECT review_id FROM audit WHERE action IN ('release', 'resolve') AND refused IS NULL"
        )
        assert sorted(row["review_id"] for row in steps) == [review["id"] for review in found]
        assert {kind for kind, _ in await _due(one)} == set()


async def _fire_all(store: Store, now: int) -> None:
    while (await store.read(timers.next_due) or now + 1) <= now:
        await store.write(deadline_passed.fire_due, now)


async def test_timers_that_wait_for_monday_hold_up_no_other_queue(database_url: str) -> None:
    """Missed on a Friday evening by more reviews than one look takes; the other queue works at weekends, too."""
    madrid = ZoneInfo("Europe/Madrid")
    friday, saturday, monday = (
        int(datetime.fromisoformat(f"2026-03-{local}").replace(tzinfo=madrid).timestamp() * 1000)
        for local in ("20T10:00", "21T12:00", "23T09:00")
    )
    office = BusinessHours(madrid, frozenset(range(5)), 9 * 60, 18 * 60)
    queues = {
        "user": Policy(deadlines=Deadlines(claim_within_ms=4 * HOUR, hours=office)),
        "related-party": Policy(deadlines=Deadlines(claim_within_ms=4 * HOUR)),
    }
    count = deadline_passed.PAGE + 5
    async with _instances(database_url, queues=queues) as (store,):
        for number in range(count):
            await receive(store, f"user-{number}", friday)
        await receive(store, "party", saturday - 5 * HOUR, PARTY)
        while await store.write(deadline_passed.fire_due, saturday):
            pass
        assert len(await _told(store)) == 1
        assert await store.read(timers.next_due) == monday
        while await store.write(deadline_passed.fire_due, monday):
            pass
        assert len(await _told(store)) == 1 + count


@pytest.mark.parametrize(("outcome", "is_due"), [("approve", True), ("more_information", False)])
async def test_a_decision_waits_for_its_verdict_and_a_sweep_keeps_up(
    database_url: str, outcome: str, *, is_due: bool
) -> None:
    """On an outcome that expects one; a changed file counts for those that wait already."""

    def queues(verdict_within_ms: int | None) -> dict[str, Policy]:
        deadlines = Deadlines(verdict_within_ms=verdict_within_ms, awaited=frozenset({"approve"}))
        return {"user": Policy(open_roster(), deadlines=deadlines)}

    async with _instances(database_url, queues=queues(24 * HOUR)) as (store,):
        await receive(store, "s", 0)
        await act(store, "s", "UANNA", Action.CLAIM, 0)
        resolve = replace(asked("s", "UANNA", Action.RESOLVE, HOUR)[0], decision=Decision(outcome))
        await store.write_batched(carry_out, (resolve, Authority(policies=queues(24 * HOUR))))
        due = [("verdict_due", 25), ("verdict_escalate", 49)]
        assert await _due(store) == (due if is_due else [])
        for person, led, sees in (("UANNA", [], True), ("ULEA", ["user"], True), ("UBORIS", [], False)):
            scope = Scope(person, ["user"], led, 25 * HOUR)
            query = partial(review_list, name=ListName.VERDICT_MISSING, scope=scope, page=5)
            missing = await store.read(query)
            found = [each.review.session_id for each in missing.reviews]
            assert found == (["s"] if is_due and sees else [])
    async with _instances(database_url, queues=queues(None)) as (store,):
        await store.write(deadline_passed.sweep, (0, 2 * HOUR))
        assert await _due(store) == []
