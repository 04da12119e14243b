"""`audit`: the group of its subcommands, each loaded when it is run."""

import click

from bot.cli.lazy_group import LazyCommand, LazyGroup

COMMANDS = {
    "case": LazyCommand(
        "bot.cli.audit.case",
        "case",
        "Print one session's case file: who, when, what was shown, every change and refusal, and the proof.",
    ),
    "export": LazyCommand("bot.cli.audit.export", "export", "Print every entry of the record, oldest first."),
    "keygen": LazyCommand(
        "bot.cli.audit.keygen",
        "keygen",
        "Generate an Ed25519 key pair: AUDIT_SIGNING_KEY for the bot, the public key for examiners.",
    ),
    "rotate-key": LazyCommand(
        "bot.cli.audit.rotate_key",
        "rotate_key",
        "Seal new entries with the first key in AUDIT_KEY; older keys only verify.",
    ),
    "verify": LazyCommand(
        "bot.cli.audit.verify",
        "verify",
        "Check that no entry was changed, removed, moved or forged; report the first one that was.",
    ),
}


@click.group(cls=LazyGroup, lazy_commands=COMMANDS)
def audit() -> None:
    """Verify the record, export it, and print a session's case file."""
