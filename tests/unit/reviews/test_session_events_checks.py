"""What checks do to a review: those of a newer event, those that are fetched later, and those of a verdict."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from bot.reviews.audit.entry import BOT
from bot.reviews.change import Change
from bot.reviews.checks import Check, Checks
from bot.reviews.notifications import ChecksChanged, ProposalWithdrawn
from bot.reviews.permissions import Roster
from bot.reviews.policy import Policy
from bot.reviews.review import (
    Action,
    Review,
    SessionEvent,
    SessionState,
    Status,
)
from bot.reviews.session_events import apply_event, with_checks

NOW = 9_000
ReviewIn = Callable[[Status], Review]
FACE = Check("face-matching", "refused", ("KYC.FACE.NO_MATCH",), "FACE")
DOCUMENT = Check("document", "validated")
QUEUES = {"user": Policy(Roster(reviewers=frozenset({"UANNA", "UBORIS"}), leads=frozenset({"ULEA"})))}


def _event(review: Review, checks: Sequence[Check], state: SessionState = SessionState.REVIEW) -> Change:
    at = review.session_event_at + 1_000
    event = SessionEvent(
        f"event-{at}", at, "session-1", state, checks=tuple(checks), type="kyc", received_at=NOW
    )
    change = apply_event(review, event, QUEUES)
    assert isinstance(change, Change)
    return change


def _fetched(review: Review, checks: Sequence[Check]) -> Change:
    change = with_checks(review, checks, NOW, QUEUES)
    assert change is not None
    return change


@pytest.mark.parametrize("status", [Status.OPEN, Status.CLAIMED, Status.DECIDED])
def test_fetched_checks_are_a_new_version_in_the_same_status(review_in: ReviewIn, status: Status) -> None:
    """Nothing else about the review changes, and it is on record."""
    review = review_in(status)
    change = _fetched(review, [FACE])
    assert change.after == review._replace(
        fetched_checks=Checks((FACE,)), version=review.version + 1, revision=review.revision + 1
    )
    assert (change.entry.action, change.entry.from_status, change.entry.to_status) == (
        "fetch_checks",
        status,
        status,
    )
    assert (change.entry.actor, change.entry.at, change.entry.version) == ("ralio", NOW, review.version + 1)
    sealed = '[["face-matching", "refused", ["KYC.FACE.NO_MATCH"], "FACE", 0]]'
    assert change.entry.detail == {"refused": "1", "checks": sealed}


def test_fetched_checks_that_are_known_change_nothing(review_in: ReviewIn) -> None:
    """Nor does an answer without refused checks, nor one for a closed review."""
    known = review_in(Status.OPEN)._replace(checks=Checks((FACE, DOCUMENT)))
    assert with_checks(known, [FACE], NOW) is None
    assert with_checks(known, [], NOW) is None
    assert with_checks(review_in(Status.CLOSED), [FACE], NOW) is None


def test_checks_that_are_no_longer_refused_are_forgotten(review_in: ReviewIn) -> None:
    """The API is asked again after a reopening: its newest answer counts."""
    known = _fetched(review_in(Status.OPEN), [FACE]).after
    assert _fetched(known, []).after.current_checks == Checks()


def test_another_category_is_shown_and_notifies_no_one(review_in: ReviewIn) -> None:
    """A person who has the form open can send it: the evidence is the same."""
    known = review_in(Status.PROPOSED)._replace(checks=Checks((replace(FACE, category=None),)))
    change = _fetched(known, [FACE])
    assert change.after.current_checks == Checks((FACE,))
    assert (change.after.status, change.after.revision) == (Status.PROPOSED, known.revision)
    assert (change.notifications, change.consequence) == ((), None)


@pytest.mark.parametrize("arrive", [_event, _fetched], ids=["event", "API"])
def test_changed_checks_withdraw_a_proposal(
    review_in: ReviewIn, arrive: Callable[[Review, Sequence[Check]], Change]
) -> None:
    """Claimed again by its proposer; what was proposed stays on record, and everyone who can confirm is notified."""
    review = review_in(Status.PROPOSED)._replace(checks=Checks((DOCUMENT,)))
    change = arrive(review, [DOCUMENT, FACE])
    after = change.after
    assert (after.status, after.claimed_by, after.claimed_at) == (Status.CLAIMED, "UANNA", review.claimed_at)
    assert (after.active_at, after.status_since) == (NOW, NOW)
    assert (after.outcome, after.decided_by, after.unconfirmed) == (None, None, False)
    assert (after.version, after.revision) == (review.version + 2, review.revision + 2)
    assert after.current_checks.kept == (FACE, DOCUMENT)
    assert (change.entry.to_status, change.entry.version) == (Status.PROPOSED, review.version + 1)
    withdrawal = change.consequence
    assert withdrawal is not None
    assert (withdrawal.actor, withdrawal.action, withdrawal.version) == (BOT, Action.WITHDRAW, after.version)
    assert withdrawal.at == NOW
    assert (withdrawal.from_status, withdrawal.to_status) == (Status.PROPOSED, Status.CLAIMED)
    assert withdrawal.detail == {
        "because": "checks_changed",
        "proposed_by": "UANNA",
        "outcome": "approve",
        "reason": "fine",
        "note": "Looks good.",
    }
    assert change.notifications == (ProposalWithdrawn(("UANNA", "UBORIS", "ULEA"), "UANNA"),)
    assert change.people == ("UANNA",)


@pytest.mark.parametrize("arrive", [_event, _fetched], ids=["event", "API"])
def test_changed_checks_notify_the_holder_of_a_claim(
    review_in: ReviewIn, arrive: Callable[[Review, Sequence[Check]], Change]
) -> None:
    """The claim stays."""
    change = arrive(review_in(Status.CLAIMED), [FACE])
    assert (change.after.status, change.after.claimed_by) == (Status.CLAIMED, "UANNA")
    assert change.notifications == (ChecksChanged(("UANNA",)),)


@pytest.mark.parametrize("status", [Status.CLAIMED, Status.PROPOSED])
@pytest.mark.parametrize("repeated", [[FACE, DOCUMENT], [DOCUMENT, FACE], [FACE, FACE, DOCUMENT], []])
def test_equal_checks_notify_no_one(review_in: ReviewIn, status: Status, repeated: list[Check]) -> None:
    """A proposal stays; an event without checks says nothing about them."""
    review = review_in(status)._replace(checks=Checks((FACE, DOCUMENT)))
    change = _event(review, repeated)
    assert (change.after.status, change.after.outcome) == (status, review.outcome)
    assert change.after.current_checks.evidence == review.checks.evidence
    assert (change.notifications, change.consequence) == ((), None)


def test_an_event_that_repeats_itself_keeps_what_was_fetched_since(review_in: ReviewIn) -> None:
    """The API named the same refusal by another code: Ralio says nothing new."""
    webhook = replace(FACE, codes=("LOW_CONFIDENCE",))
    review = review_in(Status.PROPOSED)._replace(checks=Checks((webhook,)), fetched_checks=Checks((FACE,)))
    change = _event(review, [webhook])
    assert (change.after.status, change.after.current_checks) == (Status.PROPOSED, Checks((FACE,)))
    changed = _event(review, [replace(webhook, state="validated")])
    assert changed.after.status is Status.CLAIMED
    assert changed.after.current_checks.kept == (replace(webhook, state="validated"),)


def test_a_verdict_keeps_its_reasons_apart(review_in: ReviewIn) -> None:
    """Why the review was raised stays readable beside them, until the session comes to review again."""
    review = review_in(Status.OPEN)._replace(checks=Checks((FACE,)))
    forged = Check("document", "refused", ("FORGED",))
    closed = _event(review, [forged], SessionState.REJECTED).after
    assert (closed.checks, closed.verdict_checks) == (Checks((FACE,)), Checks((forged,)))
    again = _event(closed, []).after
    assert (again.checks, again.verdict_checks) == (Checks((FACE,)), Checks())


@pytest.mark.parametrize(
    ("state", "checks", "kept"),
    [
        (SessionState.REJECTED, [], (FACE,)),
        (SessionState.REJECTED, [DOCUMENT], (DOCUMENT,)),
        (SessionState.VERIFIED, [], ()),
    ],
)
def test_a_second_verdict_has_its_own_reasons(
    review_in: ReviewIn, state: SessionState, checks: list[Check], kept: tuple[Check, ...]
) -> None:
    """The same one without reasons says nothing new; another one has none of the first."""
    closed = _event(review_in(Status.OPEN), [FACE], SessionState.REJECTED).after
    assert _event(closed, checks, state).after.verdict_checks.kept == kept


def test_the_checks_of_a_verdict_that_comes_first_are_its_reasons() -> None:
    """There was no review event that could have said why the review was raised."""
    event = SessionEvent(
        "e", 1_000, "session-1", SessionState.REJECTED, checks=(FACE,), type="kyc", received_at=NOW
    )
    change = apply_event(None, event)
    assert isinstance(change, Change)
    assert (change.after.checks, change.after.verdict_checks) == (Checks(), Checks((FACE,)))
