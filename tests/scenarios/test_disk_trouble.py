"""The disk under the SQLite file takes nothing more: 503 and not ready, never a 200, and recovery by itself."""

import asyncio
import os
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import ralio
from tests.support.bot import until
from tests.support.look import look_into
from tests.support.process import Process, environment, free_port, run
from tests.support.ralio import Ralio
from tests.support.slack import ANA, USER_CHANNEL, WEBHOOK_SECRET, LocalSlack, shown

COUNTS = """
    SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM reviews) AS reviews,
        (SELECT count(*) FROM audit) AS audit, (SELECT count(*) FROM deliveries) AS deliveries
"""


@dataclass(frozen=True, slots=True)
class _Server:
    """The real process and its file."""

    process: Process
    port: int
    database: Path
    slack: LocalSlack

    @property
    def url(self) -> str:
        return f"sqlite:///{self.database}"

    async def send(self, event: dict[str, Any]) -> int:
        address = f"http://127.0.0.1:{self.port}/webhooks/ralio"
        status, _ = await Ralio(address, WEBHOOK_SECRET, self.slack.session).send(event)
        return status

    async def problems(self) -> dict[str, Any]:
        async with self.slack.session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
            problems = dict((await answer.json())["problems"])
            assert answer.status == (503 if problems else 200)
            return problems

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """No file of the process may grow: the system refuses the write itself, as it does on a full disk."""
        used = self.database.with_name(self.database.name + "-wal").stat().st_size
        before = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (used, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, before)


@pytest.fixture
async def server(tmp_path: Path, slack: LocalSlack) -> AsyncIterator[_Server]:
    """A server on a new file."""
    port = free_port()
    database = tmp_path / "reviews.db"
    # A log file would be as full as everything else.
    process = Process(environment(f"sqlite:///{database}", port, slack.api_url), Path(os.devnull))
    process.start()
    try:
        await process.listening()
        await slack.bot_is_at(port)
        yield _Server(process, port, database, slack)
    finally:
        process.kill()


async def _is_named(server: _Server) -> bool:
    return "database" in await server.problems()


async def _ready(server: _Server) -> bool:
    return not await server.problems()


async def test_a_full_disk_acknowledges_nothing_and_recovers(server: _Server) -> None:
    """Forty events and a click against a full disk: none is half-written, all arrive with the repetition."""
    first = ralio.event()
    assert await server.send(first) == 200
    (card,) = await until(lambda: server.slack.messages(USER_CHANNEL), "no card")
    await until(lambda: _ready(server), "it never becomes ready")
    before = look_into(server.url, COUNTS)
    events = [ralio.event() for _ in range(40)]
    with server.full_disk():
        assert {await server.send(event) for event in events[:5]} == {503}
        assert set(await asyncio.gather(*(server.send(event) for event in events))) == {503}
        await until(lambda: _is_named(server), "/readyz does not name the database")
        assert (await server.slack.click(ANA, card, "Claim"))["status"] == 200
        await until(lambda: server.slack.private_notes(ANA), "nobody tells Ana")
        assert look_into(server.url, COUNTS) == before
    await until(lambda: _ready(server), "it does not become ready again")
    assert set(await asyncio.gather(*(server.send(event) for event in events))) == {200}
    assert (await server.slack.click(ANA, card, "Claim"))["status"] == 200

    async def all_there() -> bool:
        texts = [shown(message) for message in await server.slack.messages(USER_CHANNEL)]
        return len(texts) == 41 and sum(f"*Claimed* by <@{ANA}>" in text for text in texts) == 1

    await until(all_there, "the cards do not come")
    assert await server.process.terminate() == 0


async def test_a_read_only_database_stops_the_start(server: _Server) -> None:
    """The error is one line that names the database, and nothing is left that would stop the start after the fix."""
    assert await server.send(ralio.event()) == 200
    assert await server.process.terminate() == 0
    env = environment(server.url, server.port, server.slack.api_url)
    before = _files(server.database)
    server.database.chmod(0o400)
    refused = run(["serve"], env, prefix=_WITHOUT_ROOTS_RIGHTS)
    assert refused.returncode == 1
    assert f"error: {server.database}: attempt to write a readonly database" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert _files(server.database) - {server.database.with_name("reviews.db.lock")} <= before
    assert {mode for name, mode in _modes(server.database).items() if name != "reviews.db"} <= {0o600}
    server.database.chmod(0o600)
    await _start_and_receive(server)


@pytest.mark.parametrize("command", [["migrate"], ["stats"]])
async def test_a_report_on_a_read_only_database_does_not_stop_the_next_start(
    server: _Server, command: list[str]
) -> None:
    """SQLite creates `-wal` and `-shm` for readers too, with the database's mode; the command resets theirs."""
    assert await server.send(ralio.event()) == 200
    assert await server.process.terminate() == 0
    env = environment(server.url, server.port, server.slack.api_url)
    server.database.chmod(0o400)
    assert run(command, env, prefix=_WITHOUT_ROOTS_RIGHTS).returncode == 0
    assert _modes(server.database) == {"reviews.db": 0o400, "reviews.db-shm": 0o600, "reviews.db-wal": 0o600}
    server.database.chmod(0o600)
    await _start_and_receive(server)


async def _start_and_receive(server: _Server) -> None:
    """Start the server as a user who is not root would."""
    process = Process(
        environment(server.url, server.port, server.slack.api_url), Path(os.devnull), _WITHOUT_ROOTS_RIGHTS
    )
    process.start()
    try:
        await process.listening()
        assert await server.send(ralio.event()) == 200
    finally:
        process.kill()


def _files(database: Path) -> set[Path]:
    """The database and the files beside it."""
    return set(database.parent.glob(f"{database.name}*"))


def _modes(database: Path) -> dict[str, int]:
    """The modes of the database and the files beside it, without the lock file."""
    return {
        path.name: path.stat().st_mode & 0o777
        for path in _files(database)
        if path.suffix not in (".lock", ".sock")
    }


_WITHOUT_ROOTS_RIGHTS = ("setpriv", "--bounding-set", "-dac_override") if os.geteuid() == 0 else ()
"""As long as root has this right, modes do not stop it from writing."""
