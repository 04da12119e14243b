"""The order of the tests when several workers share them: each gets the same mix, and the long stories early.

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

FIRST_PART = 0.6
"""How much of each worker's tests the longest stories are spread over: side by side, they would all wait at once."""


def mixed(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return the tests in as many parts as there are workers, one after the other; each file stays together."""
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.split("::")[0], []).append(item)
    units = [file for file in files if file.startswith(NEVER_WAITING)]
    long = [[file for file in files if file.startswith(TOGETHER)]]
    long += _dealt([file for file in LONGEST if file in files], workers - 1)
    known = {*units, *LONGEST, *long[0]}
    others = _dealt([file for file in files if file not in known], workers)
    sizes = [sum(len(files[file]) for file in (*long[part], *others[part])) for part in range(workers)]
    fillers: list[list[str]] = [[] for _ in range(workers)]
    # The largest first into the smallest part: the parts become equal, as those that pytest-xdist makes are.
    for file in sorted(units, key=lambda each: len(files[each]), reverse=True):
        smallest = sizes.index(min(sizes))
        fillers[smallest].append(file)
        sizes[smallest] += len(files[file])
    return [
        item
        for part in zip(long, others, fillers, strict=True)
        for file in _interleaved(*part)
        for item in files[file]
    ]


def _dealt(files: Sequence[str], hands: int) -> list[list[str]]:
    """Deal the files one by one, as cards are."""
    return [list(files[hand::hands]) for hand in range(hands)]


def _interleaved(long: Sequence[str], others: Sequence[str], units: Sequence[str]) -> list[str]:
    """Spread the longest files over the first part, and the rest over all of it."""
    placed = [(FIRST_PART * place / len(long), file) for place, file in enumerate(long)]
    placed += [((place + 0.3) / len(others), file) for place, file in enumerate(others)]
    placed += [((place + 0.6) / len(units), file) for place, file in enumerate(units)]
    return [file for _, file in sorted(placed)]
