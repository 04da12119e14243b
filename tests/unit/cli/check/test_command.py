"""How `check` prints its lines while the settings are incomplete."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from click.testing import CliRunner

from bot.__main__ import main

pytestmark = pytest.mark.usefixtures("set_up")


@pytest.fixture(autouse=True)
def _log_again() -> Iterator[None]:
    """The command silences the log of its process; undo that for the tests that follow."""
    yield
    logging.disable(logging.NOTSET)
    structlog.reset_defaults()


def test_missing_settings_do_not_keep_the_database_from_being_checked() -> None:
    """Slack can't be checked without a token; that is not a second mistake."""
    CliRunner().invoke(main, ["migrate"])
    result = CliRunner().invoke(main, ["check", "--json"])
    assert result.exit_code == 1
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["ok"] for line in lines if line["check"] == "settings"] == [False] * 5
    assert [line["ok"] for line in lines if line["check"] == "database"] == [True]
    assert [line["ok"] for line in lines if line["check"] == "audit"] == [True]
    (slack,) = [line for line in lines if line["check"] == "slack"]
    assert slack["ok"] is None
    assert slack["message"] == "not checked"
    assert slack["advice"] == "fix the settings first"


def test_lines_for_people_have_a_mark_and_advice() -> None:
    """What is wrong stands out."""
    CliRunner().invoke(main, ["migrate"])
    lines = CliRunner().invoke(main, ["check"]).stdout.splitlines()
    assert lines[0].startswith("FAIL   settings: RALIO_WEBHOOK_SECRET: missing  fix: see config/env.example")
    assert [line for line in lines if line.startswith("ok     database: ")]
    assert lines[-1] == "-      slack: not checked; fix the settings first"


def test_a_name_that_is_nearly_ours_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no failure by itself, and says what was meant."""
    monkeypatch.setenv("OPS_CHANEL", "C012AB3CD")
    lines = CliRunner().invoke(main, ["check"]).stdout.splitlines()
    assert "WARN   settings: OPS_CHANEL has no effect  fix: did you mean OPS_CHANNEL?" in lines
    result = CliRunner().invoke(main, ["check", "--json"])
    (line,) = [
        line for line in map(json.loads, result.stdout.splitlines()) if "OPS_CHANEL" in line["message"]
    ]
    assert line["ok"] is True
    assert line["advice"] == "did you mean OPS_CHANNEL?"
