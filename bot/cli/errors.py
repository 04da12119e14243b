"""How every command reports what went wrong: one line per problem on stderr, and an exit code."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from bot.settings.problems import SettingsProblem
from bot.store.errors import AuditKeyMissing, StoreError

ParametersT = ParamSpec("ParametersT")
ResultT = TypeVar("ResultT")

WRONG_SETTINGS = 2
"""The exit code when a setting is missing or wrong; click uses it for wrong arguments, too."""


def report_errors(command: Callable[ParametersT, ResultT]) -> Callable[ParametersT, ResultT]:
    """Report wrong settings, and errors of the database or the network, without a traceback.

    Exits with `WRONG_SETTINGS` for the former, also for an AUDIT_KEY that does not fit the record, and with 1 for the
    latter. A closed pipe (`| head`) is not reported:
    click ends the command quietly, with exit code 1.
    """

    @wraps(command)
    def reporting(*args: ParametersT.args, **kwargs: ParametersT.kwargs) -> ResultT:
        try:
            return command(*args, **kwargs)
        except SettingsProblem as problem:
            for line in problem.lines:
                click.echo(line, err=True)
            sys.exit(WRONG_SETTINGS)
        except BrokenPipeError:
            raise
        except AuditKeyMissing as error:
            click.echo(str(error), err=True)
            sys.exit(WRONG_SETTINGS)
        except (StoreError, OSError) as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(1)

    return reporting
