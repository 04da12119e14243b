"""The order of the tests when several workers share them: the long stories first, and each worker gets the same mix.

pytest-xdist gives each worker one contiguous part, and moves tests only when a worker has run out of them. In the
collected order, one worker would have all of the longest stories, and the unit tests, which never wait, would be over
before most of the stories, which wait half of their time.
"""

from collections.abc import Sequence

import pytest

LONGEST = (
    "tests/crash/test_kill.py",
    "tests/benchmarks/test_bench.py",
    "tests/scenarios/test_alerts.py",
    "tests/scenarios/test_state_machine.py",
    "tests/crash/test_stall.py",
    "tests/benchmarks/test_short_forms.py",
    "tests/scenarios/test_outage.py",
    "tests/scenarios/test_backup.py",
    "tests/scenarios/test_slack_unreachable.py",
    "tests/scenarios/test_database_away.py",
    "tests/scenarios/test_postgres_trouble.py",
    "tests/slack_types/test_golden_types.py",
    "tests/scenarios/test_overload.py",
)
"""Files with a story of ten seconds or more."""

TOGETHER = "tests/browser/"
"""The stories in this folder share one Chromium, which takes a second to start."""

NEVER_WAITING = "tests/unit/"


def mixed(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return the tests in as many parts as there are workers, one after the other; each file stays together."""
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.split("::")[0], []).append(item)
    stories: list[list[str]] = [[] for _ in range(workers)]
    stories[0] = [file for file in files if file.startswith(TOGETHER)]
    for number, file in enumerate(file for file in LONGEST if file in files):
        stories[1 + number % (workers - 1)].append(file)
    others = [
        file for file in files if file not in LONGEST and not file.startswith((TOGETHER, NEVER_WAITING))
    ]
    for number, file in enumerate(others):
        stories[number % workers].append(file)
    units: list[list[str]] = [[] for _ in range(workers)]
    sizes = [sum(len(files[file]) for file in part) for part in stories]
    # The largest first into the smallest part: the parts become equal, as those that pytest-xdist makes of them are.
    for file in sorted(
        (each for each in files if each.startswith(NEVER_WAITING)), key=lambda each: -len(files[each])
    ):
        smallest = sizes.index(min(sizes))
        units[smallest].append(file)
        sizes[smallest] += len(files[file])
    parts = [_interleaved(*part) for part in zip(stories, units, strict=True)]
    return [item for part in parts for file in part for item in files[file]]


def _interleaved(stories: list[str], units: list[str]) -> list[str]:
    """Both lists, spread evenly; a story comes first."""
    placed = [(place / len(stories), file) for place, file in enumerate(stories)]
    placed += [((place + 0.5) / len(units), file) for place, file in enumerate(units)]
    return [file for _, file in sorted(placed)]
