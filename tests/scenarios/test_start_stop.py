"""Starting and stopping again and again leaves nothing behind: no task, no thread, no descriptor."""

import asyncio
import gc
import os
import threading
from dataclasses import dataclass

from tests.support.bot import running
from tests.support.slack import LocalSlack
from tests.support.trouble import send

WARM_UP = 2
CYCLES = 30


@dataclass(frozen=True, slots=True)
class _Held:
    """What the process holds: threads of asyncio's own pool are kept for the next use, and are not counted."""

    tasks: int
    threads: list[str]
    descriptors: int


async def _held() -> _Held:
    await asyncio.sleep(0.05)
    gc.collect()
    threads = sorted(
        thread.name for thread in threading.enumerate() if not thread.name.startswith("asyncio_")
    )
    return _Held(len(asyncio.all_tasks()), threads, len(os.listdir("/proc/self/fd")))  # noqa: PTH208


async def test_starting_and_stopping_leaves_nothing_behind(database_url: str, slack: LocalSlack) -> None:
    """Thirty times, every third time with a card on its way, which is there in the end."""
    before, sessions = None, []
    for cycle in range(WARM_UP + CYCLES):
        if cycle == WARM_UP:
            before = await _held()
        async with running(database_url, slack) as bot:
            if cycle % 3 == 0:
                sessions.append(await send(bot))
    after = await _held()
    assert before is not None
    # The test's own connections to the local Slack are reopened now and then.
    assert after.tasks <= before.tasks + 2
    assert after.threads == before.threads
    assert after.descriptors <= before.descriptors + 2
    async with running(database_url, slack) as bot:
        await bot.settled(60)
        for session_id in sessions:
            assert await bot.card(session_id)
