"""The lock file beside a SQLite database: who can write, and where that process accepts admin commands."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from bot.store.engine.file_modes import PRIVATE
from bot.store.errors import StoreInUse, StoreUnavailable

_LONGEST = 4_096


class LockFile:
    """The right to write to one SQLite file, held by at most one process; the system frees it if the process dies.

    Its first line is the holder's pid, its second line, once there is one, the socket on which the holder accepts
    admin commands. What a dead holder left there is never used: the next holder empties the file once it has the lock,
    and a process that could have the lock never asks for the socket.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def acquire(self, wait_s: float = 0.0) -> None:
        """Take the lock, waiting at most `wait_s` seconds; StoreInUse names the process that has it."""
        try:
            descriptor = self._open()
        except OSError as error:
            raise StoreUnavailable(f"cannot open the lock file {self._path}: {error.strerror}") from error
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() >= deadline:
                    holder = os.pread(descriptor, 32, 0).decode(errors="replace").partition("\n")[0].strip()
                    os.close(descriptor)
                    raise StoreInUse(
                        f"{self._path.with_suffix('')} is in use by another process (pid {holder or 'unknown'}): "
                        "stop it first, or use PostgreSQL for several processes"
                    ) from None
                time.sleep(0.05)
            else:
                break
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def _open(self) -> int:
        """Open the file for this user only: anyone who can open it can hold the lock."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            descriptor = os.open(self._path, flags, PRIVATE)
        except PermissionError:
            with suppress(OSError):
                self._path.chmod(PRIVATE)  # a umask or an administrator took our own right away
            descriptor = os.open(self._path, flags, PRIVATE)
        with suppress(OSError):  # it belongs to another user
            os.fchmod(descriptor, PRIVATE)
        return descriptor

    def announce(self, socket: Path) -> None:
        """Note where the holder accepts admin commands; only for the holder of the lock."""
        assert self._descriptor is not None  # noqa: S101 - acquire() came first
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode() + os.fsencode(socket) + b"\n", 0)

    def announced(self) -> Path | None:
        """Where the holder accepts admin commands; None if it accepts none."""
        try:
            with self._path.open("rb") as file:
                lines = file.read(_LONGEST).split(b"\n")
        except OSError:
            return None
        # The line's end shows that it was written completely.
        return Path(os.fsdecode(lines[1])) if len(lines) > 2 and lines[1] else None  # noqa: PLR2004 - pid, socket, end

    def release(self) -> None:
        """Give the lock back; without effect when it is not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None
