"""The command line: `python -m bot <command>`. It only lists the commands; each is a module of `bot.cli`."""

from bot import installation  # noqa: F401 - it ends with advice where the packages below are missing

# isort: split
import click

from bot import __version__
from bot.cli.lazy_group import LazyCommand, LazyGroup
from bot.cli.output import prepare_stdout

COMMANDS = {
    "audit": LazyCommand(
        "bot.cli.audit.group",
        "audit",
        "Verify the record, export it, and print a session's case file.",
    ),
    "check": LazyCommand(
        "bot.cli.check.command",
        "check",
        "Check the settings, the database, Slack and Ralio; report each problem and its fix.",
    ),
    "deliveries": LazyCommand(
        "bot.cli.deliveries",
        "deliveries",
        "List messages and decisions that haven't been delivered yet; `requeue` or `discard` held ones.",
    ),
    "demo": LazyCommand(
        "bot.cli.demo",
        "demo",
        "Try the whole bot with a simulated Slack in your browser: no account, no setup, no network.",
    ),
    "events": LazyCommand(
        "bot.cli.events",
        "events",
        "List the events received from Ralio; `show`, `replay` or `discard` quarantined ones.",
    ),
    "hold": LazyCommand("bot.cli.hold", "hold", "Place sessions on legal hold. No purge removes them."),
    "manifest": LazyCommand(
        "bot.cli.manifest",
        "manifest",
        'Print the Slack app\'s manifest, to paste at https://api.slack.com/apps ("From a manifest").',
    ),
    "migrate": LazyCommand(
        "bot.cli.migrate",
        "migrate",
        "Migrate the database to the newest schema; safe to run twice or from two processes at once.",
    ),
    "purge": LazyCommand(
        "bot.cli.purge",
        "purge",
        "Remove finished sessions with nothing newer than a date; the server can keep running.",
    ),
    "reviews": LazyCommand("bot.cli.reviews", "reviews", "List the reviews."),
    "send-test": LazyCommand(
        "bot.cli.send_test",
        "send_test",
        "Send a signed sample event to a running bot; its card is marked as a test.",
    ),
    "serve": LazyCommand("bot.cli.serve", "serve", "Run the server: webhooks in, Slack out."),
    "stats": LazyCommand(
        "bot.cli.stats",
        "stats",
        "Show review counts and times to claim and to decide, per queue and reviewer.",
    ),
}


@click.group(cls=LazyGroup, lazy_commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version=__version__)
def main() -> None:
    """Manual KYC reviews from Ralio that your team claims and decides in Slack."""


if __name__ == "__main__":
    prepare_stdout()
    main()
