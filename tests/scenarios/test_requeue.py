"""Slack refused cards for good; an operator mends the cause, and sends what was held."""

import asyncio
import json
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.delivery.retry_policy import SETTLE_S
from bot.store.engine.lock_file import LockFile
from bot.web.admin_commands import REPLAY, REQUEUE
from bot.web.admin_socket import MAX_ARGUMENT_BYTES
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.operator import command
from tests.support.postgres import PostgresServer
from tests.support.process import Process, environment, free_port
from tests.support.slack import ANA, BEN, USER_CHANNEL, LocalSlack, buttons
from tests.support.trouble import later

HELD = "SELECT * FROM deliveries WHERE held_at IS NOT NULL ORDER BY id"


def _of(bot: Bot, query: str) -> Callable[[], Awaitable[list[dict[str, Any]]]]:
    """What a query answers, to be waited for."""

    async def rows() -> list[dict[str, Any]]:
        return bot.rows(query)

    return rows


async def _held_card(bot: Bot) -> tuple[str, dict[str, Any]]:
    """A review whose card Slack refused, for the channel is archived; gives the session and the delivery."""
    await bot.slack.change_channel(USER_CHANNEL, archived=True)
    event = ralio.event()
    assert (await bot.ralio.send(event))[0] == 200
    session_id = str(event["data"]["sessionId"])

    async def held() -> list[dict[str, Any]]:
        return bot.rows(
            "SELECT d.* FROM deliveries d JOIN reviews r ON r.id = d.review_id "
            "WHERE d.held_at IS NOT NULL AND r.session_id = :session_id",
            session_id=session_id,
        )

    (delivery,) = await until(held, "nothing is held")
    await bot.settled()
    return session_id, delivery


async def test_a_held_card_appears_once_it_is_requeued(bot: Bot) -> None:
    """Listed, mended, sent: one card, beside the running server, and the next time there is nothing to do."""
    session_id, delivery = await _held_card(bot)
    await bot.slack.change_channel(USER_CHANNEL, archived=False)

    (line,) = (await command(bot.database_url, "deliveries", "--held", "--json")).stdout.splitlines()
    listed = json.loads(line)
    assert (listed["id"], listed["kind"], listed["state"]) == (delivery["id"], "card", "held")
    assert (listed["session_id"], listed["channel"]) == (session_id, USER_CHANNEL)
    assert (listed["last_error"], listed["attempts"]) == ("is_archived", 1)
    assert (listed["wanted_version"], listed["shown_version"]) == (1, 0)
    assert listed["held_at"].endswith("Z")
    assert listed["due_at"].endswith("Z")
    assert list(listed) == [
        *["id", "kind", "state", "session_id", "lane", "channel", "recipient", "attempts"],
        *["wanted_version", "shown_version", "due_at", "held_at", "last_error"],
    ]
    shown = (await command(bot.database_url, "deliveries")).stdout
    assert session_id in shown
    assert "is_archived" in shown

    done = await command(bot.database_url, "deliveries", "requeue", "--all")
    assert (done.returncode, done.stdout) == (0, "requeued 1 delivery\n")
    await until(lambda: bot.cards(session_id), "no card")
    await bot.settled()
    assert buttons(await bot.card(session_id)) == ["Claim"]

    again = await command(bot.database_url, "deliveries", "requeue", "--all")
    assert (again.returncode, again.stdout) == (0, "requeued 0 deliveries\n")
    nothing = await command(bot.database_url, "deliveries", "--held", "--json")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert len(await bot.cards(session_id)) == 1


async def test_one_of_two_is_requeued_by_its_id_and_brings_the_other_along(bot: Bot) -> None:
    """It shows that the channel takes messages again; an id that is not held, or not there, is reported."""
    first, delivery = await _held_card(bot)
    second, _ = await _held_card(bot)
    await bot.slack.change_channel(USER_CHANNEL, archived=False)
    word = str(delivery["id"])
    done = await command(bot.database_url, "deliveries", "requeue", word)
    assert (done.returncode, done.stdout) == (0, "requeued 1 delivery\n")
    await until(lambda: bot.cards(first), "no card")
    await until(lambda: bot.cards(second), "the other card stays held")
    await bot.settled()
    assert bot.rows(HELD) == []
    for not_held in (word, "999999", str(2**63 - 1)):
        refused = await command(bot.database_url, "deliveries", "requeue", not_held)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"no held delivery {not_held}" in refused.stderr


async def test_the_server_that_starts_later_sends_what_was_requeued(
    database_url: str, slack: LocalSlack
) -> None:
    """Without a server the command writes itself, on SQLite, too."""
    async with running(database_url, slack) as bot:
        session_id, _ = await _held_card(bot)
    await slack.change_channel(USER_CHANNEL, archived=False)
    done = await command(database_url, "deliveries", "requeue", "--all")
    assert (done.returncode, done.stdout) == (0, "requeued 1 delivery\n")
    (listed,) = (await command(database_url, "deliveries", "--json")).stdout.splitlines()
    assert json.loads(listed)["state"] == "pending"
    async with running(database_url, slack) as bot:
        await until(lambda: bot.cards(session_id), "no card")
        assert buttons(await bot.card(session_id)) == ["Claim"]


