"""`serve`: the bot until it is told to stop."""

import asyncio
import signal

from bot.app import running_bot
from bot.settings import Settings


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; returns once everything has stopped in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
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
