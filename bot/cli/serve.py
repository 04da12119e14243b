"""`serve`: the bot until it is told to stop."""

import asyncio
import gc

from bot.app import running_bot
from bot.cli.stop import stop_signal
from bot.settings.environment import Settings


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; returns once everything has stopped in order."""
    stop = stop_signal()
    async with running_bot(settings):
        _spare_the_collector()
        await stop.wait()


def _spare_the_collector() -> None:
    """What the start has made stays for good: to walk over it time and again would stop the bot for 40 ms."""
    gc.collect()
    gc.freeze()
    gc.enable()


def run(settings: Settings) -> None:
    """Run `serve` on the fastest loop that is installed."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        asyncio.run(serve(settings))
    else:
        uvloop.run(serve(settings))
