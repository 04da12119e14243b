"""What is old goes when it is asked for, but not what is held or in work; and the record can still be proved."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.settings.file import BotFile
from tests.support import ralio
from tests.support.bot import Bot, MovableClock, running, until
from tests.support.look import look_into
from tests.support.operator import command
from tests.support.process import ROOT
from tests.support.ralio_api import running_ralio_api
from tests.support.slack import ANA, LocalSlack
from tests.support.tamper import tamper, write

DAY_S = 86_400.0
KEY = "key"
KEEP_NOTHING = str(ROOT / "tests" / "fixtures" / "keep_nothing.toml")


def days_ago(days: int) -> str:
    """As it is typed."""
    return datetime.fromtimestamp(time.time() - days * DAY_S, UTC).strftime("%Y-%m-%d")


@pytest.fixture
async def bot(database_url: str, slack: LocalSlack) -> AsyncIterator[Bot]:
    """A bot that runs since 300 days ago, with a keyed record."""
    clock = MovableClock()
    clock.advance(-300 * DAY_S)
    async with running(database_url, slack, clock, audit_key=(KEY,)) as running_bot:
        yield running_bot


async def finished(bot: Bot) -> str:
    """A session that came and was verified; answers with its id."""
    session_id = await came(bot)
    assert (await bot.ralio.send(ralio.event("kyc_session_verified", sessionId=session_id)))[0] == 200
    await bot.settled()
    return session_id


async def came(bot: Bot) -> str:
    """A session that waits for a reviewer."""
    event = ralio.event()
    assert (await bot.ralio.send(event))[0] == 200
    await bot.settled()
    return str(event["data"]["sessionId"])


async def operator(url: str, *words: str) -> str:
    """A command that must succeed; answers with what it says."""
    done = await command(url, *words, AUDIT_KEY=KEY, BOT_CONFIG=KEEP_NOTHING)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def verified(url: str) -> str:
    """What `audit verify` says of a sound record."""
    return await operator(url, "audit", "verify")


def sessions(url: str, table: str = "reviews") -> set[str]:
    """The sessions that a table knows."""
    return {row["session_id"] for row in look_into(url, f"SELECT session_id FROM {table}")}  # noqa: S608


def count(url: str, table: str) -> int:
    """How many rows a table has."""
    return int(look_into(url, f"SELECT count(*) AS n FROM {table}")[0]["n"])  # noqa: S608


async def test_old_sessions_go_and_the_record_stays_sound(bot: Bot) -> None:
    """Beside the running server: finished old ones go with all that is theirs; what is newer, open or held stays."""
    url = bot.database_url
    for _ in range(3):
        await finished(bot)
    waiting, held = await came(bot), await finished(bot)
    last_old = await finished(bot)
    assert (await bot.ralio.send_bytes(b"rubbish"))[0] == 400
    await bot.settled()
    bot.clock.advance(300 * DAY_S)
    recent = await finished(bot)
    assert "is on hold" in await operator(url, "hold", "add", held, "--reason", "lawsuit", "--by", ANA)

    rehearsal = await operator(url, "purge", "--before", days_ago(100), "--dry-run")
    assert "would remove 4 reviews and 8 entries" in rehearsal
    assert "and 1 quarantined events; nothing was removed" in rehearsal
    assert len(sessions(url)) == 7

    done = await operator(url, "purge", "--before", days_ago(100), "--by", ANA)
    assert "removed 4 reviews and 8 entries" in done
    assert "8 events, 1 quarantined ones" in done
    assert sessions(url) == sessions(url, "events") == {waiting, held, recent}
    cards = look_into(url, "SELECT r.session_id FROM deliveries AS d JOIN reviews AS r ON r.id = d.review_id")
    assert {row["session_id"] for row in cards} == {waiting, held, recent}

    said = await verified(url)
    assert "8 more were purged" in said
    assert "would remove 0 reviews" in await operator(url, "purge", "--before", days_ago(100), "--dry-run")
    purges = look_into(url, "SELECT actor, detail FROM audit WHERE action = 'purge' ORDER BY id")
    assert {row["actor"] for row in purges} == {ANA}
    assert json.loads(purges[0]["detail"])["entries"] == "8"

    assert "is no longer on hold" in await operator(url, "hold", "remove", held)
    assert "removed 1 reviews" in await operator(url, "purge", "--before", days_ago(100))
    again = ralio.event(sessionId=last_old)
    await bot.ralio.send(again)
    await bot.settled()
    assert sessions(url) == {waiting, recent, last_old}
    assert "12 more were purged" in await verified(url)


async def test_holds_are_listed_and_on_record(bot: Bot) -> None:
    """Who placed it, when, and why; twice is once, and the card is not touched."""
    url = bot.database_url
    session_id = await finished(bot)
    version = bot.review(session_id)["version"]
    for words in ("is on hold", "was already on hold"):
        assert words in await operator(url, "hold", "add", session_id, "--reason", "lawsuit")
    (line,) = (await operator(url, "hold", "list", "--json")).splitlines()
    assert {name: json.loads(line)[name] for name in ("session_id", "reason", "placed_by")} == {
        "session_id": session_id,
        "reason": "lawsuit",
        "placed_by": "operator",
    }
    for words in ("is no longer on hold", "was not on hold"):
        assert words in await operator(url, "hold", "remove", session_id)
    entries = json.loads(await operator(url, "audit", "case", session_id, "--format", "json"))["entries"]
    assert [(each["actor"], each["action"]) for each in entries[2:]] == [
        ("operator", "hold"),
        ("operator", "lift_hold"),
    ]
    await bot.settled()
    assert bot.review(session_id)["version"] == version
    await verified(url)
    unknown = await command(url, "hold", "add", "nobody", AUDIT_KEY=KEY)
    assert (unknown.returncode, "no review of session nobody" in unknown.stderr) == (1, True)


async def test_nothing_can_be_passed_off_as_purged(bot: Bot) -> None:
    """An entry that was put away under a tombstone of somebody's own is named."""
    url = bot.database_url
    for _ in range(2):
        await finished(bot)
    bot.clock.advance(300 * DAY_S)
    await came(bot)
    await operator(url, "purge", "--before", days_ago(100))
    (purge, *_) = look_into(url, "SELECT id FROM audit WHERE action = 'purge' ORDER BY id")

    values = f"SELECT 6, 6, seal, {purge['id']} FROM audit WHERE id = 6"  # noqa: S608
    write(
        url,
        f"INSERT INTO audit_purged (last, first, last_seal, purge) {values}",
        "DELETE FROM audit WHERE id = 6",
    )
    broken = await command(url, "audit", "verify", AUDIT_KEY=KEY)
    assert (broken.returncode, f"broken at entry {purge['id']}" in broken.stdout) == (1, True)
    assert "not the ones that this purge removed" in broken.stdout
    tamper(url, f"UPDATE audit_purged SET purge = {purge['id'] + 90} WHERE last = 6")  # noqa: S608
    broken = await command(url, "audit", "verify", AUDIT_KEY=KEY)
    assert "broken at entry 6: entries 6 to 6 are missing, and no purge removed them" in broken.stdout


