"""PostgreSQL: durable, shared by several instances, and back after it was away."""

import asyncio
import subprocess
import sys
from contextlib import AsyncExitStack
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from bot.handlers import ralio_event
from bot.handlers.person_action import carry_out
from bot.handlers.ralio_event import Receipt
from bot.reviews.action_request import Refused
from bot.reviews.review import Action, EntityType, SessionEvent, SessionState
from bot.store.engine.migrate import migrations
from bot.store.engine.postgres import PostgresDatabase
from bot.store.engine.transaction import Reading, Transaction
from bot.store.errors import SchemaProblem, StoreUnavailable
from bot.store.store import Store, database_at, open_store
from bot.store.tables import deliveries, leases
from bot.store.tables.leases import LeaseRequest
from tests.support.actions import action_request, authority
from tests.support.bot import until
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
        EntityType.USER,
        "u1",
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
    code = (
        "import sys; from bot.store.store import database_at; print(len(database_at(sys.argv[1]).migrate(1)))"
    )
    with postgres.empty_database() as url:
        command = [sys.executable, "-c", code, url]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        applied = [process.communicate(timeout=60)[0].strip() for process in processes]
        assert sorted(applied) == ["0", "0", "0", str(len(migrations("postgres")))]


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


async def test_an_address_without_a_server_says_so() -> None:
    """Within seconds, and without the password."""
    url = "postgres://user:canary@127.0.0.1:1/bot"
    with pytest.raises(StoreUnavailable) as caught:
        async with open_store(url, 1, lambda: None):
            pass
    assert "127.0.0.1" in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (
            "postgres://user:secret@host:5433/bot",
            {"host": "host", "port": "5433", "user": "user", "dbname": "bot"},
        ),
        ("postgresql://host/bot?sslmode=verify-full&sslrootcert=/ca.pem", {"sslmode": "verify-full"}),
        (
            "postgres://host/bot?sslmode=require&connect_timeout=9",
            {"sslmode": "require", "connect_timeout": "9"},
        ),
    ],
)
def test_a_url_is_understood_as_libpq_does(url: str, wanted: dict[str, str]) -> None:
    """Heroku's form, TLS parameters, and what it says goes before our own habits."""
    database = PostgresDatabase(url)
    assert wanted.items() <= conninfo_to_dict(database.conninfo).items()
    assert "secret" not in str(database)


async def test_a_url_that_is_none_says_so_without_repeating_it() -> None:
    """It may hold a password."""
    with pytest.raises(StoreUnavailable) as caught:
        database_at("postgres://user:canary@host:port:port/%%%")
    assert "canary" not in str(caught.value)
