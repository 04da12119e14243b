"""What each granted action makes of a review, whole, and what its entry in the record holds."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.reviews.action_request import ActionRequest
from bot.reviews.audit.entry import AuditEntry
from bot.reviews.change import Change
from bot.reviews.decide import decide
from bot.reviews.permissions import Roster
from bot.reviews.policy import Decision, Outcome, Policy
from bot.reviews.review import Action, Disagreement, EarlierDecision, Review, SessionState, Status
from bot.reviews.session_events import undecided
from tests.support.actions import action_request, authority

NOW = 9_000
RULES = Policy(Roster(reviewers=frozenset({"UANNA", "UBORIS"}), leads=frozenset({"ULEA"})))
DECISION = Decision("reject", "document_expired", "The passport ended in May.")

ReviewIn = Callable[[Status], Review]


def _granted(review: Review, request: ActionRequest, rules: Policy = RULES) -> tuple[Review, AuditEntry]:
    step = decide(review, request, authority(rules))
    assert isinstance(step, Change)
    return step.after, step.entry


def test_a_claim_makes_the_person_the_holder(review_in: ReviewIn) -> None:
    """The holder and the time of the claim are what changes."""
    review = review_in(Status.OPEN)
    assert _granted(review, action_request(Action.CLAIM, "UBORIS")) == (
        review._replace(
            status=Status.CLAIMED,
            claimed_by="UBORIS",
            claimed_at=NOW,
            status_since=NOW,
            active_at=NOW,
            version=4,
            revision=2,
        ),
        AuditEntry(NOW, "UBORIS", Action.CLAIM, Status.OPEN, Status.CLAIMED, 4, detail={"to": "UBORIS"}),
    )


@pytest.mark.parametrize("person", ["UANNA", "ULEA"])
def test_the_holder_or_a_lead_releases(review_in: ReviewIn, person: str) -> None:
    """A review that its holder left lying can be freed by a lead, whose name is then on record."""
    review = review_in(Status.CLAIMED)
    assert _granted(review, action_request(Action.RELEASE, person)) == (
        review._replace(
            status=Status.OPEN,
            claimed_by=None,
            claimed_at=None,
            status_since=NOW,
            active_at=None,
            version=4,
            revision=2,
        ),
        AuditEntry(NOW, person, Action.RELEASE, Status.CLAIMED, Status.OPEN, 4, detail={"from": "UANNA"}),
    )


@pytest.mark.parametrize(
    ("four_eyes", "action", "status", "needs"),
    [
        (frozenset[str](), Action.RESOLVE, Status.DECIDED, {}),
        (frozenset({"reject"}), Action.PROPOSE, Status.PROPOSED, {"needs": "a second person"}),
    ],
)
def test_a_decision_is_on_the_review_and_on_record(
    review_in: ReviewIn, four_eyes: frozenset[str], action: Action, status: Status, needs: dict[str, str]
) -> None:
    """Outcome, reason and note as they were given; a proposal stays with its holder and says what it needs."""
    review = review_in(Status.CLAIMED)
    request = action_request(Action.RESOLVE, "UANNA", decision=DECISION)
    assert _granted(review, request, replace(RULES, four_eyes=four_eyes)) == (
        review._replace(
            status=status,
            outcome="reject",
            reason="document_expired",
            note="The passport ended in May.",
            decided_by="UANNA",
            decided_at=NOW,
            unconfirmed=status is Status.PROPOSED,
            status_since=NOW,
            version=4,
            revision=2,
        ),
        AuditEntry(
            NOW,
            "UANNA",
            action,
            Status.CLAIMED,
            status,
            4,
            detail={"outcome": "reject", "reason": "document_expired", "note": "The passport ended in May."}
            | needs,
        ),
    )


@pytest.mark.parametrize("person", ["UBORIS", "ULEA"])
def test_a_second_person_confirms(review_in: ReviewIn, person: str) -> None:
    """Who proposed and who confirmed are two names, and the entry tells what was confirmed."""
    review = review_in(Status.PROPOSED)
    assert _granted(review, action_request(Action.CONFIRM, person)) == (
        review._replace(
            status=Status.DECIDED,
            confirmed_by=person,
            confirmed_at=NOW,
            unconfirmed=False,
            status_since=NOW,
            version=4,
            revision=2,
        ),
        AuditEntry(
            NOW,
            person,
            Action.CONFIRM,
            Status.PROPOSED,
            Status.DECIDED,
            4,
            detail={"outcome": "approve", "reason": "fine", "proposed_by": "UANNA"},
        ),
    )


WORDS = "I looked at the passport, too."


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (Status.PROPOSED, action_request(Action.CONFIRM, "UBORIS", comment=WORDS)),
        (Status.CLAIMED, action_request(Action.RESOLVE, "UANNA", decision=DECISION, comment=WORDS)),
    ],
)
def test_what_was_typed_stands_beside_what_was_decided(
    review_in: ReviewIn, status: Status, request_: ActionRequest
) -> None:
    """Neither takes the other's place on record."""
    detail = _granted(review_in(status), request_)[1].detail
    assert detail["words"] == WORDS
    assert detail["outcome"]


