"""PgBouncer in front of PostgreSQL: session mode works, transaction mode is refused by name."""

import os
from collections.abc import Iterator

import psycopg
import pytest

from bot.cli.check.line import State
from bot.cli.check.store import database_lines
from bot.reviews.audit.entry import Keys
from bot.store.engine.postgres import PostgresDatabase
from bot.store.engine.transaction import Reading, Transaction
from bot.store.errors import StoreUnavailable, TransactionPooler
from bot.store.store import open_store
from bot.store.tables import deliveries
from tests.support.bot import running
from tests.support.pgbouncer import PROGRAM, pgbouncer
from tests.support.postgres import PostgresServer
from tests.support.slack import running_slack
from tests.support.store import receive
from tests.support.trouble import send

pytestmark = pytest.mark.skipif(
    PROGRAM is None and "CI" not in os.environ, reason="pgbouncer is not installed here"
)


@pytest.fixture
def direct_url(postgres: PostgresServer) -> Iterator[str]:
    """A database without a pooler."""
    with postgres.database() as url:
        yield url


async def test_behind_a_session_pooler_a_card_is_posted(direct_url: str) -> None:
    """With PgBouncer's default settings: it refuses startup parameters and takes session settings."""
    with pgbouncer(direct_url, "session") as url:
        async with running_slack() as slack, running(url, slack) as bot:
            session_id = await send(bot)
            await bot.settled()
            assert await bot.card(session_id)
        kind = await PostgresDatabase(url).connection_kind()
    assert kind == "connected through a pooler in session mode"


@pytest.mark.parametrize("settings", [{}, {"default_pool_size": "1"}, {"server_round_robin": "1"}])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
async def test_a_transaction_pooler_is_refused_with_its_name(
    direct_url: str, mode: str, settings: dict[str, str]
) -> None:
    """`serve` and `check` both ask."""
    refused = pytest.raises(TransactionPooler, match=r"PgBouncer with pool_mode=transaction.*direct address")
    with pgbouncer(direct_url, mode, **settings) as url, refused:
        (line,) = [line async for line in database_lines(url, Keys([]))]
        assert (line.state, line.advice.startswith("use the database's direct address")) == (
            State.FAILED,
            True,
        )
        async with open_store(url, 1, lambda: None):
            pass


async def test_a_direct_connection_is_recognised(direct_url: str) -> None:
    """Nothing is in between."""
    assert await PostgresDatabase(direct_url).connection_kind() == "directly connected"


@pytest.mark.parametrize("is_pooled", [False, True])
async def test_the_urls_options_are_kept(direct_url: str, *, is_pooled: bool) -> None:
    """For writing and reading, although PgBouncer refuses them as startup parameters."""
    with psycopg.connect(direct_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA bot_tables")
    options = "?options=-c%20search_path%3Dbot_tables%20--statement-timeout%3D77s"
    with pgbouncer(direct_url, "session") as through:
        url = (through if is_pooled else direct_url.partition("?")[0]) + options
        if not is_pooled and "?" in direct_url:
            url += "&" + direct_url.partition("?")[2]
        async with open_store(url, 1, lambda: None) as store:
            assert await store.read(_search_path) == "bot_tables"
            assert await store.write(_writers_search_path, None) == "bot_tables"


async def _search_path(reading: Reading) -> str:
    row = await (await reading.connection.execute("SHOW search_path")).fetchone()
    return str(row["search_path"])


def _writers_search_path(transaction: Transaction, _nothing: None) -> str:
    return str(transaction.connection.execute("SHOW search_path").fetchone()["search_path"])


async def test_every_transaction_is_durable_whatever_the_session_says(direct_url: str) -> None:
    """Asserted where it counts: a session that a pooler replaced may have it off."""
    async with open_store(direct_url, 1, lambda: None) as store:
        await store.write(_spoil_the_session, None)
        assert await store.write(_durability, None) == "on"
        await receive(store, "s1", 1_000)
        assert (await store.read(deliveries.backlog)).pending == 1


def _spoil_the_session(transaction: Transaction, _nothing: None) -> None:
    transaction.connection.execute("COMMIT; SET synchronous_commit = off; BEGIN")


def _durability(transaction: Transaction, _nothing: None) -> str:
    row = transaction.connection.execute("SHOW synchronous_commit").fetchone()
    return str(row["synchronous_commit"])


async def test_a_pooler_that_has_one_session_only_says_what_is_needed(direct_url: str) -> None:
    """The bot needs a session for each of writing, listening and reading."""
    settings = {"default_pool_size": "1", "query_wait_timeout": "1"}
    with pgbouncer(direct_url, "session", **settings) as url, pytest.raises(StoreUnavailable):
        await PostgresDatabase(url).connection_kind()
