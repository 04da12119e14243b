"""What `audit verify` says about an empty record, and which heads it refuses."""

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
