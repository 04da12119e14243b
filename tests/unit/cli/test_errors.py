"""How commands report what went wrong."""

import click
import pytest
from click.testing import CliRunner

from bot.cli.errors import WRONG_SETTINGS, report_errors
from bot.settings.problems import SettingsProblem
from bot.store.errors import StoreUnavailable


def command_that_raises(error: Exception) -> click.Command:
    """Return a command that fails with this error."""

    @click.command()
    @report_errors
    def fail() -> None:
        raise error

    return fail


def test_every_problem_of_the_settings_has_its_line() -> None:
    """On stderr, with the exit code for wrong settings."""
    result = CliRunner().invoke(command_that_raises(SettingsProblem(["PORT: missing", "HOST: missing"])))
    assert result.exit_code == WRONG_SETTINGS
    assert result.stdout == ""
    assert result.stderr == "PORT: missing\nHOST: missing\n"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (StoreUnavailable("the database is away"), "error: the database is away\n"),
        (PermissionError(13, "Permission denied"), "error: [Errno 13] Permission denied\n"),
    ],
)
def test_errors_of_the_database_and_the_system_have_one_line(error: Exception, line: str) -> None:
    """Without a traceback, with exit code 1."""
    result = CliRunner().invoke(command_that_raises(error))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == line


def test_a_fault_of_the_bot_is_not_hidden() -> None:
    """Its traceback is what a developer needs."""
    result = CliRunner().invoke(command_that_raises(KeyError("lost")))
    assert isinstance(result.exception, KeyError)
