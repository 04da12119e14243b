"""A command of the bot, or a function, in a process of its own, forked from one that has imported the bot already.

A command behaves as `python -m bot ...` does, without half a second of importing and of reading the SQL: the suite runs
some hundred commands.
"""

import importlib
import multiprocessing
import os
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
statements("sqlite", "sqlite3")
statements("sqlite", WholeResults)
statements("postgres", "psycopg")
statements("postgres", "apsycopg")


def run_forked(
    words: Sequence[str], env: Mapping[str, str], folder: Path, limit_s: float
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; TimeoutExpired when it takes longer than `limit_s`."""
    with tempfile.TemporaryDirectory(prefix="review-bot-command-") as outputs:
        files = Path(outputs) / "stdout", Path(outputs) / "stderr"
        process = _CONTEXT.Process(target=_run, args=(list(words), dict(env), folder, files))
        process.start()
        process.join(limit_s)
        if process.exitcode is None:
            process.kill()
            process.join(STOPPED_S)
            raise subprocess.TimeoutExpired(
                list(words), limit_s, files[0].read_bytes(), files[1].read_bytes()
            )
        output, errors = (file.read_text(encoding="utf-8") for file in files)
        return subprocess.CompletedProcess(list(words), process.exitcode, output, errors)


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


def _run(words: list[str], env: dict[str, str], folder: Path, files: tuple[Path, Path]) -> None:
    """What the forked process does: become the command, with its environment, folder and outputs."""
    for file, stream in zip(files, (sys.stdout, sys.stderr), strict=True):
        with file.open("wb") as opened:
            os.dup2(opened.fileno(), stream.fileno())
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.argv = [PROGRAM, *words]
    prepare_stdout()
    command_line.main(prog_name=PROGRAM)
