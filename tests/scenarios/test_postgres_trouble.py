"""PostgreSQL does not let us write: 503 to Ralio, not ready, a word to whoever clicked, and recovery by itself."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bot.handlers import modal, slash_command
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.broken_commit import breaking_commits
from tests.support.people import Person, new_review
from tests.support.postgres import PostgresServer
from tests.support.slack import ANA, BEN, LocalSlack, shown
from tests.support.trouble import send


@pytest.fixture
def database_url(postgres: PostgresServer) -> Iterator[str]:
    """A database that each of these stories may spoil."""
    with postgres.database() as url:
        yield url


def _administer(url: str, *statements: str) -> None:
    """As the database's owner would, from another database; `NAME` stands for the bot's."""
    name = str(conninfo_to_dict(url)["dbname"])
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.replace("NAME", name).encode())


_BREAK_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'NAME'"


@contextmanager
def _away(url: str) -> Iterator[None]:
    """Every connection breaks, and no new one is taken."""
    _administer(url, "ALTER DATABASE NAME ALLOW_CONNECTIONS false", _BREAK_CONNECTIONS)
    yield
    _administer(url, "ALTER DATABASE NAME ALLOW_CONNECTIONS true")


@contextmanager
def _read_only(url: str) -> Iterator[None]:
    """As after a failover to a replica that is not the first one yet."""
    _administer(url, "ALTER DATABASE NAME SET default_transaction_read_only = on", _BREAK_CONNECTIONS)
    yield
    _administer(url, "ALTER DATABASE NAME RESET default_transaction_read_only")


@contextmanager
def _locked(url: str) -> Iterator[None]:
    """Somebody's long transaction holds the tables."""
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE events, reviews, schema_versions IN EXCLUSIVE MODE")
        yield
        connection.rollback()


async def _problems(bot: Bot) -> dict[str, Any]:
    async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
        problems = dict((await answer.json())["problems"])
        assert answer.status == (503 if problems else 200)
        return problems


@pytest.mark.parametrize("trouble", [_away, _read_only, _locked])
async def test_nothing_is_acknowledged_and_it_recovers(bot: Bot, trouble: Any) -> None:
    """The repetition is recorded, the second press counts, and nobody has to restart anything."""
    breaking: AbstractContextManager[None] = trouble(bot.database_url)
    known = await send(bot)
    await bot.settled()
    card = await bot.card(known)
    event = ralio.event()
    with breaking:
        for _ in range(2):
            status, answer = await bot.ralio.send(event)
            assert (status, answer) == (503, {"received": False, "error": "database"})
        assert "database" in await _problems(bot)
        assert (await bot.slack.click(ANA, card, "Claim"))["status"] == 200
        await until(lambda: bot.slack.private_notes(ANA), "nobody tells Ana")

    async def ready() -> bool:
        return not await _problems(bot)

    await until(ready, "it does not become ready again", 15)
    assert await bot.ralio.send(event) == (200, {"received": True, "result": "recorded"})
    await bot.slack.click(ANA, card, "Claim")
    await bot.settled()
    assert await bot.card(event["data"]["sessionId"])
    assert f"*Claimed* by <@{ANA}>" in shown(await bot.card(known))
    assert len(bot.rows("SELECT id FROM audit WHERE action = 'claim'")) == 1


async def test_whoever_acts_while_a_commit_breaks_reads_that_it_may_not_be_recorded(
    database_url: str, slack: LocalSlack
) -> None:
    """It was recorded, which the bot can't know: the button, the form and the command all say so."""
    async with (
        breaking_commits(database_url) as broken,
        running(database_url, slack, through=broken.url) as bot,
    ):
        session_id, other = await new_review(bot), await new_review(bot)
        ana, ben = Person(bot, ANA), Person(bot, BEN)
        await bot.settled()
        card = await bot.card(session_id)
        broken.breaks = 1
        assert (await slack.click(ANA, card, "Claim"))["status"] == 200
        (apology,) = await until(lambda: slack.private_notes(ANA), "nobody tells Ana")
        assert "Your click may not have been recorded" in apology
        assert bot.review(session_id)["claimed_by"] == ANA
        await bot.settled()
        broken.breaks = 1
        assert await ben.type("next") == slash_command.MAYBE_NOT_RECORDED["text"]
        assert bot.review(other)["claimed_by"] == BEN
        await bot.settled()
        await ana.press(session_id, "Resolve")
        await ana.form()
        broken.breaks = 1
        answer = await ana.submit(outcome="Approve", note="I am sure.")
        assert list(answer["errors"].values()) == [modal.MAYBE_NOT_RECORDED]
        assert bot.review(session_id)["status"] == "decided"
        await bot.settled()
