"""What a host reads: Heroku's app.json and systemd's unit ask for what the bot really has."""

import json
import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from typing import Annotated, Literal

import click
import pytest
from pydantic import BaseModel, ConfigDict, Field

from bot.__main__ import main
from bot.settings.environment import Settings

ROOT = Path(__file__).parents[2]
APP = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))
UNIT = (ROOT / "config" / "review-bot.service").read_text(encoding="utf-8")
HOME = "/opt/review-bot"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Variable(_Strict):
    description: str
    value: str | None = None
    required: bool | None = None
    generator: Literal["secret"] | None = None


class _Dynos(_Strict):
    quantity: int = Field(ge=0)
    size: Literal["eco", "basic", "standard-1x", "standard-2x", "performance-m", "performance-l"]


class _Plan(_Strict):
    plan: str = Field(pattern=r"^[a-z0-9-]+:[a-z0-9-]+$")


class _Buildpack(_Strict):
    url: str


class AppJson(_Strict):
    """What the bot uses of https://devcenter.heroku.com/articles/app-json-schema, as that page says it."""

    name: str
    description: str
    keywords: list[str]
    success_url: str = Field(pattern=r"^/")
    stack: Literal["heroku-22", "heroku-24"]
    buildpacks: list[_Buildpack]
    addons: list[_Plan]
    formation: dict[Literal["web"], _Dynos]
    env: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], _Variable]


def test_heroku_can_read_what_it_is_asked_for() -> None:
    """A word that it does not know would be left out in silence."""
    AppJson.model_validate(APP)


def test_heroku_asks_for_settings_that_exist() -> None:
    """Each says what it is for."""
    known = {name.upper() for name in Settings.model_fields}
    assert set(APP["env"]) <= known
    assert all(each["description"] for each in APP["env"].values())


def test_heroku_insists_on_what_the_bot_needs() -> None:
    """And on nothing else; what has a value or is made up by Heroku is not asked for."""
    asked = {
        name
        for name, each in APP["env"].items()
        if each.get("required", True) and not {"value", "generator"} & each.keys()
    }
    needed = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    assert asked == needed | {"USER_REVIEW_CHANNEL", "RELATED_PARTY_REVIEW_CHANNEL"}


def test_heroku_adds_the_database_that_the_page_names() -> None:
    """Without one the bot would not start on a dyno."""
    plans = [each["plan"] for each in APP["addons"]]
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert re.findall(r"addons:create (\S+)", page) == plans


def test_the_unit_starts_commands_that_exist() -> None:
    """The schema first, then the server, from the folder that the page names."""
    started = re.findall(rf"^Exec\w+={HOME}/\.venv/bin/python -m bot (\w+)$", UNIT, re.MULTILINE)
    assert started == ["migrate", "serve"]
    assert set(started) <= set(main.list_commands(click.Context(main)))
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    for path in (HOME, "/etc/review-bot.env", "/var/lib/review-bot"):
        assert path in page


def test_the_unit_does_not_repeat_a_start_that_cannot_succeed() -> None:
    """A wrong setting ends with this code."""
    unit = RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(UNIT)
    stopped = int(unit["Service"]["RestartPreventExitStatus"])
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], env={}, cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == stopped


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as it would be where this checkout is installed."""
    path = tmp_path / "review-bot.service"
    here = UNIT.replace(f"{HOME}/.venv/bin/python", sys.executable).replace(HOME, str(ROOT))
    path.write_text(here, encoding="utf-8")
    return path


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
@pytest.mark.parametrize(
    "question", [["verify", "--man=no"], ["security", "--offline=yes", "--threshold=20"]]
)
def test_systemd_takes_the_unit(unit: Path, question: list[str]) -> None:
    """Every line of it is understood, and it is closed as far as that goes (of 100 points of exposure under 20)."""
    done = subprocess.run(
        ["systemd-analyze", *question, str(unit)],  # noqa: S607 - wherever it is
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Unknown" not in done.stderr
