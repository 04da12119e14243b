"""Jobs that run at intervals, such as firing timers: repeated until cancelled, whatever the database does meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.outage_log import OutageLog
from bot.store.errors import StoreUnavailable

_log = structlog.get_logger(__name__)


async def repeat(turn: Callable[[], Awaitable[None]], every_s: float, what: str) -> None:
    """Take a turn, then wait `every_s` seconds, until cancelled.

    A failing database logs that `what` is postponed, once, and that it is resumed.
    """
    outage = OutageLog(_log, f"{what}_postponed", f"{what}_resumed")
    while True:
        try:
            await turn()
        except StoreUnavailable as error:
            outage.failed(error=str(error))
        else:
            outage.recovered()
        await asyncio.sleep(every_s)
