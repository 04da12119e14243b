"""`serve`: run the bot until it is stopped."""

import asyncio
import gc

import click
import structlog

from bot import __version__
from bot.app import running_bot
from bot.cli.errors import report_errors
from bot.cli.stop import stop_signal
from bot.logs import configure_logging
from bot.sentry import report_faults
from bot.settings.environment import Settings, misspelled_variables, read_settings

_log = structlog.get_logger(__name__)


@click.command()
@report_errors
def serve() -> None:
    """Run the server: webhooks in, Slack out."""
    settings = read_settings()
    configure_logging(settings.log_level, settings.log_format)
    _log.info("starting", version=__version__)
    for name, ours in misspelled_variables():
        _log.warning(
            "environment_name_unknown", name=name, advice=f"did you mean {ours}? {name} has no effect"
        )
    if dsn := settings.sentry_dsn.get_secret_value():
        report_faults(dsn, __version__, settings.proxy)
    try:
        import uvloop  # noqa: PLC0415 - not available on every platform
    except ImportError:
        asyncio.run(_run(settings))
    else:
        uvloop.run(_run(settings))


async def _run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; return once everything has stopped in order."""
    stop = stop_signal()
    async with running_bot(settings):
        # Exclude what the start created from garbage collection: it stays, and each full scan of it takes 40 ms.
        gc.collect()
        gc.freeze()
        await stop.wait()
