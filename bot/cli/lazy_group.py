"""A click group that imports a command's module only when that command is used.

`python -m bot serve` then doesn't load what the other commands need, and `python -m bot --help` loads none of them.
"""

import gc
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is defined, and the help that its group lists without importing it."""

    module: str
    attribute: str
    help: str


class LazyGroup(click.Group):
    """A group of commands that are imported on first use (https://click.palletsprojects.com/en/stable/complex/)."""

    def __init__(self, name: str, *, lazy_commands: Mapping[str, LazyCommand], **attributes: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(name, **attributes)
        self._lazy_commands = lazy_commands

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands in alphabetical order."""
        return sorted(self._lazy_commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import a command; return None if there is none of that name."""
        lazy = self._lazy_commands.get(cmd_name)
        if lazy is None:
            return None
        command = getattr(_import(lazy.module), lazy.attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{lazy.module}.{lazy.attribute} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands as click does, but with the help that the group knows."""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(len(name) for name in names)
        listed = [click.Command(name, help=self._lazy_commands[name].help) for name in names]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(command.name or "", command.get_short_help_str(limit)) for command in listed]
            )


def _import(module: str) -> ModuleType:
    """Import a module without garbage collection: it would scan what the import creates and find nothing to free.

    What the import created stays for good, so later collections don't scan it either.
    """
    if module in sys.modules:
        return sys.modules[module]
    collects = gc.isenabled()
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        if collects:
            gc.enable()