async def test_a_card_that_was_never_posted_follows_the_queue_to_its_new_channel(
    database_url: str, slack: LocalSlack
) -> None:
    """The archived channel was replaced in the settings; the card was nowhere, so it goes to the new one."""
    async with running(database_url, slack) as bot:
        session_id, _ = await _held_card(bot)
    other = "CPARTY0001"
    async with running(database_url, slack, user_review_channel=other) as bot:
        assert (await command(database_url, "deliveries", "requeue", "--all")).returncode == 0
        await until(lambda: bot.cards(session_id, other), "no card")
        await bot.slack.change_channel(USER_CHANNEL, archived=False)
        assert await bot.cards(session_id) == []


async def test_an_open_question_is_answered_before_a_requeued_card_is_posted(bot: Bot) -> None:
    """The post was cut off though Slack has it, and the look was refused for good: after requeueing it is adopted."""
    await bot.slack.fault("chat.postMessage", "drop_after", count=1)
    await bot.slack.fault("conversations.history", "error", count=1, error="is_archived")
    event = ralio.event()
    assert (await bot.ralio.send(event))[0] == 200
    session_id = str(event["data"]["sessionId"])

    noted = "SELECT * FROM deliveries WHERE last_error IS NOT NULL AND lease_token IS NULL"
    await until(_of(bot, noted), "the fault is not noted")
    bot.clock.advance(SETTLE_S)
    (delivery,) = await until(_of(bot, HELD), "nothing is held")
    assert delivery["unresolved_since"] is not None
    assert (await command(bot.database_url, "deliveries", "requeue", "--all")).returncode == 0
    bot.clock.advance(1)
    await bot.settled()
    assert len(await bot.cards(session_id)) == 1
    notices = bot.rows("SELECT id FROM deliveries WHERE kind = 'operations_notice'")
    assert len(await bot.slack.calls("chat.postMessage")) == 1 + len(notices)


async def test_a_private_note_that_waits_is_listed(bot: Bot) -> None:
    """An operator sees for whom it is and which session it is about, and nothing of what it says."""
    event = ralio.event()
    await bot.ralio.send(event)
    session_id = str(event["data"]["sessionId"])
    (card,) = await until(lambda: bot.cards(session_id), "no card")
    await bot.slack.fault("chat.postEphemeral", "ratelimited", count=1, retry_after=300)
    await bot.slack.click(ANA, card, "Claim")
    await bot.slack.click(BEN, card, "Claim")
    await until(
        _of(bot, "SELECT id FROM deliveries WHERE last_error = 'ratelimited'"), "the limit is not noted"
    )
    lines = (await command(bot.database_url, "deliveries", "--json")).stdout.splitlines()
    (line,) = [line for line in lines if "private_note" in line]
    listed = json.loads(line)
    assert (listed["session_id"], listed["recipient"], listed["state"]) == (session_id, BEN, "pending")
    assert ANA not in line
    assert (await command(bot.database_url, "deliveries", "--held", "--json")).stdout == ""
    await later(bot, 301)
    await bot.settled()
    assert len(await bot.slack.private_notes(BEN)) == 1


async def test_orders_of_several_commands_at_once(bot: Bot) -> None:
    """Five operators press at the same moment: the delivery is requeued by one of them."""
    session_id, _ = await _held_card(bot)
    await bot.slack.change_channel(USER_CHANNEL, archived=False)
    done = await asyncio.gather(
        *(command(bot.database_url, "deliveries", "requeue", "--all") for _ in range(5))
    )
    assert [answer.returncode for answer in done] == [0] * 5
    assert sorted(answer.stdout.split()[1] for answer in done) == ["0"] * 4 + ["1"]
    await bot.settled()
    assert len(await bot.cards(session_id)) == 1


@pytest.fixture
def deep_url(tmp_path: Path) -> str:
    """A SQLite file whose path is too long for a socket beside it."""
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    return f"sqlite:///{folder / 'reviews.db'}"


async def test_a_database_in_a_deep_folder_takes_orders_too(deep_url: str, slack: LocalSlack) -> None:
    """The socket lies in a private folder that goes with the server."""
    async with running(deep_url, slack) as bot:
        session_id, _ = await _held_card(bot)
        await slack.change_channel(USER_CHANNEL, archived=False)
        path = LockFile(Path(deep_url.removeprefix("sqlite:///"))).announced()
        assert path is not None
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert (await command(deep_url, "deliveries", "requeue", "--all")).returncode == 0
        await until(lambda: bot.cards(session_id), "no card")
    assert not path.parent.exists()


