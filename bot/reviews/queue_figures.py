"""How much work a queue has, and who has too much of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

OVERLOADED_AT = 5
"""Fewer reviews are never too many for one person."""


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """How many of a queue's reviews in progress are in each state, and how many of them are overdue."""

    unclaimed: int = 0
    claimed: int = 0
    proposed: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """How many reviews of a queue a person has, and how many of them are overdue."""

    person: str
    total: int
    overdue: int = 0


def overloaded(workloads: Sequence[PersonFigures]) -> list[PersonFigures]:
    """Those who have at least OVERLOADED_AT reviews, and more than twice as many as the others usually have."""
    found = []
    for each in workloads:
        others = [other.total for other in workloads if other.person != each.person]
        if each.total >= OVERLOADED_AT and each.total > 2 * (median(others) if others else 0):
            found.append(each)
    return found