def test_what_is_sent_back_is_undecided_and_with_its_holder(review_in: ReviewIn) -> None:
    """The first person goes on with it, and the record says why."""
    review = review_in(Status.PROPOSED)
    assert _granted(review, action_request(Action.SEND_BACK, "UBORIS", comment="Look again.")) == (
        review_in(Status.CLAIMED)._replace(status_since=NOW, active_at=NOW, version=4, revision=2),
        AuditEntry(
            NOW,
            "UBORIS",
            Action.SEND_BACK,
            Status.PROPOSED,
            Status.CLAIMED,
            4,
            detail={"words": "Look again."},
        ),
    )


def test_a_person_can_withdraw_their_own_proposal(review_in: ReviewIn) -> None:
    """They have the review again, and the record keeps what was proposed."""
    review = review_in(Status.PROPOSED)
    assert _granted(review, action_request(Action.WITHDRAW, "UANNA")) == (
        review_in(Status.CLAIMED)._replace(status_since=NOW, active_at=NOW, version=4, revision=2),
        AuditEntry(
            NOW,
            "UANNA",
            Action.WITHDRAW,
            Status.PROPOSED,
            Status.CLAIMED,
            4,
            detail={"outcome": "approve", "reason": "fine", "proposed_by": "UANNA"},
        ),
    )


@pytest.mark.parametrize(
    ("outcome", "disagreement"), [("approve", None), ("reject", Disagreement.CONTRADICTS), ("other", None)]
)
@pytest.mark.parametrize("proposed", [None, "reject"])
def test_a_decision_is_recorded_after_the_verdict(
    review_in: ReviewIn, outcome: str, disagreement: Disagreement | None, proposed: str | None
) -> None:
    """It replaces a proposal that no one confirmed, which the record keeps, and is compared with the verdict."""
    fresh = undecided(review_in(Status.CLOSED)._replace(confirmed_by=None, confirmed_at=None))
    closed = fresh._replace(disagreement=Disagreement.UNDECIDED)
    if proposed:
        closed = closed._replace(outcome=proposed, decided_by="UANNA", decided_at=7_000, unconfirmed=True)
    rules = replace(
        RULES,
        outcomes={
            "approve": Outcome("Approve", expects=SessionState.VERIFIED),
            "reject": Outcome("Reject", expects=SessionState.REJECTED),
        },
        four_eyes=frozenset({outcome}),
    )
    request = action_request(Action.RECORD_DECISION, "UBORIS", decision=Decision(outcome, None, "Seen."))
    replaced = {"proposed": proposed, "proposed_by": "UANNA"} if proposed else {}
    assert _granted(closed, request, rules) == (
        fresh._replace(
            outcome=outcome,
            note="Seen.",
            decided_by="UBORIS",
            decided_at=NOW,
            recorded_afterwards=True,
            disagreement=disagreement,
            version=4,
            revision=2,
        ),
        AuditEntry(
            NOW,
            "UBORIS",
            Action.RECORD_DECISION,
            Status.CLOSED,
            Status.CLOSED,
            4,
            detail={"outcome": outcome, "note": "Seen.", "session_state": "VERIFIED"} | replaced,
        ),
    )


