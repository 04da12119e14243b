"""Who has too much work."""

import pytest

from bot.reviews.queue_figures import PersonFigures, overloaded


@pytest.mark.parametrize(
    ("totals", "people"),
    [
        ([], []),
        ([4], []),
        ([5], [0]),
        ([5, 3], []),
        ([7, 3], [0]),
        ([8, 4], []),
        ([9, 9, 1], []),
        ([9, 9, 1, 1], [0, 1]),
        ([20, 9, 8, 8], [0]),
    ],
)
def test_a_person_with_far_more_than_the_others_is_overloaded(totals: list[int], people: list[int]) -> None:
    """At least five reviews, and more than twice as many as the others usually have."""
    workloads = [PersonFigures(f"U{number}", total) for number, total in enumerate(totals)]
    assert [each.person for each in overloaded(workloads)] == [f"U{number}" for number in people]
