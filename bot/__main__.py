"""The command line: `python -m bot <command>`. It only lists the commands; each is a module of `bot.cli`."""

import click

from bot import __version__
from bot.cli.lazy_group import LazyCommand, LazyGroup
from bot.cli.output import prepare_stdout

COMMANDS = {
    "audit": LazyCommand(
        "bot.cli.audit.group",
        "audit",
        "Prove what happened: check the record, export it, print one session's case file.",
    ),
    "check": LazyCommand(
        "bot.cli.check.command",
        "check",
        "Look at the settings, the database, Slack and Ralio; say what is wrong and what to do.",
    ),
    "deliveries": LazyCommand(
        "bot.cli.deliveries",
        "deliveries",
        "List what Slack and the decision webhook have not received yet; `requeue` or `discard` what is held.",
    ),
    "demo": LazyCommand(
        "bot.cli.demo",
        "demo",
        "Try the whole bot against a local Slack in the browser: no account, no set-up, no network.",
    ),
    "events": LazyCommand(
        "bot.cli.events",
        "events",
        "List the events that Ralio sent; `show`, `replay` or `discard` a quarantined one.",
    ),
    "hold": LazyCommand("bot.cli.hold", "hold", "Keep sessions from every purge."),
    "manifest": LazyCommand(
        "bot.cli.manifest",
        "manifest",
        'Print the Slack app\'s manifest: paste it at https://api.slack.com/apps, "From a manifest".',
    ),
    "migrate": LazyCommand(
        "bot.cli.migrate",
        "migrate",
        "Bring the database to the newest schema; safe to run twice and from two processes.",
    ),
    "purge": LazyCommand(
        "bot.cli.purge",
        "purge",
        "Remove finished sessions with nothing newer than a date; beside a running server, too.",
    ),
    "reviews": LazyCommand("bot.cli.reviews", "reviews", "List the reviews."),
    "send-test": LazyCommand(
        "bot.cli.send_test",
        "send_test",
        "Sign and send a sample event to a running bot; its card is marked as a test.",
    ),
    "serve": LazyCommand("bot.cli.serve", "serve", "Run the server: webhooks in, Slack out."),
    "stats": LazyCommand(
        "bot.cli.stats",
        "stats",
        "Count the reviews and how long they took to claim and to decide, per queue and reviewer.",
    ),
}


@click.group(cls=LazyGroup, lazy_commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version=__version__)
def main() -> None:
    """Ralio's manual KYC reviews as Slack cards that somebody claims, releases and finishes."""


if __name__ == "__main__":
    prepare_stdout()
    main()
