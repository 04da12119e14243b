"""`migrate` brings a database to the newest schema."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main

pytestmark = pytest.mark.usefixtures("set_up")


def test_migrating_needs_no_slack_and_can_be_repeated(tmp_path: Path) -> None:
    """A release runs it before anything else is configured; the second run applies nothing."""
    first, second = (CliRunner().invoke(main, ["migrate"]) for _ in range(2))
    assert first.exit_code == 0
    assert "applied 0001_reviews" in first.stdout
    assert "the schema is up to date" in first.stdout
    assert second.exit_code == 0
    assert "the schema is up to date" in second.stdout
    assert "applied" not in second.stdout
    assert (tmp_path / "reviews.db").exists()
