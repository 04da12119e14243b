"""A server under measurement: its process, when it listens, its CPU time and its memory."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

LISTEN_LIMIT_S = 30.0
STOP_LIMIT_S = 15.0
LOOK_EVERY_S = 0.002
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Contender:
    """A process that listens on a port; use it as a context."""

    def __init__(
        self, command: Sequence[str], port: int, env: Mapping[str, str], folder: Path, log: Path
    ) -> None:
        self.port = port
        self._command = command
        self._env = dict(env) | {"PORT": str(port), "PATH": os.environ["PATH"]}
        self._folder = folder
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.listening_after_s = 0.0

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Start it, again if it was stopped; returns when it listens."""
        with self._log.open("ab") as log:
            began = time.perf_counter()
            self._process = subprocess.Popen(
                self._command, env=self._env, cwd=self._folder, stdout=log, stderr=log
            )
        while not _listens(self.port):
            if self._process.poll() is not None or time.perf_counter() - began > LISTEN_LIMIT_S:
                self.stop()
                raise RuntimeError(
                    f"{' '.join(self._command)} does not listen:\n{self._log.read_text()[-3000:]}"
                )
            time.sleep(LOOK_EVERY_S)
        self.listening_after_s = time.perf_counter() - began

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop it with SIGTERM; does nothing if it doesn't run."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    def cpu_s(self) -> float:
        """Seconds of CPU that the process used so far, in all its threads."""
        return cpu_s(self.pid)

    def memory_bytes(self) -> int:
        """What of its memory is resident, shared libraries included."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE_BYTES

    def descriptors(self) -> int:
        """How many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
