"""A bounded set of background jobs with a graceful close, after aio-libs/aiojobs."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")

JOB_LIMIT = 1_000
"""Unfinished jobs. Each is a click or a command; more pile up only if the database and Slack are both stuck."""


class TooManyJobs(Exception):
    """The limit of unfinished jobs is reached."""


class BackgroundJobs:
    """Jobs that outlive the request that started them, even if its sender hangs up."""

    def __init__(self, limit: int = JOB_LIMIT) -> None:
        self._limit = limit
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, ResultT]) -> "asyncio.Task[ResultT]":
        """Start a job without waiting for it; raises TooManyJobs at the limit."""
        if len(self._tasks) >= self._limit:
            work.close()
            raise TooManyJobs
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def wait_for(
        self, limit_s: float, work: Coroutine[Any, Any, ResultT], otherwise: ResultT
    ) -> ResultT:
        """Return the job's result, or `otherwise` after `limit_s`; the job then continues in the background."""
        task = self.start(work)
        # asyncio.wait cancels the task neither at the time limit nor when the sender hangs up.
        done, _ = await asyncio.wait({task}, timeout=limit_s)
        return task.result() if done else otherwise

    async def close(self, limit_s: float) -> None:
        """Give unfinished jobs `limit_s` to finish, then cancel the rest."""
        if not self._tasks:
            return
        _, unfinished = await asyncio.wait(self._tasks, timeout=limit_s)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
