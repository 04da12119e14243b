"""Background jobs outlive their request, within a limit."""

import asyncio

import pytest

from bot.web.background_jobs import BackgroundJobs, TooManyJobs


async def _after(event: asyncio.Event, result: str) -> str:
    await event.wait()
    return result


async def test_a_quick_job_answers_with_its_result() -> None:
    """The request waits only as long as the job takes."""
    done = asyncio.Event()
    done.set()
    assert await BackgroundJobs().wait_for(5.0, _after(done, "granted"), "late") == "granted"


async def test_a_slow_job_continues_after_the_answer() -> None:
    """At the time limit the request gets the other answer, and the job still finishes."""
    jobs, go_on, finished = BackgroundJobs(), asyncio.Event(), asyncio.Event()

    async def work() -> str:
        await go_on.wait()
        finished.set()
        return "granted"

    assert await jobs.wait_for(0.01, work(), "late") == "late"
    assert not finished.is_set()
    go_on.set()
    await jobs.close(5.0)
    assert finished.is_set()


async def test_a_job_survives_a_sender_that_hangs_up() -> None:
    """Cancelling the request does not cancel the job."""
    jobs, go_on = BackgroundJobs(), asyncio.Event()
    request = asyncio.create_task(jobs.wait_for(5.0, _after(go_on, "granted"), "late"))
    job = jobs.start(_after(go_on, "second"))
    await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    go_on.set()
    assert await job == "second"
    await jobs.close(5.0)


async def test_an_error_of_a_job_reaches_the_request() -> None:
    """The request does not answer as if all were well."""

    async def fail() -> str:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await BackgroundJobs().wait_for(5.0, fail(), "late")


async def test_at_the_limit_no_more_jobs_start() -> None:
    """The refused job never runs, and a finished one makes room."""
    jobs, go_on = BackgroundJobs(limit=2), asyncio.Event()
    running = [jobs.start(_after(go_on, "a")) for _ in range(2)]
    refused = _after(go_on, "b")
    with pytest.raises(TooManyJobs):
        jobs.start(refused)
    with pytest.raises(RuntimeError, match="cannot reuse"):
        refused.send(None)
    go_on.set()
    await asyncio.gather(*running)
    assert await jobs.wait_for(5.0, _after(go_on, "c"), "late") == "c"


async def test_close_cancels_what_does_not_finish_in_time() -> None:
    """Shutting down is bounded."""
    jobs = BackgroundJobs()
    stuck = jobs.start(_after(asyncio.Event(), "never"))
    await jobs.close(0.01)
    assert stuck.cancelled()


async def test_close_without_jobs_returns_at_once() -> None:
    """There is nothing to wait for."""
    await asyncio.wait_for(BackgroundJobs().close(60.0), 1.0)
