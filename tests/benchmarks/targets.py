"""What the bot promises, and whether a run kept it. Most are ratios within one run, for machines differ."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.results import Figure, Results, median

MIB = float(2**20)


@dataclass(frozen=True, slots=True)
class Target:
    """A figure of `letter`, as a multiple of the other's where there is one, is at least or at most the bound.

    `unit` is what one of the figure's units is shown as: a bound of 65 MiB is 65 with the unit 2**20.
    """

    what: str
    letter: str
    figure: Figure
    bound: float
    other: str = ""
    is_least: bool = True
    goal: float | None = None
    unit: float = 1.0
    unit_name: str = ""

    def found(self, results: Results) -> list[float]:
        """One value a round, in the unit of the bound; empty if it was not measured."""
        if self.other:
            return results.ratios(self.letter, self.figure, self.other)
        return [value / self.unit for value in results.values(self.letter, self.figure)]

    def is_met(self, value: float) -> bool:
        """Whether this value keeps the promise."""
        return value >= self.bound if self.is_least else value <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.is_least else "≤"
        than = f" x ({self.other})" if self.other else f" {self.unit_name}"
        goal = f", goal {self.goal:g}" if self.goal is not None else ""
        return f"{sign} {self.bound:g}{than}{goal}"


def _at_most(what: str, figure: Figure, bound: float, unit: float, unit_name: str) -> Target:
    return Target(what, "b", figure, bound, is_least=False, unit=unit, unit_name=unit_name)


TARGETS = (
    Target("throughput, SQLite", "b", Figure.THROUGHPUT, 0.55, "a", goal=0.65),
    Target("throughput, PostgreSQL", "c", Figure.THROUGHPUT, 0.8, "a"),
    Target("throughput at 256 connections", "b", Figure.THROUGHPUT_256, 0.65, "a"),
    Target("throughput beside Express", "b", Figure.THROUGHPUT, 3, "d"),
    Target("throughput beside Bolt for Python", "b", Figure.THROUGHPUT, 7, "e"),
    Target("throughput beside FastAPI", "b", Figure.THROUGHPUT, 20, "f"),
    Target("throughput beside aiosqlite", "b", Figure.THROUGHPUT, 6, "g"),
    Target("p99 at 1,000 events/s", "b", Figure.P99_AT_1000, 0.5, "d", is_least=False),
    Target("p99 at 200 events/s", "b", Figure.P99_AT_200, 0.8, "d", is_least=False),
    Target("CPU an event", "b", Figure.CPU, 1.8, "a", is_least=False),
    _at_most("listening after", Figure.START, 0.6, 1, "s"),
    _at_most("memory after the start", Figure.MEMORY, 65, MIB, "MiB"),
    _at_most("more memory after a million events", Figure.GROWTH, 8, MIB, "MiB"),
    Target("clicks beside Bolt for JavaScript", "b", Figure.CLICKS, 2.5, "h"),
    _at_most("clicks answered while Slack takes 2 s, p99", Figure.CLICK_P99, 50, 0.001, "ms"),
    _at_most("webhooks answered while Slack takes 2 s, p99", Figure.WEBHOOK_P99, 50, 0.001, "ms"),
    _at_most("the card follows a click within", Figure.FOLLOWS, 300, 0.001, "ms"),
    _at_most("and past 1,000 cards that wait within", Figure.OVERTAKES, 300, 0.001, "ms"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target that was measured."""

    target: Target
    values: list[float]

    @property
    def value(self) -> float:
        """The median of the rounds."""
        middle = median(self.values)
        assert middle is not None
        return middle

    @property
    def is_met(self) -> bool:
        """Whether the promise was kept."""
        return self.target.is_met(self.value)


def verdicts(results: Results) -> Iterator[Verdict]:
    """Every target of which something was measured."""
    for target in TARGETS:
        if values := target.found(results):
            yield Verdict(target, values)
