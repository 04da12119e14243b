"""Who runs a command, as the operating system knows it."""

import json
from pathlib import Path

import pytest

from bot.cli.hold import place_hold
from bot.cli.os_user import os_user
from bot.reviews.audit.entry import Keys
from bot.store.store import open_store
from bot.store.tables.legal_holds import PlaceHold
from tests.support.look import look_into
from tests.support.store import receive


def test_the_environment_does_not_say_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anyone can set a variable."""
    before = os_user()
    for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "someone-else")
    assert before
    assert os_user() == before


async def test_a_command_records_the_user_beside_by(tmp_path: Path) -> None:
    """The Slack id is what the person says; the user is what the machine says."""
    url = f"sqlite:///{tmp_path / 'reviews.db'}"
    async with open_store(url, 1, lambda: None) as store:
        await receive(store, "s1", 1_000)
    assert await place_hold(url, Keys(), PlaceHold("s1", "a complaint", "UANA", os_user()))
    (entry,) = look_into(url, "SELECT actor, detail FROM audit WHERE action = 'hold'")
    assert entry["actor"] == "UANA"
    assert json.loads(entry["detail"]) == {"reason": "a complaint", "os_user": os_user()}
