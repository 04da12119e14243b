"""The runbook names every problem, and a story runs each of its commands."""

import re
from pathlib import Path

from bot.web.readiness import PROBLEMS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
STORY = (ROOT / "tests" / "scenarios" / "test_runbook.py").read_text(encoding="utf-8")
ELSEWHERE = {
    "check",  # test_check
    "migrate",  # test_check
    "send-test",  # test_send_test
    "send-test --clean-up",
    "purge --before 2020-01-01",  # test_retention
    "purge --before 2020-01-01 --dry-run",
}
"""What other stories run."""

EXAMPLES = re.compile(" (?:42|0b6a2e5c-).*")


def test_every_problem_of_readiness_is_named() -> None:
    """As /readyz shows it."""
    assert [name for name in PROBLEMS if f"`{name}`" not in PAGE] == []


def test_every_command_is_run_by_a_story() -> None:
    """The story finds it by its beginning, up to the page's examples."""
    section = PAGE.split("\n## By symptom\n", 1)[1].split("\n## ", 1)[0]
    lines = set(re.findall(r"^python -m bot (.*)$", section, re.MULTILINE))
    assert lines
    assert {line for line in lines - ELSEWHERE if f'"{EXAMPLES.sub("", line)}"' not in STORY} == set()
