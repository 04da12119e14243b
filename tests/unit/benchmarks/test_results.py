"""What is said of the measured values: medians, ratios within a round, targets, the picture."""

import math
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks.lineup import EVERYBODY
from tests.benchmarks.picture import picture
from tests.benchmarks.results import Figure, Results, spread
from tests.benchmarks.targets import TARGETS, verdicts


def measured(letter: str, figure: Figure, *values: float, into: Results | None = None) -> Results:
    """Results with one value a round."""
    results = into or Results()
    for number, value in enumerate(values):
        results.add(letter, number, {figure: value})
    return results


def test_a_ratio_is_taken_within_its_round() -> None:
    """The machine was half as fast in the second round, for both."""
    results = measured("a", Figure.THROUGHPUT, 10_000, 5_000, 10_000)
    measured("b", Figure.THROUGHPUT, 6_000, 3_000, 7_000, into=results)
    assert results.ratios("b", Figure.THROUGHPUT, "a") == pytest.approx([0.6, 0.6, 0.7])
    (verdict,) = verdicts(results)
    assert verdict.value == pytest.approx(0.6)
    assert verdict.is_met


def test_a_round_that_one_of_them_missed_is_no_ratio() -> None:
    """A peer that failed later leaves the rounds before."""
    results = measured("d4", Figure.P99_AT_200, 0.010)
    measured("b", Figure.P99_AT_200, 0.005, 0.006, into=results)
    assert results.ratios("b", Figure.P99_AT_200, "d4") == pytest.approx([0.5])


@pytest.mark.parametrize(("mebibytes", "is_met"), [(67.9, True), (68.1, False)])
def test_an_absolute_target_is_judged_in_its_own_unit(mebibytes: float, *, is_met: bool) -> None:
    """Figures are bytes and seconds, targets are what people say."""
    (verdict,) = verdicts(measured("b", Figure.MEMORY, mebibytes * 2**20))
    assert verdict.is_met is is_met
    assert str(verdict.target) == "≤ 68 MiB"


@pytest.mark.parametrize(
    ("ours", "theirs", "is_met"),
    [(0.01, math.inf, True), (math.inf, 0.01, False), (math.inf, math.inf, False)],
)
def test_who_cannot_take_a_rate_has_lost_at_it(ours: float, theirs: float, *, is_met: bool) -> None:
    """A queue that only grows is a latency without end, also where both have one."""
    results = measured("b", Figure.P99_AT_1000, ours)
    measured("d4", Figure.P99_AT_1000, theirs, into=results)
    (verdict,) = verdicts(results)
    assert verdict.is_met is is_met


def test_what_was_not_measured_is_not_judged() -> None:
    """Neither kept nor missed."""
    assert list(verdicts(Results())) == []
    assert Results().median("a", Figure.CPU) is None


def test_every_target_is_about_somebody_in_the_line_up() -> None:
    """A letter that nobody has would never be judged."""
    letters = {entry.letter for entry in EVERYBODY}
    assert {target.letter for target in TARGETS} | {target.other for target in TARGETS} <= letters | {""}


def test_the_noise_is_the_span_as_a_part_of_the_median() -> None:
    """A tenth is quiet."""
    assert spread([95.0, 100.0, 105.0]) == pytest.approx(0.1)


def test_the_picture_has_a_bar_for_each_value_and_says_who_cannot_keep_up() -> None:
    """Its longest bar is the greatest value."""
    results = measured("a", Figure.THROUGHPUT, 8_000)
    measured("d4", Figure.THROUGHPUT, 800, into=results)
    for figure in (Figure.P99_AT_200, Figure.P99_AT_1000):
        measured("a", figure, 0.001, into=results)
    measured("d4", Figure.P99_AT_200, 0.004, into=results)
    measured("d4", Figure.P99_AT_1000, math.inf, into=results)
    drawn = ET.fromstring(picture(results, EVERYBODY))  # noqa: S314 - our own
    space = "{http://www.w3.org/2000/svg}"
    bars = [float(bar.attrib["width"]) for bar in drawn.iter(f"{space}rect")]
    texts = [text.text for text in drawn.iter(f"{space}text")]
    assert len(bars) == 5
    assert bars[0] == pytest.approx(10 * bars[1], rel=0.01)
    assert "8,000" in texts
    assert "cannot take that many" in texts