async def test_commands_reach_the_server_with_a_long_temporary_folder(
    deep_url: str, slack: LocalSlack
) -> None:
    """The real process: the socket is in /tmp, because neither the database's folder nor TMPDIR is short enough."""
    long_folder = Path(deep_url.removeprefix("sqlite:///")).parent
    env = environment(deep_url, free_port(), slack.api_url) | {"TMPDIR": str(long_folder)}
    server = Process(env, long_folder / "bot.log")
    server.start()
    await server.listening()
    path = LockFile(long_folder / "reviews.db").announced()
    assert path is not None
    assert path.is_socket()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    answer = await command(deep_url, "deliveries", "requeue", "--all")
    assert (answer.returncode, answer.stdout) == (0, "requeued 0 deliveries\n"), answer.stderr
    assert "no_maintenance_socket" not in server.log()
    assert await server.terminate() == 0
    assert not path.parent.exists()


async def test_the_socket_is_private_and_goes_with_the_server(short_folder: Path, slack: LocalSlack) -> None:
    """What a killed server left there is replaced; a file of another kind is left alone."""
    database = short_folder / "reviews.db"
    path = short_folder / "reviews.db.sock"
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(path))
    stale.close()
    async with running(f"sqlite:///{database}", slack):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        answer = await command(f"sqlite:///{database}", "deliveries", "requeue", "--all")
        assert answer.stdout == "requeued 0 deliveries\n"
    assert not path.exists()
    path.write_text("somebody's")
    async with running(f"sqlite:///{database}", slack):
        answer = await command(f"sqlite:///{database}", "deliveries", "requeue", "--all")
        assert answer.returncode == 1
        assert "doesn't accept admin commands" in answer.stderr
    assert path.read_text() == "somebody's"


@pytest.mark.parametrize("words", [[], ["1", "--all"], ["0"], ["many"]])
async def test_it_has_to_be_said_what_to_requeue(tmp_path: Path, words: list[str]) -> None:
    """Either an id or --all."""
    answer = await command(f"sqlite:///{tmp_path / 'none.db'}", "deliveries", "requeue", *words)
    assert answer.returncode == 2
    assert "Usage:" in answer.stderr


async def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    """The line says what to do."""
    database = tmp_path / "none.db"
    answer = await command(f"sqlite:///{database}", "deliveries", "requeue", "--all")
    assert answer.returncode == 1
    assert "python -m bot migrate" in answer.stderr
    assert not database.exists()


async def test_a_schema_that_is_not_there_is_told(tmp_path: Path, postgres: PostgresServer) -> None:
    """A command that mends does not migrate: the server or `migrate` does."""
    database = tmp_path / "empty.db"
    database.touch()
    with postgres.empty_database() as url:
        for where in (url, f"sqlite:///{database}"):
            answer = await command(where, "deliveries", "requeue", "--all")
            assert answer.returncode == 1
            assert "has no schema: run 'python -m bot migrate'" in answer.stderr


async def test_a_server_that_was_killed_is_in_nobodys_way(short_folder: Path, slack: LocalSlack) -> None:
    """The real process: asked while it runs, done without it once it is killed, asked again when it is back."""
    url = f"sqlite:///{short_folder / 'reviews.db'}"
    path = short_folder / "reviews.db.sock"
    server = Process(environment(url, free_port(), slack.api_url), short_folder / "bot.log")
    for _ in range(2):
        server.start()
        await server.listening()
        assert path.is_socket()
        beside = await command(url, "deliveries", "requeue", "--all")
        assert (beside.returncode, beside.stdout) == (0, "requeued 0 deliveries\n"), beside.stderr
        assert "admin_command_finished" in server.log()
        server.kill()
        alone = await command(url, "deliveries", "requeue", "--all")
        assert (alone.returncode, alone.stdout) == (0, "requeued 0 deliveries\n"), alone.stderr
    server.start()
    await server.listening()
    assert await server.terminate() == 0
    assert not path.exists()
    assert "Traceback" not in server.log()


async def test_what_is_no_order_is_refused(short_folder: Path, slack: LocalSlack) -> None:
    """On the socket with 400; on the public port there is no such thing."""
    async with (
        running(f"sqlite:///{short_folder / 'reviews.db'}", slack) as bot,
        aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(str(short_folder / "reviews.db.sock"))
        ) as session,
    ):
        too_long = b'{"id": null}' + b" " * MAX_ARGUMENT_BYTES
        for body in (b"", b"[]", b'{"id": "1"}', b"{}", too_long):
            for path in (REQUEUE.path, REPLAY.path):
                async with session.post(f"http://localhost{path}", data=body) as answer:
                    assert (answer.status, list(await answer.json())) == (400, ["error"])
        async with slack.session.post(f"{bot.address}{REQUEUE.path}", json={"id": None}) as answer:
            assert answer.status == 404
