"""What the bot promises, and whether a run kept it. Most are ratios within one round, because machines differ."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.results import Figure, Results, median

MIB = float(2**20)
LIMIT = "a"


@dataclass(frozen=True, slots=True)
class Target:
    """A figure of `letter`, as a multiple of the other's if there is one, is at least or at most the bound.

    `unit` is the amount that is shown as 1: a bound of 65 MiB is 65 with the unit 2**20. Where the limit itself isn't
    `bound` times the other's figure, no server could meet the target: then `share` of the limit is required instead.
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
    share: float | None = None

    def found(self, results: Results) -> list[float]:
        """One value per round, in the unit of the bound; empty if it wasn't measured."""
        if self.other:
            return results.ratios(self.letter, self.figure, self.other)
        return [value / self.unit for value in results.values(self.letter, self.figure)]

    def is_met(self, value: float) -> bool:
        """Whether this value keeps the promise."""
        return value >= self.bound if self.is_least else value <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.is_least else "≤"
        than = f" x ({self.other})" if self.other else f" {self.unit_name}".rstrip()
        goal = f", goal {self.goal:g}" if self.goal is not None else ""
        return f"{sign} {self.bound:g}{than}{goal}"


def _at_most(what: str, figure: Figure, bound: float, unit: float, unit_name: str) -> Target:
    return Target(what, "b", figure, bound, is_least=False, unit=unit, unit_name=unit_name)


LEAST_SHARE = 0.40


def _events_beside(peer: str, letter: str, bound: float) -> Target:
    return Target(f"events/s beside {peer}", "b", Figure.THROUGHPUT, bound, letter, share=LEAST_SHARE)


def _below_bolt(what: str, figure: Figure) -> Target:
    return Target(what, "b", figure, 1, "h3", is_least=False)


FELT = (
    _below_bolt("webhook → card stored", Figure.CARD),
    _below_bolt("webhook → card stored, Slack takes 50 ms", Figure.CARD_50),
    _below_bolt("click → answered", Figure.CLICK_ANSWERED),
    _below_bolt("click → card updated", Figure.CLICK_SHOWN),
    _below_bolt("click → card updated, Slack takes 50 ms", Figure.CLICK_SHOWN_50),
    _below_bolt("home tab opened → shown", Figure.HOME),
    _below_bolt("home tab opened → shown, Slack takes 50 ms", Figure.HOME_50),
    _below_bolt("first card after a start", Figure.FIRST_CARD),
    _below_bolt("card after Slack was unreachable", Figure.AFTER_SLACK),
    _at_most("a lone click's update begins after", Figure.CLICK_BEGUN, 2, 1, "x its answer"),
)

TARGETS = (
    _events_beside("Express", "d4", 3),
    _events_beside("Bolt for Python", "e4", 4),
    _events_beside("FastAPI", "f4", 20),
    _events_beside("aiosqlite", "g4", 6),
    Target("events/s beside the limit", "b", Figure.THROUGHPUT, LEAST_SHARE, LIMIT, goal=0.5),
    Target("events/s on PostgreSQL", "c", Figure.THROUGHPUT, 2, "i4"),
    Target("CPU per event", "b", Figure.CPU, 2.2, LIMIT, is_least=False),
    Target("p99 at 200 events/s", "b", Figure.P99_AT_200, 1.0, "d4", is_least=False),
    Target("p99 at 1,000 events/s", "b", Figure.P99_AT_1000, 0.7, "d4", is_least=False),
    Target("clicks/s beside Bolt for JavaScript", "b", Figure.CLICKS, 2.5, "h3"),
    _at_most("clicks answered while Slack takes 2 s, p99", Figure.CLICK_P99, 50, 0.001, "ms"),
    _at_most("webhooks answered while Slack takes 2 s, p99", Figure.WEBHOOK_P99, 50, 0.001, "ms"),
    _at_most("the card follows a click within", Figure.FOLLOWS, 300, 0.001, "ms"),
    _at_most("and past 1,000 cards that wait within", Figure.OVERTAKES, 300, 0.001, "ms"),
    *FELT,
    Target("listening after a start", "b", Figure.START, 2, LIMIT, is_least=False),
    _at_most("memory after the start", Figure.MEMORY, 68, MIB, "MiB"),
    _at_most("more memory after a million events", Figure.GROWTH, 8, MIB, "MiB"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target that was measured; `limits` are the limit's multiples of the other's figure, where that matters."""

    target: Target
    values: list[float]
    limits: list[float]
    shares: list[float]

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return _middle(self.values)

    @property
    def is_out_of_reach(self) -> bool:
        """Whether even a server without a database wouldn't meet the target."""
        return bool(self.limits) and _middle(self.limits) < self.target.bound

    @property
    def is_met(self) -> bool:
        """Whether the promise was kept."""
        if self.is_out_of_reach and self.target.share is not None:
            return _middle(self.shares) >= self.target.share
        return self.target.is_met(self.value)

    @property
    def note(self) -> str:
        """Why another target was judged; usually empty."""
        if not self.is_out_of_reach:
            return ""
        limit, share = _middle(self.limits), _middle(self.shares)
        return (
            f"the limit is {limit:.2f} x ({self.target.other}): "
            f"judged by {share:.2f} of the limit, target {self.target.share:g}"
        )


def _middle(values: list[float]) -> float:
    middle = median(values)
    assert middle is not None
    return middle


def verdicts(results: Results) -> Iterator[Verdict]:
    """Every target for which something was measured."""
    for target in TARGETS:
        if not (values := target.found(results)):
            continue
        limits: list[float] = []
        shares: list[float] = []
        if target.share is not None:
            limits = results.ratios(LIMIT, target.figure, target.other)
            shares = results.ratios(target.letter, target.figure, LIMIT)
        yield Verdict(target, values, limits, shares)
