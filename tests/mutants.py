"""`make mutants`: what the tests of the domain and of both signatures would not notice if the code were wrong.

As a plugin of pytest this makes each mutant's run short, and the score the same every time; as a program it tells the
score and which mutants survived.
"""

import subprocess
import sys
from collections import Counter, defaultdict

import click
import pytest
from hypothesis import Phase, settings

GOAL = 0.9
"""The part of the mutants that the tests have to notice, in the domain and in each signature module."""

NOTICED = {"killed", "timeout"}


def pytest_configure() -> None:
    """The same examples each time, and one that fails is not made smaller: nobody will look at it."""
    parent = settings.get_profile("ci")
    settings.register_profile("mutants", parent, phases=(Phase.explicit, Phase.generate))
    settings.load_profile("mutants")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What tries many examples goes last: most mutants have fallen by then."""
    items.sort(key=lambda item: item.get_closest_marker("hypothesis") is not None)


def results() -> dict[str, str]:
    """What became of each mutant, by its name, such as `bot.reviews.chain.x_head__mutmut_3`."""
    command = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(line.strip().rsplit(": ", 1) for line in told.stdout.splitlines())


def main() -> int:
    """Print the survivors, then a line for each module and room; 1 where a room does not reach the goal."""
    modules: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    rooms: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for name, status in results().items():
        module = name.partition(".x")[0]
        is_noticed = status in NOTICED
        modules[module][is_noticed] += 1
        rooms[module.rpartition(".")[0]][is_noticed] += 1
        if not is_noticed:
            click.echo(f"{status}: {name}")
    for name, counts in sorted((modules | rooms).items()):
        click.echo(f"{counts[True] / counts.total():7.1%} {counts.total():5} {name}")
    missed = [room for room, counts in rooms.items() if counts[True] < GOAL * counts.total()]
    if missed or not rooms:
        click.echo(f"below {GOAL:.0%}: {', '.join(missed) or 'there are no mutants'}")
    return 1 if missed or not rooms else 0


if __name__ == "__main__":
    raise SystemExit(main())