@pytest.mark.parametrize("person", ["UANNA", "UBORIS"])
@pytest.mark.parametrize("status", [Status.CLAIMED, Status.PROPOSED, Status.DECIDED])
def test_a_note_is_on_record_and_counts_as_the_holders_activity(
    review_in: ReviewIn, status: Status, person: str
) -> None:
    """Another person's doesn't; a modal or a proposal that is open at the moment stays up to date."""
    review = review_in(status)
    active_at = NOW if person == review.claimed_by else review.active_at
    assert _granted(review, action_request(Action.ADD_NOTE, person, comment="Called again.")) == (
        review._replace(active_at=active_at, version=4),
        AuditEntry(NOW, person, Action.ADD_NOTE, status, status, 4, detail={"note": "Called again."}),
    )


def test_a_reopened_review_is_as_fresh_as_a_new_one(review_in: ReviewIn) -> None:
    """Nobody holds it, nothing is decided or escalated, and it is in review from now on; the decision is kept apart."""
    review = review_in(Status.DECIDED)._replace(escalated_by="UANNA", escalated_at=6_500)
    assert _granted(review, action_request(Action.REOPEN, "UBORIS", comment="New facts.")) == (
        review_in(Status.OPEN)._replace(
            earlier_decision=EarlierDecision(
                "approve", "fine", "Looks good.", "UANNA", 7_000, "UBORIS", 8_000
            ),
            opened_at=NOW,
            status_since=NOW,
            version=4,
            revision=2,
        ),
        AuditEntry(
            NOW,
            "UBORIS",
            Action.REOPEN,
            Status.DECIDED,
            Status.OPEN,
            4,
            detail={"words": "New facts.", "from": "UANNA"},
        ),
    )


def test_a_review_is_taken_over(review_in: ReviewIn) -> None:
    """The claim is theirs from now on; who had it, and why it was taken, is on record."""
    review = review_in(Status.CLAIMED)
    assert _granted(review, action_request(Action.TAKE_OVER, "UBORIS", comment="Anna is away.")) == (
        review._replace(claimed_by="UBORIS", claimed_at=NOW, active_at=NOW, version=4, revision=2),
        AuditEntry(
            NOW,
            "UBORIS",
            Action.TAKE_OVER,
            Status.CLAIMED,
            Status.CLAIMED,
            4,
            detail={"words": "Anna is away.", "from": "UANNA", "to": "UBORIS"},
        ),
    )


def test_a_review_is_given_to_somebody_else(review_in: ReviewIn) -> None:
    """The claim is as fresh as one that they made themselves."""
    review = review_in(Status.CLAIMED)
    assert _granted(
        review, action_request(Action.REASSIGN, "UANNA", target="UBORIS", comment="You know them.")
    ) == (
        review._replace(claimed_by="UBORIS", claimed_at=NOW, active_at=NOW, version=4, revision=2),
        AuditEntry(
            NOW,
            "UANNA",
            Action.REASSIGN,
            Status.CLAIMED,
            Status.CLAIMED,
            4,
            detail={"words": "You know them.", "from": "UANNA", "to": "UBORIS"},
        ),
    )


def test_who_is_still_on_it_shows_a_sign_of_life_and_nothing_else(review_in: ReviewIn) -> None:
    """The claim stays as old as it is, and the answer is on record."""
    review = review_in(Status.CLAIMED)
    assert _granted(review, action_request(Action.STILL_ON_IT, "UANNA")) == (
        review._replace(active_at=NOW, version=4),
        AuditEntry(NOW, "UANNA", Action.STILL_ON_IT, Status.CLAIMED, Status.CLAIMED, 4),
    )
