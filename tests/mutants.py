"""`make mutants`: which faults the tests of the domain, the signatures, the retry policy and the call results miss.

As a plugin of pytest this makes each mutant's run short, and the score the same every time; as a program it prints the
score and which mutants survived.
"""

import subprocess
import sys
from collections import Counter, defaultdict

import click
import pytest
from hypothesis import Phase, settings

GOAL = 0.95
"""The share of the mutants that the tests have to notice, in each package."""

NOTICED = {"killed", "timeout"}


def pytest_configure() -> None:
    """The same examples each time, and one that fails is not made smaller: nobody will look at it."""
    parent = settings.get_profile("ci")
    settings.register_profile("mutants", parent, phases=(Phase.explicit, Phase.generate))
    settings.load_profile("mutants")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What tries many examples goes last: most mutants are noticed by then."""
    items.sort(key=lambda item: item.get_closest_marker("hypothesis") is not None)


def results() -> dict[str, str]:
    """What became of each mutant, by its name, such as `bot.reviews.chain.x_head__mutmut_3`."""
    command = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(line.strip().rsplit(": ", 1) for line in told.stdout.splitlines())


def main() -> int:
    """Print the survivors, then a line for each module and package; 1 where a package does not reach the goal."""
    modules: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    packages: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for name, status in results().items():
        module = name.partition(".x")[0]
        is_noticed = status in NOTICED
        modules[module][is_noticed] += 1
        packages[module.rpartition(".")[0]][is_noticed] += 1
        if not is_noticed:
            click.echo(f"{status}: {name}")
    for name, counts in sorted((modules | packages).items()):
        click.echo(f"{counts[True] / counts.total():7.1%} {counts.total():5} {name}")
    missed = [package for package, counts in packages.items() if counts[True] < GOAL * counts.total()]
    if missed or not packages:
        click.echo(f"below {GOAL:.0%}: {', '.join(missed) or 'there are no mutants'}")
    return 1 if missed or not packages else 0


if __name__ == "__main__":
    raise SystemExit(main())
