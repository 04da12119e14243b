"""What every command on the command line shares: how it says what is wrong, and where it finds the database."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from bot.settings.environment import StoreSettings

ParametersT = ParamSpec("ParametersT")
AnswerT = TypeVar("AnswerT")

WRONG_SETUP = 2


def explained(command: Callable[ParametersT, AnswerT]) -> Callable[ParametersT, AnswerT]:
    """What is wrong with the set-up or the database is said in one line each, without a traceback."""

    @wraps(command)
    def wrapped(*args: ParametersT.args, **kwargs: ParametersT.kwargs) -> AnswerT:
        from bot.settings.environment import SettingsProblem
        from bot.store.errors import StoreError

        try:
            return command(*args, **kwargs)
        except SettingsProblem as problem:
            for line in problem.lines:
                click.echo(line, err=True)
            sys.exit(WRONG_SETUP)
        except (StoreError, OSError) as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(1)

    return wrapped


def store_settings() -> "StoreSettings":
    """Where the database is and what seals its audit; needs nothing of Slack or Ralio to be set."""
    from bot.settings.environment import read_store_settings

    return read_store_settings()
