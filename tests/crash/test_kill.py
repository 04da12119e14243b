"""kill -9 under load loses no acknowledged review and posts none twice."""

from pathlib import Path

from tests.crash.chaos import run_chaos
from tests.support.slack import running_slack


async def test_kill_9_under_load(tmp_path: Path) -> None:
    """The short form: eight kills while Slack is slow and drops connections before and after it stored."""
    async with running_slack(posts_per_second=1_000) as slack:
        report = await run_chaos(slack, tmp_path, kills=8, pause_s=(0.1, 1.2))
    assert report.kills == 8
    assert len(report.acknowledged) >= 200, report
    assert not report.lost, report
    assert not report.double, report
    assert report.unresolved == 0, report
