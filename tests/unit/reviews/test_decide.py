"""What follows when a person presses a button, and what the record then says."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from bot.reviews.audit import AuditEntry
from bot.reviews.decide import Decision, Refusal, Refused, Request, decide
from bot.reviews.permissions import Roster
from bot.reviews.review import TRANSITIONS, Action, Review, Status
from bot.reviews.session_events import Change

NOW = 9_000
ROSTER = Roster(reviewers=frozenset({"UANNA", "UBORIS"}), leads=frozenset({"ULEA"}))
DECISION = Decision("reject", "document_expired", "The passport ended in May.")
PEOPLES_ACTIONS = [action for action in Action if action not in (Action.RECEIVE, Action.CLOSE)]

ReviewIn = Callable[[Status], Review]

HELD = (Status.CLAIMED, Status.PROPOSED)
IMPOSSIBLE = [
    (status, action)
    for status, action in product(Status, PEOPLES_ACTIONS)
    if (status, action) not in TRANSITIONS and not (action is Action.CLAIM and status in HELD)
]

REFUSALS = [
    *(
        (status, action, "USTRANGER", Refused.NOT_A_REVIEWER)
        for status, action in product(Status, PEOPLES_ACTIONS)
    ),
    *((status, Action.CLAIM, "UBORIS", Refused.HELD_BY_OTHER) for status in HELD),
    *((status, Action.CLAIM, "ULEA", Refused.HELD_BY_OTHER) for status in HELD),
    *((status, Action.CLAIM, "UANNA", Refused.ALREADY_YOURS) for status in HELD),
    (Status.CLAIMED, Action.RELEASE, "UBORIS", Refused.NOT_THE_HOLDER),
    (Status.CLAIMED, Action.RESOLVE, "UBORIS", Refused.NOT_THE_HOLDER),
    (Status.CLAIMED, Action.RESOLVE, "ULEA", Refused.NOT_THE_HOLDER),
    (Status.CLAIMED, Action.PROPOSE, "UBORIS", Refused.NOT_THE_HOLDER),
    (Status.CLAIMED, Action.PROPOSE, "ULEA", Refused.NOT_THE_HOLDER),
    (Status.PROPOSED, Action.CONFIRM, "UANNA", Refused.OWN_PROPOSAL),
    (Status.PROPOSED, Action.SEND_BACK, "UANNA", Refused.OWN_PROPOSAL),
    *((status, action, "UBORIS", Refused.NOT_POSSIBLE) for status, action in IMPOSSIBLE),
]


@pytest.mark.parametrize(("status", "action", "person", "why"), REFUSALS)
def test_a_refusal_says_why_changes_nothing_and_is_on_record(
    review_in: ReviewIn, status: Status, action: Action, person: str, why: Refused
) -> None:
    """The record names the person, the wish, the unchanged state and the reason."""
    review = review_in(status)
    step = decide(review, Request(action, person, DECISION), ROSTER, NOW)
    entry = AuditEntry(NOW, person, action, status, status, review.version, refused=why)
    assert step == Refusal(why, review, entry)


def _granted(review: Review, action: Action, person: str, decision: Decision | None = None) -> Change:
    step = decide(review, Request(action, person, decision), ROSTER, NOW)
    assert isinstance(step, Change)
    return step


def test_a_claim_makes_the_person_the_holder(review_in: ReviewIn) -> None:
    """The holder and the time of the claim are what changes."""
    review = review_in(Status.OPEN)
    assert _granted(review, Action.CLAIM, "UBORIS") == Change(
        replace(review, status=Status.CLAIMED, claimed_by="UBORIS", claimed_at=NOW, version=4),
        AuditEntry(NOW, "UBORIS", Action.CLAIM, Status.OPEN, Status.CLAIMED, 4),
    )


@pytest.mark.parametrize("person", ["UANNA", "ULEA"])
def test_the_holder_or_a_lead_releases(review_in: ReviewIn, person: str) -> None:
    """A review that its holder left lying can be freed by a lead, whose name is then on record."""
    review = review_in(Status.CLAIMED)
    assert _granted(review, Action.RELEASE, person) == Change(
        replace(review, status=Status.OPEN, claimed_by=None, claimed_at=None, version=4),
        AuditEntry(NOW, person, Action.RELEASE, Status.CLAIMED, Status.OPEN, 4),
    )


def test_a_resolved_review_is_decided_by_its_holder(review_in: ReviewIn) -> None:
    """The record holds the outcome and the reason's code, and not the note that a person typed."""
    review = review_in(Status.CLAIMED)
    assert _granted(review, Action.RESOLVE, "UANNA", DECISION) == Change(
        replace(
            review,
            status=Status.DECIDED,
            outcome="reject",
            reason="document_expired",
            note="The passport ended in May.",
            decided_by="UANNA",
            decided_at=NOW,
            version=4,
        ),
        AuditEntry(
            NOW,
            "UANNA",
            Action.RESOLVE,
            Status.CLAIMED,
            Status.DECIDED,
            4,
            detail={"outcome": "reject", "reason": "document_expired"},
        ),
    )


