"""The command line as a whole: its help, its version and what it says about wrong settings and arguments."""

import pytest
from click.testing import CliRunner

from bot import __version__
from bot.__main__ import COMMANDS, main
from bot.cli.errors import WRONG_SETTINGS
from bot.reviews.review import Status

pytestmark = pytest.mark.usefixtures("set_up")


def test_help_names_every_command() -> None:
    """Each has a line that says what it does."""
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert {"serve", "demo", "migrate", "send-test", "reviews", "events", "deliveries", "stats"} <= set(
        COMMANDS
    )
    for name in COMMANDS:
        assert f"\n  {name} " in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    """The short option works, too."""
    result = CliRunner().invoke(main, [command, "-h"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_the_version_is_the_packages() -> None:
    """A bug report can name it."""
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


@pytest.mark.parametrize("command", [["serve"], ["send-test"]])
def test_missing_settings_are_all_reported(command: list[str]) -> None:
    """One line each on stderr, nothing on stdout, no traceback."""
    result = CliRunner().invoke(main, command)
    assert result.exit_code == WRONG_SETTINGS
    assert result.stdout == ""
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "RALIO_WEBHOOK_SECRET",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "USER_REVIEW_CHANNEL",
        "RELATED_PARTY_REVIEW_CHANNEL",
    ]


@pytest.mark.parametrize(
    "arguments", [["reviews", "--status", "lost"], ["send-test", "--entity", "company"], ["dance"]]
)
def test_unknown_arguments_are_usage_errors(arguments: list[str]) -> None:
    """As on every command line."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_reviews_can_be_listed_by_every_status() -> None:
    """The option takes the domain's own names."""
    help_ = CliRunner().invoke(main, ["reviews", "--help"]).output
    assert all(status.value in help_ for status in Status)
