"""What `audit verify` says about an empty record, and which heads it refuses."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main

pytestmark = pytest.mark.usefixtures("set_up")


def test_an_empty_record_is_sound() -> None:
    """The last line is the head, to be kept elsewhere."""
    CliRunner().invoke(main, ["migrate"])
    result = CliRunner().invoke(main, ["audit", "verify"])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "integrity: 0 entries are as they were written"
    assert lines[-1].startswith("head: ")


def test_a_head_of_another_form_is_a_usage_error() -> None:
    """It was not copied in full."""
    result = CliRunner().invoke(main, ["audit", "verify", "--head", "half"])
    assert result.exit_code == 2
    assert "--head" in result.stderr


def test_a_file_of_heads_is_checked(tmp_path: Path) -> None:
    """As they stand in the operations channel: one that the record does not lead through is named."""
    CliRunner().invoke(main, ["migrate"])
    heads = tmp_path / "heads.txt"
    heads.write_text(
        f"*Audit head* of 27 November: `7:sha256:{'0a' * 32}`\n\n8:0a1b2c3d:{'0b' * 32}\n", "utf-8"
    )
    result = CliRunner().invoke(main, ["audit", "verify", "--head-file", str(heads)])
    assert result.exit_code == 1
    assert "the newest entry is 0, but the head says there were 7" in result.stdout


@pytest.mark.parametrize("content", ["", "7:sha256:short", "no head", "\xff"])
def test_a_file_without_heads_is_a_usage_error(tmp_path: Path, content: str) -> None:
    """The line is named."""
    heads = tmp_path / "heads.txt"
    heads.write_bytes(content.encode("latin-1"))
    result = CliRunner().invoke(main, ["audit", "verify", "--head-file", str(heads)])
    assert (result.exit_code, "--head-file" in result.stderr) == (2, True)
