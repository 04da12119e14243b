"""Whether a verdict of Ralio fits what was decided here."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.reviews.change import Change
from bot.reviews.decide import decide
from bot.reviews.permissions import Roster
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import (
    Action,
    Disagreement,
    EarlierDecision,
    Review,
    SessionEvent,
    SessionState,
    Status,
)
from bot.reviews.session_events import apply_event
from tests.support.actions import action_request, authority

VERIFIED, REJECTED, EXPIRED = SessionState.VERIFIED, SessionState.REJECTED, SessionState.EXPIRED
CONTRADICTS, UNDECIDED, UNCONFIRMED = (
    Disagreement.CONTRADICTS,
    Disagreement.UNDECIDED,
    Disagreement.UNCONFIRMED,
)
CONTRADICTS_PROPOSAL, CONTRADICTS_EARLIER = (
    Disagreement.CONTRADICTS_PROPOSAL,
    Disagreement.CONTRADICTS_EARLIER,
)
QUEUES = {
    "user": Policy(
        Roster(leads=frozenset({"ULEA"})),
        outcomes={
            "approve": Outcome("Approve", expects=VERIFIED),
            "reject": Outcome("Reject", expects=REJECTED),
            "other": Outcome("Something else"),
        },
    )
}

ReviewIn = Callable[[Status], Review]


def _reopened(decided: Review) -> Review:
    request = action_request(Action.REOPEN, "ULEA", requested_at=8_500)
    step = decide(decided, request, authority(QUEUES["user"]))
    assert isinstance(step, Change)
    return step.after


def _after(review: Review | None, state: SessionState, at: int = 2_000) -> Review:
    step = apply_event(
        review, SessionEvent(f"event-{at}", at, "session-1", state, type="kyc", received_at=9_000), QUEUES
    )
    assert isinstance(step, Change)
    return step.after


@pytest.mark.parametrize(
    ("outcome", "verdict", "expected"),
    [
        ("approve", VERIFIED, None),
        ("approve", REJECTED, CONTRADICTS),
        ("approve", EXPIRED, CONTRADICTS),
        ("reject", VERIFIED, CONTRADICTS),
        ("reject", REJECTED, None),
        ("reject", EXPIRED, CONTRADICTS),
        ("other", VERIFIED, None),
        ("other", REJECTED, None),
        ("other", EXPIRED, None),
        ("no longer configured", VERIFIED, None),
        ("no longer configured", REJECTED, None),
        ("no longer configured", EXPIRED, None),
    ],
)
def test_a_decision_expects_its_own_verdict(
    review_in: ReviewIn, outcome: str, verdict: SessionState, expected: Disagreement | None
) -> None:
    """Any other contradicts it; an outcome that expects none, or that is not known, agrees with all."""
    decided = review_in(Status.DECIDED)._replace(outcome=outcome)
    assert _after(decided, verdict).disagreement is expected


@pytest.mark.parametrize(
    ("outcome", "verdict", "expected"),
    [
        ("approve", VERIFIED, UNCONFIRMED),
        ("approve", REJECTED, CONTRADICTS_PROPOSAL),
        ("approve", EXPIRED, CONTRADICTS_PROPOSAL),
        ("reject", VERIFIED, CONTRADICTS_PROPOSAL),
        ("reject", REJECTED, UNCONFIRMED),
        ("other", VERIFIED, UNCONFIRMED),
        ("other", EXPIRED, None),
        ("no longer configured", REJECTED, UNCONFIRMED),
        ("no longer configured", EXPIRED, None),
    ],
)
def test_a_proposal_that_no_one_confirmed_stays_on_record(
    review_in: ReviewIn, outcome: str, verdict: SessionState, expected: Disagreement | None
) -> None:
    """Whatever Ralio decided, it was not what two people had decided here."""
    proposed = review_in(Status.PROPOSED)._replace(outcome=outcome)
    after = _after(proposed, verdict)
    assert after.disagreement is expected
    assert (after.outcome, after.reason, after.note) == (outcome, proposed.reason, proposed.note)
    assert (after.decided_by, after.decided_at, after.unconfirmed) == ("UANNA", 7_000, True)


def test_a_second_verdict_compares_the_proposal_again(review_in: ReviewIn) -> None:
    """It is still on record, and still a proposal."""
    first = _after(review_in(Status.PROPOSED)._replace(outcome="approve"), REJECTED)
    second = _after(first, VERIFIED, at=3_000)
    assert (first.disagreement, second.disagreement) == (CONTRADICTS_PROPOSAL, UNCONFIRMED)
    assert second.unconfirmed


@pytest.mark.parametrize("status", [Status.OPEN, Status.CLAIMED])
@pytest.mark.parametrize(
    ("verdict", "expected"), [(VERIFIED, UNDECIDED), (REJECTED, UNDECIDED), (EXPIRED, None)]
)
def test_a_verdict_without_a_decision_is_noticed(
    review_in: ReviewIn, status: Status, verdict: SessionState, expected: Disagreement | None
) -> None:
    """A session that expired was decided by nobody."""
    after = _after(review_in(status), verdict)
    assert after.disagreement is expected
    assert (after.outcome, after.decided_by, after.note) == (None, None, None)


@pytest.mark.parametrize("verdict", [VERIFIED, REJECTED, EXPIRED])
def test_a_verdict_that_comes_first_disagrees_with_nobody(verdict: SessionState) -> None:
    """There was no review here that could have been decided, also when Ralio says so twice."""
    first = _after(None, verdict)
    assert first.disagreement is None
    assert _after(first, verdict, at=3_000).disagreement is None


def test_a_later_verdict_is_compared_anew(review_in: ReviewIn) -> None:
    """Ralio corrects itself, and agrees after all."""
    first = _after(review_in(Status.DECIDED), REJECTED)
    second = _after(first, VERIFIED, at=3_000)
    assert (first.disagreement, second.disagreement) == (CONTRADICTS, None)


def test_a_reopened_review_disagrees_no_more(review_in: ReviewIn) -> None:
    """It is to be decided again, and the old decision fits no later verdict."""
    closed = _after(review_in(Status.DECIDED), REJECTED)
    again = _after(closed, SessionState.REVIEW, at=3_000)
    assert again.disagreement is None
    assert _after(again, VERIFIED, at=4_000).disagreement is UNDECIDED


def test_a_decision_that_a_lead_took_back_is_none(review_in: ReviewIn) -> None:
    """Reopened before the verdict came, it agrees with nothing; a verdict can still contradict it."""
    reopened = _reopened(review_in(Status.DECIDED))
    assert _after(reopened, VERIFIED).disagreement is UNDECIDED
    assert _after(reopened, REJECTED).disagreement is CONTRADICTS_EARLIER
    assert _after(reopened, EXPIRED).disagreement is None


@pytest.mark.parametrize("status", [Status.DECIDED, Status.CLOSED])
def test_the_earlier_decision_is_kept_whole(review_in: ReviewIn, status: Status) -> None:
    """By whatever it was reopened; a proposal that a verdict closed is kept as a proposal."""
    earlier = EarlierDecision("approve", "fine", "Looks good.", "UANNA", 7_000, "UBORIS", 8_000)
    assert _after(review_in(status), SessionState.REVIEW).earlier_decision == earlier
    closed = _after(review_in(Status.PROPOSED), REJECTED)
    proposed = replace(earlier, confirmed_by=None, confirmed_at=None, unconfirmed=True)
    assert _after(closed, SessionState.REVIEW, at=3_000).earlier_decision == proposed
    assert _reopened(review_in(Status.DECIDED)).earlier_decision == earlier


def test_the_earlier_decision_outlasts_a_round_without_one(review_in: ReviewIn) -> None:
    """Reopened, closed undecided and reopened again: it is still the last thing that was decided."""
    reopened = _reopened(review_in(Status.DECIDED))
    again = _after(_after(reopened, VERIFIED), SessionState.REVIEW, at=3_000)
    assert again.earlier_decision == reopened.earlier_decision
    assert (again.outcome, again.unconfirmed) == (None, False)


def test_it_stays_known_that_two_people_decided(review_in: ReviewIn) -> None:
    """One person decided the second time: reopened again, the review still needs a second person."""
    once = _reopened(review_in(Status.DECIDED))
    alone = review_in(Status.DECIDED)._replace(confirmed_by=None, earlier_decision=once.earlier_decision)
    twice = _after(alone, SessionState.REVIEW)
    assert twice.earlier_decision is not None
    assert (twice.earlier_decision.confirmed_by, twice.earlier_decision.was_confirmed) == (None, True)
    assert twice.had_two_people


def test_a_new_decision_counts_instead_of_the_earlier_one(review_in: ReviewIn) -> None:
    """Approved, reopened and rejected: a rejection by Ralio agrees."""
    reopened = _reopened(review_in(Status.DECIDED))
    decided = review_in(Status.DECIDED)._replace(outcome="reject", earlier_decision=reopened.earlier_decision)
    assert _after(decided, REJECTED).disagreement is None


def test_a_decision_in_a_queue_that_the_file_no_longer_has_contradicts_nothing(review_in: ReviewIn) -> None:
    """Nobody can say what its outcomes expected; the verdict closes it all the same."""
    closed = _after(review_in(Status.DECIDED)._replace(queue="company", outcome="reject"), VERIFIED)
    assert (closed.status, closed.disagreement) == (Status.CLOSED, None)
