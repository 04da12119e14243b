"""What `check` says about the disk that holds a SQLite database."""

import shutil
from pathlib import Path

from bot.cli.check.line import CheckLine, failed, passed, warned
from bot.store.engine.sqlite_connection import LEAST_FREE_MB

CHECK = "disk"
MIB = 1_048_576
LEAST_BYTES = LEAST_FREE_MB * MIB

COMFORTABLE_BYTES = 512 * MIB


def disk_line(folder: Path, free_bytes: int | None = None) -> CheckLine:
    """Say how much is free in a folder; `free_bytes` is looked up unless it is given."""
    free = shutil.disk_usage(folder).free if free_bytes is None else free_bytes
    what = f"{free // MIB} MB free in {folder}"
    if free < LEAST_BYTES:
        return failed(CHECK, what, "free up space: on a full disk, every webhook and click is refused")
    if free < COMFORTABLE_BYTES:
        return warned(CHECK, what, "free up space before it runs out; a review takes about 3 kB")
    return passed(CHECK, "enough free space")
