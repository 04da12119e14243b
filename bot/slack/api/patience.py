"""Call Slack while a person waits, and once more if Slack asks to wait only a moment."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.slack.api.call_results import CallResult, ResultKind

RATE_WAIT_S = 3.0
"""The longest wait: a person waits for the answer."""


async def patiently(call: Callable[[], Awaitable[CallResult]]) -> CallResult:
    """Make a call, and once more after the wait that Slack asks for."""
    result = await call()
    if result.kind is ResultKind.WAIT and result.retry_after_s <= RATE_WAIT_S:
        await asyncio.sleep(result.retry_after_s)
        result = await call()
    return result
