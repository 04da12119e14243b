"""The command line: `python -m bot <command>`. It only parses and calls; each command imports what it needs."""

import asyncio
import gc
import sys

import click

from bot.cli.line_evidence import audit
from bot.cli.line_retention import hold, purge
from bot.cli.line_setup import check, manifest
from bot.cli.line_shared import explained as _explained

_ROW_ID = click.IntRange(1, 2**63 - 1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version=__import__("bot").__version__)
def main() -> None:
    """Ralio's manual KYC reviews as Slack cards that somebody claims, releases and finishes."""


@main.command()
@_explained
def serve() -> None:
    """Run the server: webhooks in, Slack out."""
    gc.disable()  # a start makes next to no garbage; `run` enables it again
    from bot.cli.serve import run
    from bot.logs import configure_logging
    from bot.settings.environment import read_settings

    settings = read_settings()
    configure_logging(settings.log_level, settings.log_format)
    if settings.sentry_dsn.get_secret_value():
        from bot.sentry import report_faults

        report_faults(settings.sentry_dsn.get_secret_value(), __import__("bot").__version__)
    run(settings)


@main.command()
@click.option(
    "--port", default=8765, show_default=True, help="Where the page listens; 0 takes any free port."
)
@click.option("--no-browser", is_flag=True, help="Only print the address, do not open it.")
@_explained
def demo(port: int, *, no_browser: bool) -> None:
    """Try the whole bot against a local Slack in the browser: no account, no set-up, no network."""
    from bot.cli.demo import run

    run(port, open_browser=not no_browser)


@main.command()
@_explained
def migrate() -> None:
    """Bring the database to the newest schema; safe to run twice and from two processes."""
    from bot.clock import system_clock
    from bot.settings.environment import read_store_settings
    from bot.store.store import database_at

    database = database_at(read_store_settings().database_url.get_secret_value())
    for name in database.migrate(system_clock()):
        click.echo(f"applied {name}")
    click.echo(f"{database}: the schema is the newest")


@main.command("send-test")
@click.option("--entity", type=click.Choice(["user", "related-party"]), default="user", show_default=True)
@click.option("--url", help="The bot's address; default: http://127.0.0.1:$PORT/webhooks/ralio.")
@_explained
def send_test(entity: str, url: str | None) -> None:
    """Sign and send a sample event to a running bot."""
    from aiohttp import ClientError

    from bot.cli.send_test import sample_event, send
    from bot.settings.environment import read_settings

    settings = read_settings()
    url = url or f"http://127.0.0.1:{settings.port}/webhooks/ralio"
    secret = settings.ralio_webhook_secret[0].get_secret_value()
    try:
        status, answer = asyncio.run(
            send(url, secret, sample_event(entity), settings.ralio_signature_encoding)
        )
    except (ClientError, TimeoutError) as error:
        raise click.ClickException(f"no answer from {url}: {error!r}. Does the bot run there?") from error
    click.echo(f"{status} {answer}")
    if status != 200:  # noqa: PLR2004 - HTTP's OK
        sys.exit(1)


@main.command()
@click.option("--status", type=click.Choice(["open", "claimed", "proposed", "decided", "closed"]))
@click.option("--disagreeing", is_flag=True, help="Only those whose verdict does not fit what was decided.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@_explained
def reviews(status: str | None, *, disagreeing: bool, as_json: bool) -> None:
    """List the reviews."""
    from bot.cli.reports import print_reviews
    from bot.reviews.review import Status

    wanted = Status(status) if status else None
    asyncio.run(print_reviews(_database_url(), wanted, disagreeing=disagreeing, as_json=as_json))


@main.group(invoke_without_command=True)
@click.option("--quarantined", is_flag=True, help="Only what could not be understood.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
@_explained
def events(context: click.Context, *, quarantined: bool, as_json: bool) -> None:
    """List the events that Ralio sent; `replay` reads quarantined ones again."""
    if context.invoked_subcommand is not None:
        return
    from bot.cli.reports import print_events

    asyncio.run(print_events(_database_url(), quarantined=quarantined, as_json=as_json))


@events.command()
@click.argument("row_id", metavar="ID", type=_ROW_ID, required=False)
@click.option("--all", "everything", is_flag=True, help="All that is quarantined.")
@_explained
def replay(row_id: int | None, *, everything: bool) -> None:
    """Read quarantined events again, after an upgrade that understands more; beside a running server, too."""
    from bot.cli.maintenance import replay_events
    from bot.settings.environment import read_file_settings, read_store_settings

    _one_or_all(row_id, everything=everything)
    settings, queues = read_store_settings(), read_file_settings().rules()
    url = settings.database_url.get_secret_value()
    if not asyncio.run(replay_events(url, settings.audit_keys, queues, row_id)):
        sys.exit(1)


@main.group(invoke_without_command=True)
@click.option("--held", is_flag=True, help="Only what waits for an operator.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
@_explained
def deliveries(context: click.Context, *, held: bool, as_json: bool) -> None:
    """List what Slack has not got yet; `requeue` sends what is held."""
    if context.invoked_subcommand is not None:
        return
    from bot.cli.reports import print_deliveries

    asyncio.run(print_deliveries(_database_url(), held=held, as_json=as_json))


@deliveries.command()
@click.argument("delivery_id", metavar="ID", type=_ROW_ID, required=False)
@click.option("--all", "everything", is_flag=True, help="All that is held.")
@_explained
def requeue(delivery_id: int | None, *, everything: bool) -> None:
    """Send held deliveries again, once the cause is mended; beside a running server, too."""
    from bot.cli.maintenance import requeue_deliveries

    _one_or_all(delivery_id, everything=everything)
    if not asyncio.run(requeue_deliveries(_database_url(), delivery_id)):
        sys.exit(1)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@_explained
def stats(*, as_json: bool) -> None:
    """Count the reviews and how long they took to claim and to decide, per queue and reviewer."""
    from bot.cli.stats import print_stats
    from bot.clock import system_clock
    from bot.settings.environment import read_file_settings

    hours = {queue: limits.hours for queue, limits in read_file_settings().deadlines().items()}
    asyncio.run(print_stats(_database_url(), hours, system_clock, as_json=as_json))


def _one_or_all(row_id: int | None, *, everything: bool) -> None:
    if (row_id is not None) == everything:
        raise click.UsageError("give either an ID or --all")


def _database_url() -> str:
    from bot.settings.environment import read_store_settings

    return read_store_settings().database_url.get_secret_value()


for _command in (audit, check, hold, manifest, purge):
    main.add_command(_command)

if __name__ == "__main__":
    main()
