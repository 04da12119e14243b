"""`serve`: the bot until it is told to stop."""

import asyncio

from bot.app import running_bot
from bot.commands.stop import stop_signal
from bot.settings import Settings


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; returns once everything has stopped in order."""
    stop = stop_signal()
    async with running_bot(settings):
        await stop.wait()


def run(settings: Settings) -> None:
    """Run `serve` on the fastest loop that is installed."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        asyncio.run(serve(settings))
    else:
        uvloop.run(serve(settings))
