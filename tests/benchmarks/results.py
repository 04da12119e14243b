"""What was measured, a value a round; and what is said of it: medians, spreads, ratios."""

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum


class Figure(StrEnum):
    """What is measured; seconds and bytes throughout."""

    THROUGHPUT = "events_per_s_at_64_connections"
    THROUGHPUT_256 = "events_per_s_at_256_connections"
    P99_AT_64 = "p99_s_at_64_connections"
    P50_AT_200 = "p50_s_at_200_per_s"
    P99_AT_200 = "p99_s_at_200_per_s"
    P50_AT_1000 = "p50_s_at_1000_per_s"
    P99_AT_1000 = "p99_s_at_1000_per_s"
    CPU = "cpu_s_per_event"
    START = "listening_after_s"
    MEMORY = "memory_bytes_after_start"
    MEMORY_UNDER_LOAD = "memory_bytes_after_load"
    GROWTH = "memory_bytes_more_after_a_million_events"
    CLICKS = "clicks_per_s_at_64_connections"
    CLICK_CPU = "cpu_s_per_click"
    WEBHOOK_P99 = "webhook_p99_s_while_slack_takes_2_s"
    CLICK_P99 = "click_p99_s_while_slack_takes_2_s"
    FOLLOWS = "card_follows_click_after_s"
    OVERTAKES = "card_follows_click_after_s_with_a_backlog"
    FIRST_CARD = "first_card_s_after_a_start"
    CARD = "card_s_after_webhook"
    CARD_50 = "card_s_after_webhook_while_slack_takes_50_ms"
    CLICK_ANSWERED = "click_answered_s"
    CLICK_BEGUN = "update_begun_after_click_as_a_multiple_of_its_answer"
    CLICK_SHOWN = "card_s_after_click"
    CLICK_SHOWN_50 = "card_s_after_click_while_slack_takes_50_ms"
    HOME = "home_s_after_opening"
    HOME_50 = "home_s_after_opening_while_slack_takes_50_ms"
    AFTER_SLACK = "card_s_after_slack_was_unreachable"
    AFTER_503 = "card_s_after_slack_answered_503"
    AFTER_DATABASE = "card_s_after_an_outage_of_the_database"
    LIFE_CPU = "cpu_s_per_review_over_its_life"
    LIFE_BYTES = "bytes_per_review_over_its_life"
    GENERATOR = "cores_used_by_the_generator"
    CLICK_GENERATOR = "cores_used_by_the_generator_of_clicks"


class Results:
    """Values by who was measured, figure and round."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, Figure], dict[int, float]] = defaultdict(dict)

    def add(self, letter: str, round_number: int, figures: Mapping[Figure, float]) -> None:
        """Note what one round found."""
        for figure, value in figures.items():
            self._values[letter, figure][round_number] = value

    def values(self, letter: str, figure: Figure) -> list[float]:
        """One a round, in order; empty if it was not measured."""
        return list(self._values.get((letter, figure), {}).values())

    def ratios(self, letter: str, figure: Figure, other: str) -> list[float]:
        """How many times the other's value it is, within each round: a machine that slows down slows down both."""
        mine, theirs = self._values.get((letter, figure), {}), self._values.get((other, figure), {})
        return [value / theirs[number] for number, value in mine.items() if theirs.get(number)]

    def median(self, letter: str, figure: Figure) -> float | None:
        """The middle one of the rounds; None if it was not measured."""
        return median(self.values(letter, figure))

    def most(self, figure: Figure) -> float:
        """The greatest value of anybody in any round; 0 if it was not measured."""
        return max(
            (
                value
                for (_, each), rounds in self._values.items()
                if each is figure
                for value in rounds.values()
            ),
            default=0.0,
        )

    def by_letter(self) -> dict[str, dict[str, list[float | None]]]:
        """Everything, for machines; None is a latency without end, which JSON cannot say."""
        everything: dict[str, dict[str, list[float | None]]] = defaultdict(dict)
        for (letter, figure), rounds in sorted(self._values.items()):
            everything[letter][figure.value] = [finite(value) for value in rounds.values()]
        return dict(everything)


def finite(value: float) -> float | None:
    """The value if it is a number at all."""
    return value if math.isfinite(value) else None


def median(values: list[float]) -> float | None:
    """The middle value; None of none."""
    return statistics.median(values) if values else None


def spread(values: list[float]) -> float:
    """How far the values are apart, as a part of their median: the noise."""
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0
