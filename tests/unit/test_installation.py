"""Someone runs the bot before installing it, or with an old Python."""

import subprocess
import sys
import tomllib
import venv
from pathlib import Path

from bot.installation import OLDEST_PYTHON, PACKAGES
from tests.support.process import ROOT

OPTIONAL = {"uvloop"}
"""The bot runs without it."""


def test_a_python_without_the_packages_is_told_how_to_get_them(tmp_path: Path) -> None:
    """Which are missing, for which Python, and the commands; no traceback."""
    venv.create(tmp_path / "empty", with_pip=False, symlinks=True)
    python = tmp_path / "empty" / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "bot", "check"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(f"Packages of the bot are not installed for {python}: aiohttp, ")
    assert ".venv/bin/python -m pip install --require-hashes -r requirements.txt" in done.stderr


def test_an_old_python_is_named() -> None:
    """Its version and its path, before any newer syntax is read."""
    script = "import sys; sys.version_info = (3, 9, 2); import bot.__main__"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    expected = f"The bot needs Python 3.11 or newer, and {sys.executable} is Python 3.9.\n"
    assert done.stderr == expected


def test_the_packages_are_those_of_the_project() -> None:
    """A new dependency is asked for, too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {each.split(">=")[0].split("[")[0].replace("-", "_") for each in project["dependencies"]}
    assert names - OPTIONAL == set(PACKAGES)
    assert project["requires-python"] == ">={}.{}".format(*OLDEST_PYTHON)
