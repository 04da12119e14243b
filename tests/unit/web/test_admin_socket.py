"""Admin commands over the Unix socket, client and server of the same and of different versions."""

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web

from bot.cli.admin_client import SocketClient, open_admin_client
from bot.handlers.requeue import Requeue, Requeued
from bot.store.errors import StoreUnavailable
from bot.store.store import Store, database_at, open_store
from bot.store.tables.legal_holds import HoldAnswer, PlaceHold
from bot.web.admin_commands import ADMIN_COMMANDS, PLACE_HOLD, REQUEUE, AdminCommand
from bot.web.admin_socket import MAX_ARGUMENT_BYTES, admin_socket


@pytest.fixture
def url(short_folder: Path) -> str:
    """A SQLite file of its own."""
    return f"sqlite:///{short_folder / 'reviews.db'}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """The server's store."""
    async with open_store(url, 1_000, lambda: None) as opened:
        yield opened


@asynccontextmanager
async def _session(path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path))) as session:
        yield session


def _socket_of(url: str) -> Path:
    path = database_at(url).announced_socket()
    assert path is not None
    return path


async def test_a_command_beside_the_server_runs_in_the_server(url: str, store: Store) -> None:
    """The client finds the server's socket and gets typed results."""
    async with admin_socket(store, lambda: 2_000), open_admin_client(database_at(url)) as client:
        assert isinstance(client, SocketClient)
        assert await client.run(REQUEUE, Requeue(None)) == Requeued(0)
        unknown = PlaceHold("session-1", "lawsuit", "os:ana")
        assert await client.run(PLACE_HOLD, unknown) == HoldAnswer(known=False, changed=False)


async def test_the_log_names_the_command_and_no_words_of_people(
    store: Store, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reason can hold personal data."""
    structlog.reset_defaults()
    async with admin_socket(store, lambda: 2_000), open_admin_client(database_at(url)) as client:
        await client.run(PLACE_HOLD, PlaceHold("session-1", "Jane Roe", "os:ana"))
    logged = capsys.readouterr().out
    assert "admin_command_finished" in logged
    assert "session-1" in logged
    assert "Jane" not in logged


async def test_the_socket_belongs_to_its_user_and_goes_with_the_server(url: str, store: Store) -> None:
    """No one else can open it."""
    async with admin_socket(store, lambda: 2_000):
        path = _socket_of(url)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


@pytest.mark.parametrize("command", ADMIN_COMMANDS, ids=lambda command: str(command.name))
async def test_what_is_no_argument_is_refused(
    url: str, store: Store, command: AdminCommand[Any, Any]
) -> None:
    """400 with a sentence, for every command."""
    async with admin_socket(store, lambda: 2_000), _session(_socket_of(url)) as session:
        for body in (b"", b"[]", b'{"id": "1"}', b'{"before": "x"}', b" " * (MAX_ARGUMENT_BYTES + 1)):
            async with session.post(f"http://localhost{command.path}", data=body) as answer:
                assert answer.status == 400
                assert await answer.json() == {"error": "the server doesn't know this command"}


@dataclass(frozen=True, slots=True)
class _Newer:
    """An argument or a result of another version."""

    colour: str


async def _never(_store: Store, _argument: _Newer, _now: int) -> _Newer:
    raise AssertionError("the server runs its own commands")


async def test_a_server_of_another_version_is_named_as_the_likely_cause(url: str, store: Store) -> None:
    """It does not know the command, or the argument, or its result has another shape."""
    unknown = AdminCommand("paint", _Newer, _never, _Newer)
    other_argument = AdminCommand("requeue", _Newer, _never, _Newer)
    async with admin_socket(store, lambda: 2_000), _session(_socket_of(url)) as session:
        client = SocketClient(session)
        with pytest.raises(StoreUnavailable, match="it gave no reason; is it running another version"):
            await client.run(unknown, _Newer("red"))
        with pytest.raises(StoreUnavailable, match="the server doesn't know this command"):
            await client.run(other_argument, _Newer("red"))


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (
            web.json_response({"colour": 1, "total": 2}),
            "can't read the server's answer: is it running another version",
        ),
        (web.Response(text="[]"), "can't read the server's answer: is it running another version"),
        (web.Response(body=b"x" * 2_000_000), "is too long: is it running another version"),
        (web.json_response({"error": "the database is locked"}, status=503), "the database is locked"),
        (web.Response(status=500, text="[]"), "it gave no reason; is it running another version"),
    ],
)
async def test_an_answer_that_is_no_result_is_an_error(
    short_folder: Path, answer: web.Response, problem: str
) -> None:
    """The client never invents a result."""

    async def reply(_request: web.BaseRequest) -> web.Response:
        return answer

    runner = web.ServerRunner(web.Server(reply))
    await runner.setup()
    path = short_folder / "other.sock"
    await web.UnixSite(runner, path).start()
    try:
        async with _session(path) as session:
            with pytest.raises(StoreUnavailable, match=problem):
                await SocketClient(session).run(REQUEUE, Requeue(None))
    finally:
        await runner.cleanup()


async def test_a_server_that_hangs_up_leaves_the_end_open(short_folder: Path) -> None:
    """The command can be repeated safely, and the error says it."""
    async with _session(short_folder / "nobody.sock") as session:
        with pytest.raises(StoreUnavailable, match="run the command again, that is safe"):
            await SocketClient(session).run(REQUEUE, Requeue(None))
