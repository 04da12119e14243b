"""What `hold` answers on a database without reviews, and which reasons it refuses."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.cli.hold import lift_hold, place_hold, print_holds
from bot.reviews.audit.entry import Keys
from bot.store.store import open_store
from bot.store.tables.legal_holds import LiftHold, PlaceHold
from tests.support.store import receive

pytestmark = pytest.mark.usefixtures("set_up")


@pytest.mark.parametrize("reason", ["x" * 201, "two\nlines", "two\u2028lines"])
def test_a_reason_is_one_line_of_at_most_200_characters(reason: str) -> None:
    """It is one cell of a list."""
    result = CliRunner().invoke(main, ["hold", "add", "5e551014", "--reason", reason])
    assert result.exit_code == 2
    assert "a single line of at most 200 characters" in result.stderr


@pytest.mark.parametrize("command", ["add", "remove"])
def test_an_unknown_session_is_an_error(command: str) -> None:
    """The id is in the line, so a typing mistake shows."""
    CliRunner().invoke(main, ["migrate"])
    result = CliRunner().invoke(main, ["hold", command, "5e551014"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "there is no review of session 5e551014: check the id\n"


async def test_a_session_is_named_by_its_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The hold is of the session; an unknown number is an unknown session."""
    url, keys = f"sqlite:///{tmp_path / 'reviews.db'}", Keys([])
    async with open_store(url, 1, lambda: None, keys) as store:
        await receive(store, "5e551014", 1_000)
    capsys.readouterr()  # the log of the migrations
    assert await place_hold(url, keys, PlaceHold("#1", "a complaint", "operator"))
    assert capsys.readouterr().out == "session 5e551014 is on hold\n"
    await print_holds(url, as_json=True)
    assert capsys.readouterr().out.startswith(
        '{"session_id": "5e551014", "number": 1, "reason": "a complaint"'
    )
    assert await lift_hold(url, keys, LiftHold("1", "operator"))
    assert not await lift_hold(url, keys, LiftHold("2", "operator"))


@pytest.mark.parametrize(("options", "line"), [([], "nothing is on hold\n"), (["--json"], "")])
def test_without_holds_stdout_is_empty(options: list[str], line: str) -> None:
    """People read so on stderr; a program gets no objects."""
    CliRunner().invoke(main, ["migrate"])
    result = CliRunner().invoke(main, ["hold", "list", *options])
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == line
