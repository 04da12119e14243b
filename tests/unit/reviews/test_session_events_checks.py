"""Refused checks that become known after the review was opened."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.reviews.review import Check, Review, Status
from bot.reviews.session_events import MAX_CHECKS, with_checks

NOW = 9_000
ReviewIn = Callable[[Status], Review]
FACE = Check("face-matching", "refused", ("KYC.FACE.NO_MATCH",), "FACE")


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.CLOSED])
def test_they_are_a_new_version_in_the_same_status(review_in: ReviewIn, status: Status) -> None:
    """Nothing else about the review changes, and it is on record."""
    review = review_in(status)
    change = with_checks(review, [FACE], NOW)
    assert change is not None
    assert change.after == replace(review, checks=(FACE,), version=review.version + 1)
    assert (change.entry.action, change.entry.from_status, change.entry.to_status) == (
        "fetch_checks",
        status,
        status,
    )
    assert (change.entry.actor, change.entry.at, change.entry.version) == ("ralio", NOW, review.version + 1)
    assert change.entry.detail == {"refused": "1"}


def test_they_replace_what_the_webhook_told_of_the_same_types(review_in: ReviewIn) -> None:
    """The others stay."""
    document = Check("document", "validated")
    review = replace(review_in(Status.OPEN), checks=(document, Check("face-matching", "refused")))
    change = with_checks(review, [FACE], NOW)
    assert change is not None
    assert change.after.checks == (FACE, document)


def test_what_is_known_already_changes_nothing(review_in: ReviewIn) -> None:
    """Nor does an answer without refused checks, nor one for a closed review."""
    known = replace(review_in(Status.OPEN), checks=(Check("document", "validated"), FACE))
    assert with_checks(known, [FACE], NOW) is None
    assert with_checks(known, [], NOW) is None
    assert with_checks(review_in(Status.CLOSED), [FACE], NOW) is None


def test_there_is_a_limit(review_in: ReviewIn) -> None:
    """The card has one, too; the refused ones go first."""
    known = replace(
        review_in(Status.OPEN), checks=tuple(Check(f"known-{n}", "validated") for n in range(MAX_CHECKS))
    )
    change = with_checks(known, [FACE], NOW)
    assert change is not None
    assert len(change.after.checks) == MAX_CHECKS
    assert change.after.checks[0] == FACE