def test_a_proposal_is_on_record_as_one_that_needs_a_second_person(review_in: ReviewIn) -> None:
    """Four eyes: the outcome is noted and the review stays with its holder."""
    review = review_in(Status.CLAIMED)
    assert _granted(review, Action.PROPOSE, "UANNA", Decision("approve")) == Change(
        replace(
            review, status=Status.PROPOSED, outcome="approve", decided_by="UANNA", decided_at=NOW, version=4
        ),
        AuditEntry(
            NOW,
            "UANNA",
            Action.PROPOSE,
            Status.CLAIMED,
            Status.PROPOSED,
            4,
            detail={"outcome": "approve", "needs": "a second person"},
        ),
    )


@pytest.mark.parametrize("person", ["UBORIS", "ULEA"])
def test_a_second_person_confirms(review_in: ReviewIn, person: str) -> None:
    """Who proposed and who confirmed are two names."""
    review = review_in(Status.PROPOSED)
    assert _granted(review, Action.CONFIRM, person) == Change(
        replace(review, status=Status.DECIDED, confirmed_by=person, confirmed_at=NOW, version=4),
        AuditEntry(NOW, person, Action.CONFIRM, Status.PROPOSED, Status.DECIDED, 4),
    )


def test_what_is_sent_back_is_undecided_and_with_its_holder(review_in: ReviewIn) -> None:
    """The first person goes on with it."""
    review = review_in(Status.PROPOSED)
    assert _granted(review, Action.SEND_BACK, "UBORIS") == Change(
        replace(review_in(Status.CLAIMED), version=4),
        AuditEntry(NOW, "UBORIS", Action.SEND_BACK, Status.PROPOSED, Status.CLAIMED, 4),
    )


def test_a_reopened_review_is_as_fresh_as_a_new_one(review_in: ReviewIn) -> None:
    """Nobody holds it, nothing is decided, and it is in review from now on."""
    review = review_in(Status.DECIDED)
    assert _granted(review, Action.REOPEN, "UBORIS") == Change(
        replace(review_in(Status.OPEN), opened_at=NOW, version=4),
        AuditEntry(NOW, "UBORIS", Action.REOPEN, Status.DECIDED, Status.OPEN, 4),
    )


def test_a_lead_who_is_no_reviewer_may_claim(review_in: ReviewIn) -> None:
    """Leading a queue includes working on it."""
    assert _granted(review_in(Status.OPEN), Action.CLAIM, "ULEA").after.claimed_by == "ULEA"


def test_a_lead_confirms_no_proposal_of_their_own(review_in: ReviewIn) -> None:
    """Four eyes are four eyes."""
    review = replace(review_in(Status.PROPOSED), claimed_by="ULEA", decided_by="ULEA")
    step = decide(review, Request(Action.CONFIRM, "ULEA"), ROSTER, NOW)
    assert isinstance(step, Refusal)
    assert step.why is Refused.OWN_PROPOSAL


def test_in_a_queue_without_reviewers_anybody_may_claim(review_in: ReviewIn) -> None:
    """Whoever sees the card may work on it."""
    step = decide(review_in(Status.OPEN), Request(Action.CLAIM, "USTRANGER"), Roster(), NOW)
    assert isinstance(step, Change)
    assert step.after.claimed_by == "USTRANGER"


@pytest.mark.parametrize("action", [Action.RESOLVE, Action.PROPOSE])
def test_a_decision_without_an_outcome_is_a_fault_of_the_caller(review_in: ReviewIn, action: Action) -> None:
    """No review is ever decided without saying what was decided."""
    with pytest.raises(ValueError, match="needs a decision"):
        decide(review_in(Status.CLAIMED), Request(action, "UANNA"), ROSTER, NOW)


@pytest.mark.parametrize(("status", "action"), list(product(Status, [Action.RECEIVE, Action.CLOSE])))
def test_nobody_can_act_in_ralios_place(review_in: ReviewIn, status: Status, action: Action) -> None:
    """Even a lead cannot close or receive a session; asking for it is a fault of the caller."""
    with pytest.raises(ValueError, match="is Ralio's"):
        decide(review_in(status), Request(action, "ULEA"), ROSTER, NOW)
