"""The long measurements in their shortest form, so that they still work when somebody needs them."""

import sqlite3
from pathlib import Path

from tests.benchmarks import closed_reviews
from tests.benchmarks.soak import Plan, Sample, run_soak
from tests.benchmarks.steady_load import Pace
from tests.support.process import environment, run

WORK = (
    "webhooks recorded",
    "webhooks duplicate",
    "presses of Claim",
    "scrapes of /metrics",
    "scrapes of /readyz",
)


async def test_a_soak_of_some_seconds(tmp_path: Path) -> None:
    """Everybody has something to do, nothing is refused, and nothing is left over."""
    pace = Pace(20, verdict_after_s=2, person_rests_s=0.3)
    plan = Plan(6, sample_every_s=0.3, people=4, pace=pace, rest_limit_s=0)
    seen: list[Sample] = []
    report = await run_soak(plan, tmp_path, seen.append)
    assert report.findings() == []
    assert seen == report.samples
    assert [what for what in WORK if not report.done[what]] == []


def test_closed_reviews_are_what_the_bot_leaves_behind(tmp_path: Path) -> None:
    """As many as were ordered, each with its events, card and audit, and the chain is whole."""
    path = tmp_path / "closed.db"
    closed_reviews.make(path, 1_500)
    connection = sqlite3.connect(path)

    def count(query: str) -> int:
        return int(connection.execute(f"SELECT count(*) FROM {query}").fetchone()[0])  # noqa: S608

    assert count("reviews WHERE status = 'closed' AND decided_by IS NOT NULL") == 1_500
    assert (count("events"), count("audit")) == (3_000, 6_000)
    assert count("deliveries WHERE kind = 'card' AND shown_version = wanted_version") == 1_500
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    verified = run(["audit", "verify"], environment(f"sqlite:///{path}", 1, "http://127.0.0.1:9/api/"))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "6000 entries match their plain hashes" in verified.stdout
