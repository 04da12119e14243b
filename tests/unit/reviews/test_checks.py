"""What is kept of a session's checks, in which order, and when two reports of them say the same."""

from dataclasses import replace

import pytest

from bot.reviews.checks import MAX_CHECKS, MAX_CODES, Check, Checks
from bot.reviews.review import (
    EntityType,
    Review,
    SessionState,
    Status,
)

DOCUMENT, LIVENESS = Check("document", "validated"), Check("liveness", "validated")
FACE = Check("face-matching", "refused", ("NO_MATCH", "LOW_CONFIDENCE"))
PENDING, STATELESS = Check("address", "in progress"), Check("income", "")


def test_refused_checks_come_first_and_validated_ones_last() -> None:
    """A state that nobody knows stands between them; otherwise the order is Ralio's."""
    checks = Checks.of([DOCUMENT, PENDING, LIVENESS, STATELESS, FACE])
    assert checks == Checks((FACE, PENDING, STATELESS, DOCUMENT, LIVENESS))


@pytest.mark.parametrize("validated", [25, MAX_CHECKS, 500])
def test_checks_are_sorted_before_they_are_cut(validated: int) -> None:
    """Five refused ones at the end are not lost, and the rest is counted."""
    refused = [Check(f"refused-{n}", "refused") for n in range(5)]
    checks = Checks.of([*(Check(f"validated-{n}", "validated") for n in range(validated)), *refused])
    assert checks.kept[:5] == tuple(refused)
    assert len(checks.kept) + checks.left_out == validated + 5
    assert len(checks.kept) <= MAX_CHECKS


def test_codes_are_cut_and_counted() -> None:
    """Cutting again, as after a row was read, changes nothing."""
    codes = tuple(f"C{n}" for n in range(MAX_CODES + 7))
    checks = Checks.of([replace(FACE, codes=codes)], left_out=3)
    assert checks == Checks((replace(FACE, codes=codes[:MAX_CODES], more_codes=7),), 3)
    assert Checks.of(checks.kept, checks.left_out) == checks


SAME = [
    ([FACE, DOCUMENT], [DOCUMENT, FACE]),
    ([FACE, DOCUMENT], [FACE, DOCUMENT, DOCUMENT]),
    ([FACE], [replace(FACE, codes=FACE.codes[::-1])]),
    ([FACE], [replace(FACE, category="FACE")]),
    ([], []),
]
DIFFERENT = [
    ([FACE], []),
    ([DOCUMENT], [DOCUMENT, FACE]),
    ([FACE], [replace(FACE, state="validated")]),
    ([FACE], [replace(FACE, codes=("NO_MATCH",))]),
    ([FACE], [replace(FACE, type="liveness")]),
    (
        [replace(FACE, codes=tuple(f"C{n}" for n in range(MAX_CODES)))],
        [replace(FACE, codes=tuple(f"C{n}" for n in range(MAX_CODES + 1)))],
    ),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_the_same_evidence_in_another_form_is_equal(before: list[Check], after: list[Check]) -> None:
    """Order, repetition and category change nothing that a decision rests on."""
    assert Checks.of(before).evidence == Checks.of(after).evidence


@pytest.mark.parametrize(("before", "after"), DIFFERENT)
def test_another_type_state_or_code_is_other_evidence(before: list[Check], after: list[Check]) -> None:
    """Also one more code than is kept."""
    assert Checks.of(before).evidence != Checks.of(after).evidence


def test_what_was_fetched_replaces_what_the_event_said_of_the_same_types() -> None:
    """Whatever was left out of either is still counted."""
    review = Review(
        session_id="session-1",
        entity_type=EntityType.USER,
        queue="user",
        session_state=SessionState.REVIEW,
        session_event_at=1_000,
        session_event_id="event-1",
        status=Status.OPEN,
        checks=Checks((Check("face-matching", "validated"), DOCUMENT), 4),
    )
    assert review.current_checks is review.checks
    fetched = review._replace(fetched_checks=Checks((FACE,), 1))
    assert fetched.current_checks == Checks((FACE, DOCUMENT), 5)
