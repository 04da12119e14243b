"""An environment that holds the story's settings and none of the machine's own."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.settings.environment import Settings

NEEDED = {
    "RALIO_WEBHOOK_SECRET": "ralio-secret",
    "SLACK_BOT_TOKEN": "xoxb-made-up",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "USER_REVIEW_CHANNEL": "CUSER00001",
    "RELATED_PARTY_REVIEW_CHANNEL": "CPARTY0001",
}

SetUp = Callable[..., None]
Write = Callable[[str], Path]


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SetUp:
    """Return a function that sets variables; until then none is set, and the folder is empty."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def set_all(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_all


@pytest.fixture
def set_needed(set_up: SetUp) -> SetUp:
    """Return a function that sets what the server needs, with the given changes and additions."""

    def set_all(**variables: str) -> None:
        set_up(**NEEDED | variables)

    return set_all


@pytest.fixture
def write(tmp_path: Path, set_up: SetUp) -> Write:
    """Return a function that writes the bot's file and names it in BOT_CONFIG."""

    def write_file(content: str) -> Path:
        path = tmp_path / "other.toml"
        path.write_text(content, encoding="utf-8")
        set_up(BOT_CONFIG=str(path))
        return path

    return write_file
