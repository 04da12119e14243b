"""The order in which several workers share the tests loses none and keeps each file together."""

from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.order import LONGEST, mixed

ROOT = Path(__file__).parents[2]
FILES = {
    "tests/browser/test_page.py": 5,
    "tests/browser/test_whole_day.py": 1,
    "tests/crash/test_kill.py": 2,
    "tests/scenarios/test_alerts.py": 1,
    "tests/scenarios/test_claiming.py": 20,
    "tests/scenarios/test_resolving.py": 30,
    "tests/store/test_timers.py": 25,
    "tests/unit/reviews/test_decide.py": 200,
    "tests/unit/test_clock.py": 10,
    "tests/unit/test_logs.py": 40,
}


def _items(files: dict[str, int]) -> list[Any]:
    """Stand-ins for pytest's items, of which the order looks at the id alone."""
    return [
        SimpleNamespace(nodeid=f"{file}::test_{number}")
        for file, count in files.items()
        for number in range(count)
    ]


def _files(items: list[Any]) -> list[str]:
    """The files in the order of their tests; one that is split comes twice."""
    return [file for file, _ in groupby(item.nodeid.split("::")[0] for item in items)]


def test_the_longest_files_exist() -> None:
    """A file that was renamed is renamed here, too."""
    assert [file for file in LONGEST if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("workers", [2, 4, 5, 16])
def test_each_test_runs_once_and_files_stay_together(workers: int) -> None:
    """Also when there are more workers than files of a kind; a module's fixtures are set up once."""
    items = _items(FILES)
    ordered = mixed(items, workers)
    assert sorted(item.nodeid for item in ordered) == sorted(item.nodeid for item in items)
    assert sorted(_files(ordered)) == sorted(FILES)


def test_every_worker_calculates_the_same_order() -> None:
    """pytest-xdist refuses to run tests that two workers have in different orders."""
    assert [each.nodeid for each in mixed(_items(FILES), 4)] == [
        each.nodeid for each in mixed(_items(FILES), 4)
    ]


def test_the_browser_is_used_by_the_first_worker_alone_and_the_others_begin_with_the_longest() -> None:
    """What takes longest must not be what the others wait for at the end."""
    files = _files(mixed(_items(FILES), 3))
    kill, alerts = (files.index(f"tests/{name}.py") for name in ("crash/test_kill", "scenarios/test_alerts"))
    assert files[0] == "tests/browser/test_page.py"
    assert files.index("tests/browser/test_whole_day.py") < kill < alerts


def test_a_selection_without_stories_or_without_unit_tests_is_ordered_too() -> None:
    """As `make test ARGS=tests/unit` and `ARGS=tests/store` run them."""
    for folder in ("tests/unit/", "tests/store/", "tests/nothing/"):
        selected = {file: count for file, count in FILES.items() if file.startswith(folder)}
        assert sorted(_files(mixed(_items(selected), 4))) == sorted(selected)