async def test_nothing_younger_than_the_settings_say_goes(bot: Bot) -> None:
    """The shipped file keeps five years; the rehearsal says of each review why it stays."""
    finished_id, waiting, held = await finished(bot), await came(bot), await finished(bot)
    await operator(bot.database_url, "hold", "add", held, "--reason", "lawsuit")
    words = ["purge", "--before", days_ago(100)]
    refused = await command(bot.database_url, *words, AUDIT_KEY=KEY)
    assert (refused.returncode, "keep_at_least is 5y" in refused.stderr) == (2, True)
    rehearsal = await command(bot.database_url, *words, "--dry-run", AUDIT_KEY=KEY)
    assert f"{finished_id}  kept: younger than 5y (keep_at_least)" in rehearsal.stdout
    assert "would remove 0 reviews" in rehearsal.stdout
    allowed = await operator(bot.database_url, *words, "--dry-run")
    assert f"{finished_id}  would be removed" in allowed
    assert f"{waiting}  kept: in progress" in allowed
    assert f"{held}  kept: on hold" in allowed


async def test_two_purges_at_once_end_cleanly(bot: Bot) -> None:
    """Each removes what the other left, and the record stays sound."""
    for _ in range(3):
        await finished(bot)
    bot.clock.advance(300 * DAY_S)
    words = ["purge", "--before", days_ago(100)]
    printed = await asyncio.gather(*(operator(bot.database_url, *words) for _ in range(2)))
    assert sum(int(line.split()[1]) for line in printed) == 3
    assert "were purged" in await verified(bot.database_url)


async def test_what_cannot_be_meant_is_refused(bot: Bot) -> None:
    """A date to come, a name instead of an id, a reason of several lines."""
    for words in (
        ["purge", "--before", days_ago(-2)],
        ["purge"],
        ["hold", "add", "s1", "--by", "Jane"],
        ["hold", "add", "s1", "--reason", "a\nb"],
    ):
        refused = await command(bot.database_url, *words)
        assert (refused.returncode, "Error" in refused.stderr) == (2, True), refused.stderr


async def test_without_a_server_the_command_needs_the_key(database_url: str, slack: LocalSlack) -> None:
    """It writes the record itself then, and does not spoil it."""
    clock = MovableClock()
    clock.advance(-300 * DAY_S)
    async with running(database_url, slack, clock, audit_key=(KEY,)) as bot:
        await finished(bot)
    words: list[Any] = ["purge", "--before", days_ago(100)]
    keyless = await command(database_url, *words, BOT_CONFIG=KEEP_NOTHING)
    assert (keyless.returncode, "AUDIT_KEY is not set" in keyless.stderr) == (2, True)
    assert "removed 1 reviews and 2 entries" in await operator(database_url, *words)
    assert "2 more were purged" in await verified(database_url)


async def test_what_was_asked_and_what_was_due_goes_with_the_session(
    database_url: str, slack: LocalSlack
) -> None:
    """A reminder fired for it, and Ralio's API was asked about it."""
    clock = MovableClock()
    clock.advance(-300 * DAY_S)
    file = BotFile.model_validate({"queues": {"user": {"deadlines": {"claim_within": "1h"}}}})
    async with (
        running_ralio_api() as api,
        running(database_url, slack, clock, audit_key=(KEY,), file=file, **api.settings) as bot,
    ):
        session_id = await came(bot)
        clock.advance(7_200)

        async def both() -> bool:
            fired = bot.rows("SELECT kind FROM timers WHERE fired_at IS NOT NULL")
            return bool(fired and bot.rows("SELECT kind FROM lookups"))

        await until(both, "nothing was due, or nothing was to be asked")
        verdict = ralio.event("kyc_session_verified", sessionId=session_id)
        assert (await bot.ralio.send(verdict))[0] == 200
        await bot.settled()
        clock.advance(300 * DAY_S)
        assert "removed 1 reviews" in await operator(database_url, "purge", "--before", days_ago(100))
        assert [count(database_url, table) for table in ("reviews", "lookups", "timers")] == [0, 0, 0]
        assert "were purged" in await verified(database_url)
        await bot.settled()
