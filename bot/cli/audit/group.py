"""`audit`: the group of `audit verify`, `audit export` and `audit case`."""

import click

from bot.cli.lazy_group import LazyCommand, LazyGroup

COMMANDS = {
    "case": LazyCommand(
        "bot.cli.audit.case",
        "case",
        "Print one session's case file: who, when, what was shown, every change and refusal, and the proof.",
    ),
    "export": LazyCommand("bot.cli.audit.export", "export", "Print every entry of the record, oldest first."),
    "verify": LazyCommand(
        "bot.cli.audit.verify",
        "verify",
        "Check that no entry was changed, removed, moved, forged or cut off; names the first that was.",
    ),
}


@click.group(cls=LazyGroup, lazy_commands=COMMANDS)
def audit() -> None:
    """Prove what happened: check the record, export it, print one session's case file."""
