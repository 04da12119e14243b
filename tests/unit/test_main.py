"""The command line: what it offers, and how it says that the set-up is wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import __version__
from bot.__main__ import main
from bot.cli.errors import WRONG_SETTINGS
from bot.reviews.review import Status

pytestmark = pytest.mark.usefixtures("set_up")


def test_help_names_every_command() -> None:
    """With a line that says what it does."""
    answer = CliRunner().invoke(main, ["--help"])
    assert answer.exit_code == 0
    for command in ("serve", "demo", "migrate", "send-test", "reviews", "events", "deliveries", "stats"):
        assert f"\n  {command} " in answer.output


@pytest.mark.parametrize(
    "command", ["serve", "demo", "migrate", "send-test", "reviews", "events", "deliveries", "stats"]
)
def test_every_command_explains_itself(command: str) -> None:
    """Also with -h."""
    answer = CliRunner().invoke(main, [command, "-h"])
    assert answer.exit_code == 0
    assert "Usage:" in answer.output


def test_the_version_is_the_packages() -> None:
    """For reports of faults."""
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


@pytest.mark.parametrize("command", [["serve"], ["send-test"]])
def test_a_server_that_is_not_set_up_says_all_that_is_missing(command: list[str]) -> None:
    """One line each on stderr, nothing on stdout, no traceback."""
    answer = CliRunner().invoke(main, command)
    assert answer.exit_code == WRONG_SETTINGS
    assert answer.stdout == ""
    assert [line.split(":")[0] for line in answer.stderr.splitlines()] == [
        "RALIO_WEBHOOK_SECRET",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "USER_REVIEW_CHANNEL",
        "RELATED_PARTY_REVIEW_CHANNEL",
    ]


def test_migrating_needs_no_slack_and_may_be_repeated(tmp_path: Path) -> None:
    """A release runs it before anything else is set up."""
    for expected in ("applied 0001_reviews", "the schema is the newest"):
        answer = CliRunner().invoke(main, ["migrate"])
        assert answer.exit_code == 0
        assert expected in answer.stdout
    assert "applied" not in answer.stdout
    assert (tmp_path / "reviews.db").exists()


@pytest.mark.parametrize(
    "arguments", [["reviews", "--status", "lost"], ["send-test", "--entity", "company"], ["dance"]]
)
def test_what_does_not_exist_is_refused_with_what_does(arguments: list[str]) -> None:
    """As every command line does."""
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == 2
    assert "Usage:" in answer.stderr


def test_reviews_can_be_listed_by_every_status() -> None:
    """The words are the domain's own."""
    help_ = CliRunner().invoke(main, ["reviews", "--help"]).output
    assert all(status.value in help_ for status in Status)
