"""How an action is refused where there is no review to act on, and what the record then says."""

import pytest

from bot.reviews.action_request import Authority, Refused
from bot.reviews.audit.entry import AuditEntry
from bot.reviews.change import Refusal
from bot.reviews.decide import refuse_claim_next, refuse_unknown, without_a_queue
from bot.reviews.permissions import Membership, Roster
from bot.reviews.policy import Policy
from bot.reviews.review import Action
from tests.support.actions import action_request

NAMED = Policy(Roster(reviewers=frozenset({"UANNA"})))
UNKNOWN_GROUP = Policy(Roster(reviewer_groups=frozenset({"SREVIEWERS"})))
MEMBER = Authority(policies={"user": NAMED})


@pytest.mark.parametrize(
    ("person", "authority", "why"),
    [
        ("UANNA", MEMBER, None),
        ("UANNA", Authority(policies={"user": NAMED, "related-party": UNKNOWN_GROUP}), None),
        ("UBORIS", MEMBER, Refused.NOT_A_REVIEWER),
        ("UBORIS", Authority(policies={"user": UNKNOWN_GROUP}), Refused.CANNOT_CHECK),
        ("UANNA", Authority(Membership.GUEST, policies={"user": NAMED}), Refused.GUEST),
        ("UANNA", Authority(Membership.DEACTIVATED, policies={"user": NAMED}), Refused.DEACTIVATED),
    ],
)
def test_why_a_person_can_work_on_no_queue(person: str, authority: Authority, why: Refused | None) -> None:
    """Until every group is known, a person can be one of its members."""
    assert without_a_queue(person, authority) is why


@pytest.mark.parametrize(
    ("person", "why"), [("UANNA", Refused.UNKNOWN_REVIEW), ("UBORIS", Refused.NOT_A_REVIEWER)]
)
def test_only_reviewers_learn_that_a_review_does_not_exist(person: str, why: Refused) -> None:
    """Other people are refused as they are for a review that exists; the record names the session asked for."""
    request = action_request(Action.CLAIM, person, "session-9")
    asked_for = {"session_id": "session-9"}
    entry = AuditEntry(9_000, person, Action.CLAIM, None, None, 0, refused=why, detail=asked_for)
    assert refuse_unknown(request, MEMBER) == Refusal(why, None, entry)


@pytest.mark.parametrize(
    ("person", "why"), [("UANNA", Refused.NONE_LEFT), ("UBORIS", Refused.NOT_A_REVIEWER)]
)
def test_there_is_no_next_review_to_claim(person: str, why: Refused) -> None:
    """The request names no session, so the record doesn't either."""
    request = action_request(Action.CLAIM, person, None)
    entry = AuditEntry(9_000, person, Action.CLAIM, None, None, 0, refused=why)
    assert refuse_claim_next(request, MEMBER) == Refusal(why, None, entry)
