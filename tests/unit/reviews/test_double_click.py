"""A press that repeats what the same person did before, with a trigger id of its own."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.reviews.action_request import Refused
from bot.reviews.change import Change, Refusal
from bot.reviews.decide import decide
from bot.reviews.double_click import LastAction
from bot.reviews.policy import Decision, Policy
from bot.reviews.review import Action, Review, Status
from tests.support.actions import action_request, authority, open_roster

ReviewIn = Callable[[Status], Review]
RULES = Policy(open_roster("ULEA"))
MADE = Decision("approve", "fine", "Looks good.")

AGAIN: list[tuple[Status, dict[str, Any], Action, str, dict[str, Any]]] = [
    (Status.OPEN, {}, Action.RELEASE, "UANNA", {}),
    (Status.OPEN, {}, Action.RELEASE, "ULEA", {}),
    (Status.OPEN, {}, Action.REOPEN, "UBORIS", {}),
    (Status.CLAIMED, {}, Action.SEND_BACK, "UBORIS", {}),
    (Status.CLAIMED, {}, Action.WITHDRAW, "UANNA", {}),
    (Status.CLAIMED, {}, Action.RESUME, "UANNA", {}),
    (Status.CLAIMED, {"claimed_by": "UBORIS"}, Action.REASSIGN, "UANNA", {"target": "UBORIS"}),
    (Status.CLAIMED, {"escalated_by": "UANNA", "escalated_at": 1}, Action.ESCALATE, "UANNA", {}),
    (Status.PROPOSED, {}, Action.PROPOSE, "UANNA", {"decision": MADE}),
    (Status.DECIDED, {}, Action.RESOLVE, "UANNA", {"decision": MADE}),
    (Status.DECIDED, {}, Action.CONFIRM, "UBORIS", {}),
    (Status.CLOSED, {"recorded_afterwards": True}, Action.RECORD_DECISION, "UANNA", {"decision": MADE}),
]


@pytest.mark.parametrize(("status", "changes", "action", "person", "given"), AGAIN)
def test_the_second_click_finds_the_review_as_it_was_asked_for(
    review_in: ReviewIn,
    status: Status,
    changes: dict[str, Any],
    action: Action,
    person: str,
    given: dict[str, Any],
) -> None:
    """It changes nothing."""
    review = review_in(status)._replace(**changes)
    request = action_request(action, person, **given)
    refused = decide(review, request, authority(RULES), lambda: LastAction(person, action))
    assert isinstance(refused, Refusal)
    assert refused.reason is Refused.ALREADY_DONE


@pytest.mark.parametrize(
    ("status", "changes", "action", "person", "given", "last"),
    [
        (Status.OPEN, {}, Action.RELEASE, "UANNA", {}, LastAction("UBORIS", Action.RELEASE)),
        (Status.OPEN, {}, Action.RELEASE, "UANNA", {}, LastAction("UANNA", Action.REOPEN)),
        (Status.OPEN, {}, Action.RELEASE, "UANNA", {}, None),
        (Status.CLAIMED, {}, Action.RELEASE, "UBORIS", {}, LastAction("UBORIS", Action.RELEASE)),
        (Status.CLAIMED, {}, Action.SEND_BACK, "UBORIS", {}, LastAction("UANNA", Action.CLAIM)),
        (
            Status.CLAIMED,
            {},
            Action.REASSIGN,
            "UBORIS",
            {"target": "UDAN"},
            LastAction("UBORIS", Action.REASSIGN),
        ),
        (Status.CLAIMED, {"escalated_by": "ULEA", "escalated_at": 1}, Action.ESCALATE, "UANNA", {}, None),
        (Status.PROPOSED, {}, Action.PROPOSE, "UANNA", {"decision": Decision("approve")}, None),
        (Status.DECIDED, {}, Action.RESOLVE, "UBORIS", {"decision": MADE}, None),
        (Status.DECIDED, {}, Action.CONFIRM, "ULEA", {}, None),
        (Status.CLOSED, {}, Action.RESOLVE, "UANNA", {"decision": MADE}, None),
        (Status.CLOSED, {}, Action.RECORD_DECISION, "UANNA", {"decision": MADE}, None),
        (
            Status.CLOSED,
            {"recorded_afterwards": True},
            Action.RECORD_DECISION,
            "UBORIS",
            {"decision": MADE},
            None,
        ),
    ],
)
def test_another_persons_or_another_action_is_refused_as_before(
    review_in: ReviewIn,
    status: Status,
    changes: dict[str, Any],
    action: Action,
    person: str,
    given: dict[str, Any],
    last: LastAction | None,
) -> None:
    """Only the same press again reads as one."""
    review = review_in(status)._replace(**changes)
    refused = decide(review, action_request(action, person, **given), authority(RULES), lambda: last)
    assert isinstance(refused, Refusal)
    assert refused.reason is not Refused.ALREADY_DONE


@pytest.mark.parametrize(
    ("seen", "last", "is_granted"),
    [
        (1, LastAction("UANNA", Action.RELEASE), True),
        (None, LastAction("UANNA", Action.RELEASE), True),
        (0, LastAction("UANNA", Action.RELEASE), False),
        (0, LastAction("UBORIS", Action.RELEASE), True),
        (0, LastAction("UANNA", Action.REOPEN), True),
        (0, None, True),
    ],
)
def test_a_late_claim_does_not_undo_the_persons_own_release(
    review_in: ReviewIn, seen: int | None, last: LastAction | None, *, is_granted: bool
) -> None:
    """Off any other card, old or new, an open review can be claimed."""
    claim = action_request(Action.CLAIM, "UANNA", seen_revision=seen)
    decided = decide(review_in(Status.OPEN), claim, authority(RULES), lambda: last)
    if is_granted:
        assert isinstance(decided, Change)
    else:
        assert isinstance(decided, Refusal)
        assert decided.reason is Refused.CHANGED_MEANWHILE
