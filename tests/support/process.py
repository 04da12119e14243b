"""The real process, `python -m bot ...`, with only the environment that it is given."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp

from tests.support import slack as local
from tests.support.forked_command import ForkedCommand, run_forked

ROOT = Path(__file__).parents[2]
BOT = (sys.executable, "-m", "bot")
PORTS = range(10_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on now, nor is given by chance before it is used.

    It is below those that the system chooses for whoever asks for any: other tests beside this one do, all the time.
    """
    while True:
        port = PORTS[secrets.randbelow(len(PORTS))]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def environment(database_url: str, port: int, slack_api_url: str) -> dict[str, str]:
    """What the README asks a user to set, for the local Slack."""
    return {
        "PATH": os.environ["PATH"],
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "RALIO_WEBHOOK_SECRET": local.WEBHOOK_SECRET,
        "SLACK_BOT_TOKEN": local.TOKEN,
        "SLACK_SIGNING_SECRET": local.SIGNING_SECRET,
        "SLACK_API_URL": slack_api_url,
        "SLACK_POSTS_PER_SECOND": "500",
        "USER_REVIEW_CHANNEL": local.USER_CHANNEL,
        "RELATED_PARTY_REVIEW_CHANNEL": local.RELATED_PARTY_CHANNEL,
        "OPS_CHANNEL": local.OPERATIONS_CHANNEL,
        "BOT_CONFIG": str(ROOT / "config" / "bot.toml"),
    }


def run(
    command: list[str], env: Mapping[str, str], limit_s: float = 30, prefix: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command of the bot to its end; `prefix` goes before it, as `nice` would."""
    if _can_be_forked(env, prefix):
        return run_forked(command, env, ROOT, limit_s)
    arguments = [*prefix, *BOT, *command]
    return subprocess.run(
        arguments, env=dict(env), cwd=ROOT, capture_output=True, text=True, timeout=limit_s, check=False
    )


def _can_be_forked(env: Mapping[str, str], prefix: Sequence[str]) -> bool:
    """What Python or its libraries read when they are imported, such as SSL_CERT_FILE, needs a process of its own."""
    return not prefix and not any(name.startswith(("PYTHON", "SSL_CERT")) for name in env)


class Process:
    """A server process that a test starts, kills and starts again; `prefix` goes before the command."""

    def __init__(self, env: Mapping[str, str], log: Path, prefix: Sequence[str] = ()) -> None:
        self._env = dict(env)
        self._log = log
        self._prefix = prefix
        self._process: subprocess.Popen[bytes] | ForkedCommand | None = None

    def start(self) -> None:
        """Start it; it may not listen yet."""
        if _can_be_forked(self._env, self._prefix):
            self._process = ForkedCommand(["serve"], self._env, ROOT, (self._log, self._log))
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._prefix, *BOT, "serve"], env=self._env, cwd=ROOT, stdout=log, stderr=log
            )

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its number; AssertionError before it was started."""
        assert self._process is not None
        return self._process.pid

    async def listening(self, limit_s: float = 15) -> None:
        """Wait until it answers; AssertionError with its log if it does not."""
        deadline = time.monotonic() + limit_s
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"http://127.0.0.1:{self._env['PORT']}/healthz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                assert time.monotonic() < deadline, self.log()
                await asyncio.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    async def terminate(self, limit_s: float = 10) -> int:
        """SIGTERM; answers with the exit code. The local Slack goes on answering meanwhile."""
        assert self._process is not None
        self.send(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, limit_s)

    def log(self) -> str:
        """All that it printed."""
        return self._log.read_text(errors="replace")
