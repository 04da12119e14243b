"""Environment names that look like one of ours with a typing error: the bot would ignore them without a word."""

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

SHORTEST = 8
"""Shorter names are too often similar by chance."""

MOST_EDITS = 2


def similar_names(names: Iterable[str], ours: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each name that is one or two letters away from one of ours, with that one."""
    for name in sorted(set(names) - set(ours)):
        if len(name) < SHORTEST:
            continue
        edits, closest = min((_edits(name.upper(), each), each) for each in ours)
        if edits <= MOST_EDITS:
            yield name, closest


def _edits(one: str, other: str) -> int:
    """Return how many letters must be added, removed or replaced (Levenshtein); 3 stands for all larger numbers."""
    if abs(len(one) - len(other)) > MOST_EDITS:
        return MOST_EDITS + 1
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        above, row = row, [number]
        for (replaced, removed), target in zip(pairwise(above), other, strict=True):
            row.append(min(replaced + (letter != target), removed + 1, row[-1] + 1))
        if min(row) > MOST_EDITS:
            return MOST_EDITS + 1
    return row[-1]
