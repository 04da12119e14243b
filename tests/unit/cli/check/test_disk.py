"""What `check` says about the disk."""

from pathlib import Path

import pytest

from bot.cli.check.disk import MIB, disk_line
from bot.cli.check.line import State


@pytest.mark.parametrize(
    ("free_mib", "state"),
    [(0, State.FAILED), (63, State.FAILED), (64, State.WARNED), (511, State.WARNED), (512, State.PASSED)],
)
def test_a_full_disk_fails_and_a_nearly_full_one_is_a_warning(free_mib: int, state: State) -> None:
    """The line says how much is free, and where."""
    line = disk_line(Path("/data"), free_mib * MIB)
    assert (line.check, line.state) == ("disk", state)
    assert (f"{free_mib} MB free in /data" in line.message) == (state is not State.PASSED)
    assert ("free up space" in line.advice) == (state is not State.PASSED)


def test_the_disk_itself_is_asked(tmp_path: Path) -> None:
    """Whatever it answers, there is a line."""
    assert disk_line(tmp_path).check == "disk"
