"""File modes: only the bot's own user can open the database and the files beside it, whatever the umask.

Another user of the machine could otherwise read the reviews, or hold the lock file and keep the bot from starting.
"""

import os
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o600
_OTHERS = 0o077

SIDE_FILES = ("-wal", "-shm")
"""What SQLite creates beside a database, with the database's own mode."""


def create_private(path: Path) -> None:
    """Create an empty file that only this user can open; one that exists is left to `keep_private`."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    except FileExistsError:
        return
    try:
        os.fchmod(descriptor, PRIVATE)  # the umask may have taken more away
    finally:
        os.close(descriptor)


def keep_private(database: Path) -> None:
    """Take the rights of others from the database and its side files, as earlier versions left them.

    They are never opened for that: closing them would drop SQLite's locks in this process. What belongs to another user
    stays as it is.
    """
    for path in (database, *_side_files(database)):
        with suppress(OSError):
            mode = path.stat().st_mode & 0o777
            if mode & _OTHERS:
                path.chmod(mode & ~_OTHERS)


def make_side_files_writable(database: Path) -> None:
    """Give this user's own side files back their write permission.

    SQLite creates them for readers too. Beside a read-only database they are read-only, and would stop the next start
    after the database's mode was fixed.
    """
    for path in _side_files(database):
        with suppress(OSError):
            if path.stat().st_mode & PRIVATE != PRIVATE:
                path.chmod(PRIVATE)


def _side_files(database: Path) -> list[Path]:
    return [database.with_name(database.name + suffix) for suffix in SIDE_FILES]
