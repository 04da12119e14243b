"""Commands are imported when they are used, and the group's help knows them without importing any."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import bot.__main__
import bot.cli.audit.group
from bot.__main__ import main
from bot.cli.audit.group import audit
from bot.cli.lazy_group import LazyCommand, LazyGroup

ROOT = Path(__file__).parents[3]
LISTED = [
    *((main, name, lazy) for name, lazy in bot.__main__.COMMANDS.items()),
    *((audit, name, lazy) for name, lazy in bot.cli.audit.group.COMMANDS.items()),
]
BROKEN = LazyGroup("broken", lazy_commands={"pi": LazyCommand("math", "pi", "Not a command.")})


def modules_after(*arguments: str) -> set[str]:
    """Run the command line in a process of its own and return the modules that it has imported."""
    code = (
        "import sys\n"
        "from bot.__main__ import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit:\n    pass\n"
        "print('\\n'.join(['MODULES', *sys.modules]))"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env={})
    return set(done.stdout.partition("MODULES\n")[2].split())


@pytest.mark.parametrize(("group", "name", "lazy"), LISTED)
def test_the_listed_help_is_the_commands_own(group: LazyGroup, name: str, lazy: LazyCommand) -> None:
    """The table of the group and the docstring of the command can't drift apart."""
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert command.name == name
    assert command.help == lazy.help


def test_help_imports_no_command() -> None:
    """It stays fast however many commands there are."""
    imported = modules_after("--help")
    assert {name for name in imported if name.startswith("bot.")} == {
        "bot.__main__",
        "bot.cli",
        "bot.cli.lazy_group",
        "bot.cli.output",
        "bot.installation",
    }
    assert not imported & {"asyncio", "pydantic", "aiohttp"}


def test_serve_does_not_import_what_other_commands_need() -> None:
    """A start loads the server and nothing else."""
    imported = modules_after("serve")
    assert "bot.app" in imported
    assert not imported & {"tabulate", "bot.demo", "bot.cli.check", "bot.cli.audit", "bot.cli.maintenance"}


def test_an_unknown_command_is_a_usage_error() -> None:
    """Click's own message, as for any group."""
    result = CliRunner().invoke(main, ["dance"])
    assert result.exit_code == 2
    assert "No such command 'dance'" in result.stderr


def test_something_else_than_a_command_is_refused() -> None:
    """A wrong entry in the table fails with the place it names."""
    with pytest.raises(TypeError, match=r"math\.pi is not a click command"):
        BROKEN.get_command(click.Context(BROKEN), "pi")
