"""The server itself notices that its record was changed: at start, daily, and where an old backup is put back."""

from pathlib import Path
from typing import Any

from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.look import look_into
from tests.support.operator import command
from tests.support.slack import OPERATIONS_CHANNEL, LocalSlack
from tests.support.tamper import tamper

KEY = "a-key-that-only-the-auditor-has"


async def _posted(bot: Bot, what: str, count: int = 1) -> list[str]:
    """Wait until the operations channel shows this; its texts, oldest first."""

    async def found() -> list[str]:
        texts = [message["text"] for message in await bot.slack.messages(OPERATIONS_CHANNEL)]
        matching = [text for text in texts if what in text]
        return matching if len(matching) >= count else []

    return await until(found, f"{what} is not posted")


async def _problems(bot: Bot) -> dict[str, Any]:
    async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
        return dict((await answer.json())["problems"])


async def test_a_record_that_was_cut_is_noticed_at_the_next_start(
    database_url: str, slack: LocalSlack, tmp_path: Path
) -> None:
    """The head goes to the operations channel; a record that does not lead through it is an alert and a problem."""
    async with running(database_url, slack, audit_key=(KEY,)) as bot:
        for _ in range(3):
            await bot.ralio.send(ralio.event())
        await _posted(bot, "Audit head of")
        await bot.settled()
        clock = bot.clock
    clock.advance(24 * 3_600)
    async with running(database_url, slack, clock, audit_key=(KEY,)) as bot:
        *_, line = await _posted(bot, "Audit head of", 2)
        assert "`4:" in line
        await bot.ralio.send(ralio.event())
        await bot.settled()
        assert "audit" not in await _problems(bot)
    heads = tmp_path / "heads.txt"
    heads.write_text(f"{line}\n", encoding="utf-8")
    verified = await command(database_url, "audit", "verify", "--head-file", str(heads), AUDIT_KEY=KEY)
    assert (verified.returncode, "nothing is missing up to entry 4" in verified.stdout) == (0, True)

    (kept,) = look_into(database_url, "SELECT seal FROM audit WHERE id = 2")
    tables = ("timers", "deliveries", "lookups", "audit")
    remove = [f"DELETE FROM {table} WHERE review_id > 1" for table in tables]  # noqa: S608 - names of ours
    head = f"UPDATE audit_head SET id = 2, seal = '{kept['seal']}'"  # noqa: S608
    events = "DELETE FROM events WHERE session_id IN (SELECT session_id FROM reviews WHERE id > 1)"
    tamper(database_url, *remove, events, head, "DELETE FROM reviews WHERE id > 1")
    verified = await command(database_url, "audit", "verify", AUDIT_KEY=KEY)
    assert verified.returncode == 0, verified.stdout  # the database alone does not show it

    async with running(database_url, slack, clock, audit_key=(KEY,)) as bot:
        (alert,) = await _posted(bot, "The audit record is broken at entry 4")
        assert "an old backup was restored" in alert
        assert "audit" in await _problems(bot)
        async with bot.slack.session.get(f"{bot.address}/metrics") as answer:
            assert 'review_bot_problem{name="audit"} 1.0' in await answer.text()
        await bot.settled()


async def test_what_was_added_since_the_last_head_is_verified(database_url: str, slack: LocalSlack) -> None:
    """An entry that was changed behind the head, and none before it: those were verified on their day."""
    async with running(database_url, slack, audit_key=(KEY,)) as bot:
        await bot.ralio.send(ralio.event())
        await _posted(bot, "Audit head of")
        await bot.settled()
        clock = bot.clock
    clock.advance(24 * 3_600)
    async with running(database_url, slack, clock, audit_key=(KEY,)) as bot:
        await _posted(bot, "Audit head of", 2)
        await bot.ralio.send(ralio.event())
        await bot.settled()
    tamper(database_url, "UPDATE audit SET actor = 'x' WHERE id = 3")
    async with running(database_url, slack, clock, audit_key=(KEY,)) as bot:
        (alert,) = await _posted(bot, "The audit record is broken at entry 3")
        assert "it is not the entry that was written here" in alert
        await bot.settled()
