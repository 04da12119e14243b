"""kill -9 under load loses no acknowledged review and posts none twice; `make chaos` is the long form."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.crash.machines import RestartablePostgres
from tests.crash.report import Report
from tests.crash.run import Plan, run_chaos


def _is_kept(report: Report) -> None:
    assert report.is_clean, [str(report), *report.findings()]
    assert len(report.events) >= 200, report
    assert report.clicks, report
    assert report.decisions, report


@contextmanager
def _postgres() -> Iterator[RestartablePostgres]:
    """A server of its own, outside pytest's folders.

    Where we are root PostgreSQL runs as another user, and every other run of pytest that begins takes the way to those
    folders away from other users: the server then dies of the next file that it opens.
    """
    with tempfile.TemporaryDirectory(prefix="review-bot-chaos-", ignore_cleanup_errors=True) as folder:
        server = RestartablePostgres(Path(folder) / "data")
        try:
            yield server
        finally:
            server.stop()


async def test_kill_9_under_load(tmp_path: Path) -> None:
    """Five kills while Slack is slow and drops connections before and after it stored."""
    plan = Plan(kills=5, acknowledged=200, instances=1, pause_s=(0.1, 1.2))
    report = await run_chaos(plan, f"sqlite:///{tmp_path / 'reviews.db'}", tmp_path)
    assert report.kills == 5
    _is_kept(report)


async def test_kill_9_of_two_instances_and_of_their_database(tmp_path: Path) -> None:
    """Five kills, one of both instances at a time, while PostgreSQL crashes and recovers beside them."""
    plan = Plan(kills=5, acknowledged=200, instances=2, pause_s=(0.1, 1.2), database_restarts=1)
    with _postgres() as server, server.empty_database() as url:
        report = await run_chaos(plan, url, tmp_path, server)
    assert (report.kills, report.database_restarts) == (5, 1)
    _is_kept(report)
