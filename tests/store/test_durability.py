"""A 200 means that the disk was waited for: counted from outside, in the system calls of the real process."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import ralio
from tests.support import slack as local
from tests.support.bot import until
from tests.support.process import ROOT, environment, free_port
from tests.support.ralio import Ralio
from tests.support.slack import LocalSlack, running_slack

SEQUENTIAL = 30
AT_ONCE = 64
ROUNDS = 4

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """A local Slack that refuses the token: the delivery worker rests, so that only webhooks write."""
    async with running_slack() as running_local_slack:
        await running_local_slack.fault("*", "error", error="invalid_auth")
        yield running_local_slack


class _Traced:
    """The real server under strace."""

    def __init__(self, folder: Path, slack: LocalSlack) -> None:
        self._trace = folder / "trace.txt"
        self.port = free_port()
        env = environment(f"sqlite:///{folder / 'reviews.db'}", self.port, slack.api_url)
        strace = ["strace", "-f", "-qq", "-o", str(self._trace), "-e", "trace=fdatasync,fsync"]
        with (folder / "log.txt").open("wb") as log:
            self.process = subprocess.Popen(
                [*strace, sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=env, stdout=log, stderr=log
            )

    def syncs(self) -> int:
        """How often the disk was waited for so far; a call that another thread interrupts is written in two lines."""
        return len(re.findall(r"\bf(?:data)?sync\(", self._trace.read_text(errors="replace")))

    def stop(self) -> None:
        """End the server, and with it strace."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for child in children.split():
            os.kill(int(child), signal.SIGTERM)
        self.process.wait(20)


@pytest.fixture
async def traced(tmp_path: Path, slack: LocalSlack) -> AsyncIterator[_Traced]:
    """A server that has learned that its token is refused."""
    server = _Traced(tmp_path, slack)

    async def rests() -> bool:
        try:
            async with slack.session.get(f"http://127.0.0.1:{server.port}/readyz") as answer:
                return "invalid_auth" in str((await answer.json())["problems"].get("slack_token"))
        except OSError:
            return False

    try:
        await until(rests, (tmp_path / "log.txt").read_text(), 30)
        yield server
    finally:
        server.stop()


async def _send(ralio_to: Ralio) -> None:
    status, answer = await ralio_to.send(ralio.event())
    assert status == 200, answer


async def test_every_acknowledged_event_waited_for_the_disk(traced: _Traced, slack: LocalSlack) -> None:
    """One wait at least for each of thirty events in a row; of sixty-four at once many share one."""
    url = f"http://127.0.0.1:{traced.port}/webhooks/ralio"
    ralio_to = Ralio(url, local.WEBHOOK_SECRET, slack.session)
    before = traced.syncs()
    for _ in range(SEQUENTIAL):
        await _send(ralio_to)
    in_a_row = traced.syncs() - before
    assert in_a_row >= SEQUENTIAL
    before = traced.syncs()
    for _ in range(ROUNDS):
        work: list[Any] = [_send(ralio_to) for _ in range(AT_ONCE)]
        await asyncio.gather(*work)
    shared = traced.syncs() - before
    assert ROUNDS <= shared < ROUNDS * AT_ONCE / 2
