"""What `purge` removes from an empty database, and which dates it refuses."""

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from tests.unit.conftest import Write

pytestmark = pytest.mark.usefixtures("set_up")


def test_a_date_in_the_future_is_a_usage_error() -> None:
    """It would remove what comes in meanwhile."""
    result = CliRunner().invoke(main, ["purge", "--before", "2999-01-01"])
    assert result.exit_code == 2
    assert "must not be in the future" in result.stderr


def test_the_date_is_required() -> None:
    """There is no default that fits everyone."""
    result = CliRunner().invoke(main, ["purge"])
    assert result.exit_code == 2
    assert "--before" in result.stderr


@pytest.mark.parametrize(
    ("options", "start"), [(["--dry-run"], "would remove 0 reviews"), ([], "removed 0 reviews")]
)
def test_the_numbers_and_what_stays_are_printed(options: list[str], start: str) -> None:
    """A dry run says what it would do."""
    CliRunner().invoke(main, ["migrate"])
    result = CliRunner().invoke(main, ["purge", "--before", "2020-01-01", *options])
    assert result.exit_code == 0
    first, last = result.stdout.splitlines()
    assert first.startswith(start)
    assert "from before 2020-01-01T00:00:00.000Z" in first
    assert last == "reviews in progress, on hold or still being sent to Slack are kept"


def test_nothing_younger_than_keep_at_least_is_purged(write: Write) -> None:
    """The file says how long; a rehearsal is allowed, and lists why all of it stays."""
    write('[retention]\nkeep_at_least = "30y"\n')
    CliRunner().invoke(main, ["migrate"])
    refused = CliRunner().invoke(main, ["purge", "--before", "2020-01-01"])
    assert (refused.exit_code, "keep_at_least is 30y" in refused.stderr) == (2, True)
    rehearsal = CliRunner().invoke(main, ["purge", "--before", "2020-01-01", "--dry-run"])
    assert (rehearsal.exit_code, "would remove 0 reviews" in rehearsal.stdout) == (0, True)
