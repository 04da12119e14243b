"""The SQLite file does not let us write: 503 to Ralio, a word to whoever clicked, and recovery by itself."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.store.errors import StoreInUse
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.slack import ANA, LocalSlack


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the file is."""
    return tmp_path / "reviews.db"


@pytest.fixture
def database_url(database: Path) -> str:
    """What these stories are about happens to a file only."""
    return f"sqlite:///{database}"


@contextmanager
def _locked(database: Path) -> Iterator[None]:
    """Somebody else holds the write lock, as a careless tool would."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


async def _problems(bot: Bot) -> dict[str, Any]:
    """What /readyz complains about; with 503 if there is anything."""
    async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
        problems = dict((await answer.json())["problems"])
        assert answer.status == (503 if problems else 200)
        return problems


async def _named(bot: Bot, words: str) -> None:
    """Wait until /readyz names it: a report lasts for a second."""

    async def is_named() -> bool:
        return words in (await _problems(bot)).get("database", "")

    await until(is_named, f"/readyz does not say {words!r}")


async def _ready(bot: Bot) -> bool:
    return not await _problems(bot)


async def test_readiness_fails_while_the_file_can_only_be_read(bot: Bot, database: Path) -> None:
    """Nobody has to send anything for it to be noticed, nor for it to be noticed that it is over."""
    await until(lambda: _ready(bot), "it never becomes ready")
    with _locked(database):
        # What was found out in the last seconds counts, until a write fails.
        assert (await bot.ralio.send(ralio.event()))[0] == 503
        await _named(bot, "locked")
    await until(lambda: _ready(bot), "it does not become ready again")


async def test_readiness_finds_out_by_itself(
    database: Path, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a quiet night nothing else would be written."""
    monkeypatch.setattr("bot.store.store.WRITE_CHECK_LASTS_S", 0.1)
    async with running(f"sqlite:///{database}", slack) as bot:
        await until(lambda: _ready(bot), "it never becomes ready")
        with _locked(database):
            await _named(bot, "locked")
        await until(lambda: _ready(bot), "it does not become ready again")


async def test_a_locked_database_answers_503_and_recovers(bot: Bot, database: Path) -> None:
    """Ralio repeats what ends in 503; the repetition is recorded."""
    event = ralio.event()
    with _locked(database):
        status, answer = await bot.ralio.send(event)
        assert (status, answer["received"]) == (503, False)
    assert await bot.ralio.send(event) == (200, {"received": True, "result": "recorded"})
    await bot.settled()
    assert await bot.card(event["data"]["sessionId"])


async def test_a_click_on_a_locked_database_is_answered_in_time_and_explained(
    bot: Bot, database: Path
) -> None:
    """Slack waits for three seconds; the person is told that nothing was recorded."""
    event = ralio.event()
    await bot.ralio.send(event)
    await bot.settled()
    card = await bot.card(event["data"]["sessionId"])
    with _locked(database):
        began = time.monotonic()
        assert (await bot.slack.click(ANA, card, "Claim"))["status"] == 200
        assert time.monotonic() - began < 3
        await until(lambda: bot.slack.private_notes(ANA), "nobody tells Ana")
    (note,) = await bot.slack.private_notes(ANA)
    assert "couldn't record your click" in note
    assert bot.review(event["data"]["sessionId"])["status"] == "open"


async def test_a_removed_file_is_never_acknowledged_into(bot: Bot, database: Path) -> None:
    """Writing on into a file without a name would lose every review at the next restart."""
    assert (await bot.ralio.send(ralio.event()))[0] == 200
    moved = database.with_suffix(".moved")
    database.rename(moved)  # noqa: ASYNC240
    assert (await bot.ralio.send(ralio.event()))[0] == 503
    await _named(bot, "put it back")
    moved.rename(database)
    assert (await bot.ralio.send(ralio.event()))[0] == 200
    await until(lambda: _ready(bot), "it does not become ready again")


@pytest.mark.usefixtures("bot")
async def test_a_second_server_on_the_same_file_is_refused(database: Path, slack: LocalSlack) -> None:
    """Two writing processes could damage the file; the refusal names the one that has it."""
    with pytest.raises(StoreInUse, match="another process"):
        async with running(f"sqlite:///{database}", slack):
            pass


async def test_what_was_refused_in_a_bad_minute_arrives_with_the_repetition(bot: Bot, database: Path) -> None:
    """Sixty at once against a locked database: all are told to come again, none is half-written."""
    events = [ralio.event() for _ in range(60)]
    with _locked(database):
        answers = await asyncio.gather(*(bot.ralio.send(event) for event in events))
    assert {status for status, _ in answers} == {503}
    answers = await asyncio.gather(*(bot.ralio.send(event) for event in events))
    assert {status for status, _ in answers} == {200}
    await bot.settled(60)
    assert len(bot.rows("SELECT id FROM reviews")) == 60
