"""The documentation is tested: every setting, command, option, route and file that it names exists; none is missing."""

import collections
import re
import tomllib
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from bot.__main__ import main
from bot.settings.deadlines import DeadlinesSection, HoursSection
from bot.settings.environment import Settings
from bot.settings.file import BotFile, Operations, OutcomeSection, Queue, Queues
from bot.slack.requests.slash_commands import Word
from tests.support.documentation import PAGES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LONGEST_README = 150


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


SET_BY_THE_PLATFORM = {"DYNO"}
NOT_IN_THE_ENVIRONMENT = {"FILE"}


def _table(page: str, header: str) -> list[list[str]]:
    """The cells of the table under this header."""
    content = _page(page)
    rows = content[content.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [row.strip("|").split("|") for row in rows]


def _first_cells(page: str, header: str) -> set[str]:
    """The code words in the first column of the table under this header."""
    return {word for first, *_ in _table(page, header) for word in re.findall(r"`([^`]+)`", first)}


def test_every_setting_is_in_the_table_and_no_other() -> None:
    """By its name in the environment."""
    settings = {name.upper() for name in Settings.model_fields} - NOT_IN_THE_ENVIRONMENT - SET_BY_THE_PLATFORM
    assert _first_cells("configuration.md", "| name | meaning |") == settings


def _leaves(command: click.Command, name: str = "") -> dict[str, click.Command]:
    """What can be typed behind `python -m bot`, by its words; a group counts where it does something by itself."""
    here = {name: command} if name else {}
    if not isinstance(command, click.Group):
        return here
    context = click.Context(command)
    below = [
        _leaves(each, f"{name} {word}".strip())
        for word in command.list_commands(context)
        if (each := command.get_command(context, word)) is not None
    ]
    own = here if command.invoke_without_command else {}
    return dict(collections.ChainMap(own, *below))


def test_every_command_is_in_the_table_with_its_options_and_no_other() -> None:
    """As it is typed."""
    rows = _table("commands.md", "| command | does |")
    documented = {
        name.strip(" `").removeprefix("python -m bot "): set(re.findall(r"`(--[a-z-]+)`", does))
        for name, does in rows
    }
    assert documented == {
        name: {option for each in command.params for option in each.opts if option.startswith("--")}
        for name, command in _leaves(main).items()
    }


def test_every_word_of_the_slash_command_is_named_and_no_other() -> None:
    """And a session's id."""
    (item,) = re.findall(r"^- \*\*`/reviews`\*\*.*\n(?:  .*\n)*", _page("reviewers.md"), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", item)) == {word.value for word in Word}


def test_every_key_of_the_file_is_in_it_and_no_other() -> None:
    """Also those that are commented out; together they are a file that the bot takes."""
    text = (ROOT / "config/bot.toml").read_text(encoding="utf-8")
    written = tomllib.loads(re.sub(r"^# (?=\[|[a-z_]+ = )", "", text, flags=re.MULTILINE))
    BotFile.model_validate(written)
    queues = written["queues"]
    assert set(queues) == _keys(Queues)
    assert set(queues["user"]) | set(queues["related-party"]) == _keys(Queue)
    assert set(queues["user"]["hours"]) == _keys(HoursSection)
    assert set(queues["user"]["deadlines"]) == _keys(DeadlinesSection)
    assert set().union(*written["outcomes"].values()) == _keys(OutcomeSection)
    assert set(written) == _keys(BotFile)
    assert set(written["operations"]) == _keys(Operations)


def _keys(section: type[BaseModel]) -> set[str]:
    """As they are written in the file."""
    return {field.alias or name for name, field in section.model_fields.items()}


def test_every_setting_of_the_file_that_the_table_names_exists() -> None:
    """The table is about the more important ones."""
    assert _first_cells("configuration.md", "| setting | meaning |") <= _keys(Queue) | _keys(BotFile)


STARTS = [
    "cd",
    "docker",
    "git",
    "heroku",
    "install",
    "journalctl",
    "make",
    "python",
    "sed",
    "sudo",
    "systemctl",
    "useradd",
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_output_is_shown_that_is_not_produced(page: Path) -> None:
    """A block is what to type, a drawing, or marked as what a test compares with the real thing.

    `test_decision_webhook_page` runs the receiver of the decision webhook and compares its example.
    """
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for kind, content in blocks:
        lines = content.splitlines()
        is_typed = all(line.split()[0] in STARTS for line in lines)
        is_drawn = kind == "mermaid" or any(arrow in content for arrow in "▶▲▼")
        is_printed = kind == "console" and lines[0].startswith("$ python -m bot")
        is_run = kind in ("json", "python") and page.name == "decision-webhook.md"
        assert is_typed or is_drawn or is_printed or is_run, content


def test_every_route_is_in_the_table_and_no_other() -> None:
    """With its method."""
    source = (ROOT / "bot" / "app.py").read_text(encoding="utf-8")
    routes = {
        f"{method.upper()} {path}" for method, path in re.findall(r'web\.(get|post)\("(/[^"]+)"', source)
    }
    assert _first_cells("operate.md", "| route | for |") == routes


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^make (\w+)", README, re.MULTILINE))))
def test_every_make_target_that_is_named_exists(target: str) -> None:
    """The two commands above all."""
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


LINKS = [
    (page, link)
    for page in PAGES
    for link in sorted(set(re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))))
]


@pytest.mark.parametrize(("page", "link"), LINKS, ids=[f"{page.name}-{link}" for page, link in LINKS])
def test_every_file_that_is_linked_exists(page: Path, link: str) -> None:
    """Pictures too."""
    assert (page.parent / link).exists()


def test_the_readme_links_every_page() -> None:
    """A page that nothing leads to is not read."""
    pages = {f"docs/{page.name}" for page in PAGES} - {"docs/README.md"}
    assert pages <= set(re.findall(r"\]\(([^)#:]+)\)", README))


def test_the_readme_is_short() -> None:
    """It is the front door; details are on the pages."""
    assert len(README.splitlines()) <= LONGEST_README


def test_the_procfile_runs_what_the_pages_say() -> None:
    """The two commands of a deployment."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    assert lines == ["web: python -m bot serve", "release: python -m bot migrate"]
