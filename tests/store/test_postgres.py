"""PostgreSQL: durable, shared by several instances, and back after it was away."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from structlog.testing import capture_logs

from bot.handlers import ralio_event
from bot.handlers.person_action import carry_out
from bot.handlers.ralio_event import Receipt
from bot.reviews.action_request import Refused
from bot.reviews.review import Action, EntityType, SessionEvent, SessionState
from bot.store.engine.migrate import migrations
from bot.store.engine.postgres import MIGRATION_LOCK
from bot.store.engine.transaction import Reading, Transaction
from bot.store.errors import SchemaProblem, StoreUnavailable
from bot.store.store import Store, database_at, open_store
from bot.store.tables import deliveries, leases
from bot.store.tables.leases import LeaseRequest
from tests.store.old_database import migrate_to_newest
from tests.support.actions import action_request, authority
from tests.support.bot import until
from tests.support.forked_command import run_at_once
from tests.support.postgres import PostgresServer


@pytest.fixture
def database_url(postgres: PostgresServer) -> Any:
    """These stories are about PostgreSQL only."""
    with postgres.database() as url:
        yield url


@pytest.fixture
async def instances(database_url: str) -> Any:
    """Two instances of the bot's store on one database, as two dynos have it."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(open_store(database_url, 1, lambda: None)) for _ in range(2)]


def _event(event_id: str, session: str, at: int = 100) -> SessionEvent:
    return SessionEvent(
        event_id,
        at,
        session,
        SessionState.REVIEW,
        entity_type=EntityType.USER,
        subject_id="u1",
        type="kyc_session_manual_review",
        received_at=1_000,
    )


async def test_the_live_connection_is_durable(store: Store) -> None:
    """A 200 means that the commit waited for the disk."""

    def ask(transaction: Transaction, name: str) -> Any:
        return transaction.connection.execute(f"SHOW {name}").fetchone()[name]

    assert await store.write(ask, "synchronous_commit") == "on"
    assert await store.write(ask, "fsync") == "on"


async def test_the_reader_cannot_write(store: Store) -> None:
    """Reports never change anything."""

    async def write(reader: Reading) -> None:
        await reader.connection.execute("DELETE FROM events")

    with pytest.raises(StoreUnavailable, match="read-only"):
        await store.read(write)


def test_four_processes_migrate_an_empty_database_at_once(postgres: PostgresServer) -> None:
    """One does it, the others wait and find it done."""
    with postgres.empty_database() as url:
        assert run_at_once(migrate_to_newest, url, 4) == [0, 0, 0, len(migrations("postgres"))]


