"""`make bench` cannot rot: a tiny run of it, from the command line."""

import json
import subprocess
import sys
from pathlib import Path

from tests.support.process import ROOT

TINY = ("--only", "b,g4", "--parts", "events,feel,life", "--rounds", "1", "--events", "100")


def test_a_tiny_run_measures_the_bot_and_a_peer_with_the_same_rows(tmp_path: Path) -> None:
    """Whether it is fast enough is another question: 1 means that a target was missed, which is all it may mean."""
    values, picture = tmp_path / "values.json", tmp_path / "picture.svg"
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *TINY, "--json", str(values), "--picture", str(picture)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode in (0, 1), run.stderr
    found = json.loads(values.read_text(encoding="utf-8"))
    assert set(found["values"]) == {"b", "g4"}
    assert all(
        value is None or value > 0
        for figures in found["values"].values()
        for rounds in figures.values()
        for value in rounds
    )
    assert run.returncode == (0 if all(target["is_met"] for target in found["targets"]) else 1), run.stdout
    assert "events/s beside aiosqlite" in run.stdout
    assert "click → card updated" in run.stdout
    assert "A review's whole life" in run.stdout
    assert picture.read_text(encoding="utf-8").startswith("<svg")
