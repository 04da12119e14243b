"""What the bot does now and then, such as firing timers: repeated for ever, whatever the database does meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.store.errors import StoreUnavailable

_log = structlog.get_logger(__name__)


async def repeat(turn: Callable[[], Awaitable[None]], every_s: float, postponed: str) -> None:
    """Take a turn, then wait `every_s` seconds, until cancelled; a failing database logs the event `postponed`."""
    while True:
        try:
            await turn()
        except StoreUnavailable as error:
            _log.warning(postponed, error=str(error))
        await asyncio.sleep(every_s)
