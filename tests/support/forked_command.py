"""A command of the bot, or a function, in a process of its own, forked from one that has imported the bot already.

A command behaves as `python -m bot ...` does, without a second of importing and of reading the SQL: the suite runs some
hundred commands, and a chaos kills a thousand servers, which should be at work by then.
"""

import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from bot import __main__ as command_line
from bot.cli.output import prepare_stdout
from bot.store.engine.transaction import statements
from bot.store.engine.whole_results import WholeResults

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])
PROGRAM = "python -m bot"
STOPPED_S = 10
AT_ONCE_LIMIT_S = 60

ArgumentT = TypeVar("ArgumentT")

for _command in command_line.COMMANDS.values():
    importlib.import_module(_command.module)
importlib.import_module("bot.store.engine.postgres")
with contextlib.suppress(ImportError):  # where there is no uvloop, `serve` does without
    importlib.import_module("uvloop")
statements("sqlite", "sqlite3")
statements("sqlite", WholeResults)
statements("postgres", "psycopg")
statements("postgres", "apsycopg")


class ForkedCommand:
    """A command that was started; it has what is needed of `subprocess.Popen`. Outputs go to the end of the files."""

    def __init__(
        self, words: Sequence[str], env: Mapping[str, str], folder: Path, outputs: tuple[Path, Path]
    ) -> None:
        self._words = list(words)
        self._process = _CONTEXT.Process(target=_run, args=(self._words, dict(env), folder, outputs))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.exitcode

    def wait(self, limit_s: float) -> int:
        """Its exit code once it has ended; TimeoutExpired when that takes longer than `limit_s`."""
        self._process.join(limit_s)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._words, limit_s)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill -9."""
        self.send_signal(signal.SIGKILL)


def run_forked(
    words: Sequence[str], env: Mapping[str, str], folder: Path, limit_s: float
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; TimeoutExpired when it takes longer than `limit_s`."""
    with tempfile.TemporaryDirectory(prefix="review-bot-command-") as outputs:
        files = Path(outputs) / "stdout", Path(outputs) / "stderr"
        command = ForkedCommand(words, env, folder, files)
        try:
            code = command.wait(limit_s)
        except subprocess.TimeoutExpired as expired:
            command.kill()
            command.wait(STOPPED_S)
            expired.output, expired.stderr = (file.read_bytes() for file in files)
            raise
        output, errors = (file.read_text(encoding="utf-8") for file in files)
        return subprocess.CompletedProcess(list(words), code, output, errors)


def run_at_once(
    function: Callable[[ArgumentT], int],
    argument: ArgumentT,
    processes: int,
    limit_s: float = AT_ONCE_LIMIT_S,
) -> list[int]:
    """Call a module's function in several processes that wait for each other first; the results, lowest first."""
    barrier, results = _CONTEXT.Barrier(processes), _CONTEXT.SimpleQueue()
    started = [
        _CONTEXT.Process(target=_call, args=(function, argument, barrier, results)) for _ in range(processes)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(limit_s)
    codes = [process.exitcode for process in started]
    assert codes == [0] * processes, codes
    return sorted(results.get() for _ in started)


def _call(function: Callable[[ArgumentT], int], argument: ArgumentT, barrier: Any, results: Any) -> None:
    barrier.wait(AT_ONCE_LIMIT_S)
    results.put(function(argument))


def _run(words: list[str], env: dict[str, str], folder: Path, outputs: tuple[Path, Path]) -> None:
    """What the forked process does: become the command, with its environment, folder and outputs."""
    gc.freeze()  # What was imported stays. A collection would look through it for 40 ms, and copy the memory.
    for file, stream in zip(outputs, (sys.stdout, sys.stderr), strict=True):
        with file.open("ab") as opened:
            os.dup2(opened.fileno(), stream.fileno())
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.argv = [PROGRAM, *words]
    prepare_stdout()
    command_line.main(prog_name=PROGRAM)
