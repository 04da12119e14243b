"""Work that may outlast the answer to the request that asked for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


class Behind:
    """Tasks that go on when their request is answered, or its sender has hung up; `close` waits for them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, ResultT]) -> "asyncio.Task[ResultT]":
        """Start work that nobody waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def within(self, limit_s: float, work: Coroutine[Any, Any, ResultT], otherwise: ResultT) -> ResultT:
        """The work's result, or `otherwise` when it takes longer; then it goes on."""
        task = self.begin(work)
        # asyncio.wait neither cancels the task when the limit passes nor when the sender hangs up.
        done, _ = await asyncio.wait({task}, timeout=limit_s)
        return task.result() if done else otherwise

    async def close(self, limit_s: float) -> None:
        """Let the work end."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=limit_s)
