"""The README is tested: every setting, command, option, route and file that it names exists, and none is missing."""

import re
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SET_BY_THE_PLATFORM = {"DYNO"}
NOT_IN_THE_ENVIRONMENT = {"FILE"}


def _first_cells(header: str) -> set[str]:
    """The code words in the first column of the table under this header."""
    rows = README[README.index(header) :].split("\n\n")[0].splitlines()[2:]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_every_setting_is_in_the_table_and_no_other() -> None:
    """By its name in the environment."""
    settings = {name.upper() for name in Settings.model_fields} - NOT_IN_THE_ENVIRONMENT - SET_BY_THE_PLATFORM
    assert _first_cells("| name | meaning |") == settings


def test_every_command_is_in_the_table_and_no_other() -> None:
    """As it is typed."""
    commands = {word.split()[3] for word in _first_cells("| command | does |")}
    assert commands == set(main.commands)


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)`", README))))
def test_every_option_that_is_named_exists(option: str) -> None:
    """At some command."""
    known: set[str] = set()
    for command in main.commands.values():
        for each in [command, *getattr(command, "commands", {}).values()]:
            known |= {name for parameter in each.params for name in parameter.opts}
    assert option in known


def test_every_route_is_in_the_table_and_no_other() -> None:
    """With its method."""
    source = (ROOT / "bot" / "app.py").read_text(encoding="utf-8")
    routes = {
        f"{method.upper()} {path}" for method, path in re.findall(r'web\.(get|post)\("(/[^"]+)"', source)
    }
    assert _first_cells("| route | for |") == routes


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^make (\w+)", README, re.MULTILINE))))
def test_every_make_target_that_is_named_exists(target: str) -> None:
    """The two commands above all."""
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_file_that_is_linked_exists(link: str) -> None:
    """Pictures too."""
    assert (ROOT / link).exists()


def test_the_procfile_runs_what_the_readme_says() -> None:
    """The two commands of a deployment."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    assert lines == ["web: python -m bot serve", "release: python -m bot migrate"]