def test_a_newer_schema_is_refused(database_url: str) -> None:
    """An old version of the bot must not work on what it does not know."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO schema_versions VALUES (9999, 'from the future', 1)")
    with pytest.raises(SchemaProblem, match="9999"):
        database_at(database_url).migrate(2)


async def test_the_same_event_at_two_instances_counts_once(instances: list[Store]) -> None:
    """Whichever is first records it; the other waits for that commit before it says duplicate."""
    sent = [store.write_batched(ralio_event.receive, _event("e1", "s1")) for store in instances * 25]
    receipts = await asyncio.gather(*sent)
    assert sorted(receipts) == [Receipt.DUPLICATE] * 49 + [Receipt.RECORDED]


async def test_two_instances_open_the_same_sessions_at_once(instances: list[Store]) -> None:
    """Different events about the same sessions, in opposite orders: one review each, no event lost."""
    work = []
    for number in range(40):
        for which, store in enumerate(instances):
            session = f"s{number if which else 39 - number}"
            work.append(
                store.write_batched(
                    ralio_event.receive, _event(f"e{which}-{number}", session, at=100 + which)
                )
            )
    assert set(await asyncio.gather(*work)) == {Receipt.RECORDED}

    async def counts(reading: Reading) -> tuple[int, int, int]:
        tables = ["events", "reviews", "audit"]
        cursors = [await reading.connection.execute(f"SELECT count(*) AS n FROM {table}") for table in tables]  # noqa: S608
        rows = [await cursor.fetchone() for cursor in cursors]
        return rows[0]["n"], rows[1]["n"], rows[2]["n"]

    assert await instances[0].read(counts) == (80, 40, 80)


@pytest.mark.parametrize("round_number", range(5))
async def test_one_claimant_over_two_instances(instances: list[Store], round_number: int) -> None:
    """Fifty people at once, half of them at each instance."""
    await instances[0].write_batched(ralio_event.receive, _event("e1", "s1"))
    people = [f"U{number + round_number}" for number in range(50)]
    clicks = [
        (action_request(Action.CLAIM, person, "s1", 2_000, channel="C1"), authority()) for person in people
    ]
    verdicts = await asyncio.gather(
        *(instances[number % 2].write_batched(carry_out, click) for number, click in enumerate(clicks))
    )
    assert sorted(str(verdict.refused) for verdict in verdicts) == ["None"] + [
        Refused.HELD_BY_OTHER
    ] * 49 or ([verdict.refused for verdict in verdicts].count(None) == 1)


async def test_two_instances_never_lease_the_same_delivery(instances: list[Store]) -> None:
    """Row locks that are skipped, not waited for."""
    for number in range(60):
        await instances[0].write_batched(ralio_event.receive, _event(f"e{number}", f"s{number}"))
    requests = [
        LeaseRequest(deliveries.posts("user"), "C1", 5, f"t{number}", 2_000, 9_000) for number in range(12)
    ]
    found = await asyncio.gather(
        *(instances[number % 2].write(leases.lease, request) for number, request in enumerate(requests))
    )
    ids = [delivery.id for leased in found for delivery in leased]
    assert len(ids) == len(set(ids)) == 60


async def test_a_commit_wakes_the_other_instances_delivery_worker(instances: list[Store]) -> None:
    """LISTEN and NOTIFY: a click at one instance is on the card without waiting for the other's poll."""
    woken = asyncio.Event()
    listening = asyncio.create_task(instances[1].listen(woken.set))
    try:

        async def heard() -> bool:
            number = id(object())
            await instances[0].write_batched(ralio_event.receive, _event(f"e{number}", f"s{number}"))
            await asyncio.sleep(0.02)
            return woken.is_set()

        await until(heard, "nothing is heard")
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_a_broken_connection_is_made_anew(store: Store, database_url: str) -> None:
    """The server ends every connection: what was under way fails clearly, the next write and read work."""
    await store.write_batched(ralio_event.receive, _event("e1", "s1"))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    async def recovered() -> bool:
        try:
            receipt = await store.write_batched(ralio_event.receive, _event("e2", "s2"))
        except StoreUnavailable:
            return False
        return receipt in Receipt

    await until(recovered, "it does not recover")
    assert (await store.read(deliveries.backlog)).pending == 2


def test_a_role_that_can_create_nothing_starts_once_an_owner_has_migrated(database_url: str) -> None:
    """The owner migrates, the application only writes rows; before that the advice names the owner."""
    role = f"app_{conninfo_to_dict(database_url)['dbname']}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        connection.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}".encode()
        )
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        try:
            application = database_at(database_url.replace("//postgres:@", f"//{role}:@"))
            assert application.migrate(2) == []
            connection.execute("DELETE FROM schema_versions WHERE version > 1")
            with pytest.raises(StoreUnavailable, match="run 'python -m bot migrate' as the role that owns"):
                application.migrate(2)
        finally:
            connection.execute(f"DROP OWNED BY {role}".encode())
            connection.execute(f"DROP ROLE {role}".encode())


def test_a_migration_waits_for_another_one_and_says_so(database_url: str) -> None:
    """A release and a start may overlap; the one that waits is not a mystery."""
    said: list[str] = []
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))

        def say(sentence: str) -> None:
            said.append(sentence)
            other.execute("SELECT pg_advisory_unlock(%s)", (MIGRATION_LOCK,))

        assert database_at(database_url).migrate(2, say) == []
    assert ["another process is migrating; waiting up to 60s" in sentence for sentence in said] == [True]


async def test_a_start_logs_what_it_migrates_without_a_statement_limit(postgres: PostgresServer) -> None:
    """A large table takes longer than any statement of the running bot may."""
    with postgres.empty_database() as url, capture_logs() as lines:
        async with open_store(url, 1, lambda: None):
            pass
    names = [line["name"] for line in lines if line["event"] == "migration_applied"]
    assert names == [file.name.partition(".")[0] for _, file in migrations("postgres")]


async def test_the_first_write_after_a_broken_connection_succeeds(store: Store, database_url: str) -> None:
    """Nothing was begun on the broken connection, so the writer begins on a new one without a refusal."""
    await store.write_batched(ralio_event.receive, _event("e1", "s1"))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert await store.write_batched(ralio_event.receive, _event("e2", "s2")) is Receipt.RECORDED
