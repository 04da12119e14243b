"""What follows when a person asks for something: who may do it, what changes, and what the record then says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from bot.reviews.action_request import ActionRequest, Refused
from bot.reviews.audit.entry import AuditEntry
from bot.reviews.change import Change, Refusal
from bot.reviews.decide import decide, refusal
from bot.reviews.permissions import Membership, Roster
from bot.reviews.policy import Decision, Outcome, Policy
from bot.reviews.review import Action, Review, Status
from bot.reviews.snooze import Snooze
from tests.support.actions import OPEN_POLICY, action_request, authority

NOW = 9_000
ROSTER = Roster(reviewers=frozenset({"UANNA", "UBORIS"}), leads=frozenset({"ULEA"}))
RULES = Policy(ROSTER)
DECISION = Decision("reject", "document_expired", "The passport ended in May.")
PEOPLES_ACTIONS = [
    action for action in Action if action not in (Action.RECEIVE, Action.CLOSE, Action.SEE_HISTORY)
]

ReviewIn = Callable[[Status], Review]

# Anna is the holder and the maker of what is proposed or decided, Boris a colleague, Lea leads the queue.
PEOPLE = ("UANNA", "UBORIS", "ULEA")
_WHO_MAY = """
                     UANNA           UBORIS          ULEA
  open     claim     yes             yes             yes
  claimed  claim     already_yours   held_by_other   held_by_other
  claimed  release   yes             not_the_holder  yes
  claimed  reassign  yes             not_the_holder  yes
  claimed  take_over already_yours   yes             yes
  claimed  escalate  yes             yes             yes
  claimed  still_on_it yes           not_the_holder  not_the_holder
  claimed  snooze    yes             not_the_holder  not_the_holder
  claimed  resume    not_snoozed     not_the_holder  not_the_holder
  claimed  resolve   yes             not_the_holder  not_the_holder
  claimed  propose   yes             not_the_holder  not_the_holder
  proposed claim     already_yours   held_by_other   held_by_other
  proposed confirm   own_proposal    yes             yes
  proposed send_back own_proposal    yes             yes
  claimed  add_note  yes             yes             yes
  proposed withdraw  yes             not_your_proposal not_your_proposal
  proposed add_note  yes             yes             yes
  decided  confirm   not_possible    already_done    not_possible
  decided  reopen    yes             yes             yes
  decided  add_note  yes             yes             yes
  closed   record_decision already_decided already_decided already_decided
"""
"""Whatever is not listed is not possible, for anybody."""


def _cells() -> dict[tuple[Status, Action, str], str]:
    rows = [line.split() for line in _WHO_MAY.strip().splitlines()[1:]]
    return {
        (Status(status), Action(action), person): answer
        for status, action, *answers in rows
        for person, answer in zip(PEOPLE, answers, strict=True)
    }


CELLS = _cells()


def _request(action: Action, person: str) -> ActionRequest:
    snooze = Snooze(date(1970, 1, 5))
    return action_request(
        action, person, decision=DECISION, target="UBORIS", snooze=snooze, comment="Because."
    )


@pytest.mark.parametrize(("status", "action", "person"), list(product(Status, PEOPLES_ACTIONS, PEOPLE)))
def test_holder_colleague_and_lead_may_do_exactly_what_the_table_says(
    review_in: ReviewIn, status: Status, action: Action, person: str
) -> None:
    """A refusal changes nothing, and the record names the person, the action, the state and the reason."""
    review = review_in(status)
    step = decide(review, _request(action, person), authority(RULES))
    expected = CELLS.get((status, action, person), "not_possible")
    if expected == "yes":
        assert isinstance(step, Change)
        assert step.after.version == review.version + 1
        assert (step.entry.actor, step.entry.refused) == (person, None)
    else:
        entry = AuditEntry(NOW, person, action, status, status, review.version, refused=expected)
        assert isinstance(step, Refusal)
        assert (step.reason, step.review, step.entry) == (Refused(expected), review, entry)


@pytest.mark.parametrize(
    ("membership", "why"),
    [
        (Membership.GUEST, Refused.GUEST),
        (Membership.BOT, Refused.BOT),
        (Membership.OUTSIDER, Refused.OUTSIDER),
        (Membership.DEACTIVATED, Refused.DEACTIVATED),
        (Membership.UNKNOWN, Refused.CANNOT_CHECK),
    ],
)
@pytest.mark.parametrize("rules", [RULES, OPEN_POLICY], ids=["named", "for everybody"])
def test_only_members_of_the_workspace_do_anything(
    review_in: ReviewIn, membership: Membership, why: Refused, rules: Policy
) -> None:
    """Not even whoever is named as a reviewer or a lead, in any state, for any action."""
    for status, action, person in product(Status, PEOPLES_ACTIONS, PEOPLE):
        step = decide(review_in(status), _request(action, person), authority(rules, membership))
        assert isinstance(step, Refusal)
        assert (step.reason, step.entry.refused) == (why, why)


@pytest.mark.parametrize(("status", "action"), list(product(Status, PEOPLES_ACTIONS)))
def test_who_is_no_reviewer_does_nothing(review_in: ReviewIn, status: Status, action: Action) -> None:
    """Being a member of the workspace is not enough where reviewers are named."""
    step = decide(review_in(status), _request(action, "USTRANGER"), authority(RULES))
    assert isinstance(step, Refusal)
    assert step.reason is Refused.NOT_A_REVIEWER


@pytest.mark.parametrize("status", Status)
def test_reviewers_see_the_history_and_no_one_else_does(review_in: ReviewIn, status: Status) -> None:
    """In every state; guests don't, not even named ones."""
    for person, membership, reason in (
        ("UANNA", Membership.MEMBER, None),
        ("ULEA", Membership.MEMBER, None),
        ("USTRANGER", Membership.MEMBER, Refused.NOT_A_REVIEWER),
        ("UANNA", Membership.GUEST, Refused.GUEST),
    ):
        request = _request(Action.SEE_HISTORY, person)
        assert refusal(review_in(status), request, authority(RULES, membership)) is reason


def test_while_a_group_is_not_known_a_no_is_a_cannot_tell(review_in: ReviewIn) -> None:
    """The group's members may be reviewers; those who are named by their ids work on."""
    roster = replace(ROSTER, reviewer_groups=frozenset({"SREVIEWERS"}))
    stranger = decide(review_in(Status.OPEN), _request(Action.CLAIM, "USTRANGER"), authority(Policy(roster)))
    assert isinstance(stranger, Refusal)
    assert stranger.reason is Refused.CANNOT_CHECK
    assert isinstance(
        decide(review_in(Status.OPEN), _request(Action.CLAIM, "UANNA"), authority(Policy(roster))), Change
    )


def test_in_a_queue_without_reviewers_any_member_may_claim(review_in: ReviewIn) -> None:
    """Whoever sees the card may work on it."""
    step = decide(review_in(Status.OPEN), action_request(Action.CLAIM, "USTRANGER"), authority())
    assert isinstance(step, Change)
    assert step.after.claimed_by == "USTRANGER"


@pytest.mark.parametrize("action", [Action.CONFIRM, Action.SEND_BACK])
def test_a_lead_does_not_check_a_proposal_of_their_own(review_in: ReviewIn, action: Action) -> None:
    """Four eyes are four eyes, also when somebody else holds the review by now."""
    review = review_in(Status.PROPOSED)._replace(claimed_by="UBORIS", decided_by="ULEA")
    step = decide(review, _request(action, "ULEA"), authority(RULES))
    assert isinstance(step, Refusal)
    assert step.reason is Refused.OWN_PROPOSAL


@pytest.mark.parametrize("action", [Action.RESOLVE, Action.PROPOSE])
def test_a_reason_that_needs_a_note_is_refused_without_one(review_in: ReviewIn, action: Action) -> None:
    """Whatever a form let through."""
    reject = Outcome("Reject", {"other": "Other"}, note_required=frozenset({"other"}))
    policy = Policy(ROSTER, {"reject": reject})
    without, with_note = Decision("reject", "other"), Decision("reject", "other", "Seen on a screen.")
    claimed = review_in(Status.CLAIMED)
    refused = decide(claimed, action_request(action, "UANNA", decision=without), authority(policy))
    assert isinstance(refused, Refusal)
    assert refused.reason is Refused.NOTE_REQUIRED
    granted = decide(claimed, action_request(action, "UANNA", decision=with_note), authority(policy))
    assert isinstance(granted, Change)


TARGETS: list[tuple[str, Membership, Refused | None]] = [
    ("UBORIS", Membership.MEMBER, None),
    ("ULEA", Membership.MEMBER, None),
    ("UANNA", Membership.MEMBER, Refused.HAS_IT_ALREADY),
    ("USTRANGER", Membership.MEMBER, Refused.CANNOT_GIVE_TO),
    ("UBORIS", Membership.GUEST, Refused.CANNOT_GIVE_TO),
    ("UBORIS", Membership.BOT, Refused.CANNOT_GIVE_TO),
    ("UBORIS", Membership.OUTSIDER, Refused.CANNOT_GIVE_TO),
    ("UBORIS", Membership.DEACTIVATED, Refused.CANNOT_GIVE_TO),
    ("UBORIS", Membership.UNKNOWN, Refused.CANNOT_CHECK),
]


@pytest.mark.parametrize(("to", "membership", "why"), TARGETS)
@pytest.mark.parametrize("person", ["UANNA", "ULEA"])
def test_a_review_is_only_given_to_somebody_who_may_have_it(
    review_in: ReviewIn, person: str, to: str, membership: Membership, why: Refused | None
) -> None:
    """The holder or a lead gives; the person who gets it has to be a permitted member."""
    request = action_request(Action.REASSIGN, person, target=to)
    step = decide(review_in(Status.CLAIMED), request, authority(RULES, target_membership=membership))
    if why is None:
        assert isinstance(step, Change)
        assert (step.after.claimed_by, step.after.claimed_at) == (to, NOW)
        assert step.entry.detail == {"from": "UANNA", "to": to}
    else:
        assert isinstance(step, Refusal)
        assert step.reason is why


def test_a_group_that_is_not_known_may_hold_the_target(review_in: ReviewIn) -> None:
    """Nobody knows whether they may have it: that is said, rather than that they may not."""
    rules = Policy(replace(ROSTER, reviewer_groups=frozenset({"SREVIEWERS"})))
    step = decide(
        review_in(Status.CLAIMED), action_request(Action.REASSIGN, "UANNA", target="UNEW"), authority(rules)
    )
    assert isinstance(step, Refusal)
    assert step.reason is Refused.CANNOT_CHECK


def test_a_review_is_escalated_once(review_in: ReviewIn) -> None:
    """The leads are not called twice for the same thing; who called them is kept."""
    step = decide(review_in(Status.CLAIMED), action_request(Action.ESCALATE, "UBORIS"), authority(RULES))
    assert isinstance(step, Change)
    assert (step.after.escalated_by, step.after.escalated_at) == ("UBORIS", NOW)
    assert (step.after.claimed_by, step.after.status) == ("UANNA", Status.CLAIMED)
    again = decide(step.after, action_request(Action.ESCALATE, "UANNA"), authority(RULES))
    assert isinstance(again, Refusal)
    assert again.reason is Refused.ALREADY_ESCALATED


def test_without_leads_nobody_can_be_called(review_in: ReviewIn) -> None:
    """Nothing pretends that somebody was told."""
    step = decide(review_in(Status.CLAIMED), action_request(Action.ESCALATE, "UANNA"), authority())
    assert isinstance(step, Refusal)
    assert step.reason is Refused.NO_LEADS


@pytest.mark.parametrize(("seen", "is_granted"), [(None, True), (1, True), (0, False), (2, False)])
@pytest.mark.parametrize(
    ("status", "action", "person"),
    [(status, action, person) for (status, action, person), answer in CELLS.items() if answer == "yes"],
)
def test_what_was_asked_at_another_step_is_not_done(
    review_in: ReviewIn, status: Status, action: Action, person: str, *, seen: int | None, is_granted: bool
) -> None:
    """Nobody confirms a proposal, or decides on a review, that is not the one they had before them."""
    step = decide(review_in(status), replace(_request(action, person), seen_revision=seen), authority(RULES))
    if is_granted or action is Action.CLAIM:  # an open review can be claimed off any card
        assert isinstance(step, Change)
    else:
        assert isinstance(step, Refusal)
        assert step.reason is Refused.CHANGED_MEANWHILE


@pytest.mark.parametrize("person", ["UBORIS", "USTRANGER"])
def test_who_may_not_is_told_so_rather_than_that_it_changed(review_in: ReviewIn, person: str) -> None:
    """Looking again would not help them."""
    request = replace(_request(Action.RELEASE, person), seen_revision=1)
    step = decide(review_in(Status.CLAIMED), request, authority(RULES))
    assert isinstance(step, Refusal)
    assert step.reason is not Refused.CHANGED_MEANWHILE


@pytest.mark.parametrize(
    ("outcome", "four_eyes", "action"),
    [
        ("reject", {"reject"}, Action.PROPOSE),
        ("reject", {"approve", "reject"}, Action.PROPOSE),
        ("reject", {"approve"}, Action.RESOLVE),
        ("reject", set[str](), Action.RESOLVE),
    ],
)
def test_four_eyes_are_asked_for_by_outcome(
    review_in: ReviewIn, outcome: str, four_eyes: set[str], action: Action
) -> None:
    """The same action is a decision or a proposal, as the queue says; the record tells which it was."""
    request = action_request(Action.RESOLVE, "UANNA", decision=Decision(outcome))
    step = decide(
        review_in(Status.CLAIMED), request, authority(Policy(ROSTER, four_eyes=frozenset(four_eyes)))
    )
    assert isinstance(step, Change)
    assert step.entry.action is action
    assert step.after.status is (Status.PROPOSED if action is Action.PROPOSE else Status.DECIDED)


UNDECIDED: dict[str, Any] = {
    "outcome": None,
    "reason": None,
    "note": None,
    "decided_by": None,
    "confirmed_by": None,
}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("changes", [UNDECIDED, {"unconfirmed": True}], ids=["no decision", "a proposal"])
def test_any_reviewer_records_a_decision_that_is_missing(
    review_in: ReviewIn, person: str, changes: dict[str, Any]
) -> None:
    """Also the proposer of what no second person had confirmed; four eyes were Ralio's portal's matter."""
    closed = review_in(Status.CLOSED)._replace(**changes)
    step = decide(
        closed,
        _request(Action.RECORD_DECISION, person),
        authority(replace(RULES, four_eyes=frozenset({"reject"}))),
    )
    assert isinstance(step, Change)
    assert (step.after.status, step.after.decided_by, step.after.unconfirmed) == (
        Status.CLOSED,
        person,
        False,
    )


def test_no_decision_is_recorded_on_a_session_that_never_came_to_review(review_in: ReviewIn) -> None:
    """It has no card."""
    closed = review_in(Status.CLOSED)._replace(opened_at=None, **UNDECIDED)
    step = decide(closed, _request(Action.RECORD_DECISION, "UANNA"), authority(RULES))
    assert isinstance(step, Refusal)
    assert step.reason is Refused.NOT_POSSIBLE


@pytest.mark.parametrize(
    ("action", "snooze"),
    [
        (Action.RESOLVE, None),
        (Action.PROPOSE, None),
        (Action.REASSIGN, None),
        (Action.SNOOZE, None),
        (Action.SNOOZE, Snooze(None)),
    ],
)
def test_a_request_without_what_it_needs_is_a_fault_of_the_caller(
    review_in: ReviewIn, action: Action, snooze: Snooze | None
) -> None:
    """No review is ever decided without an outcome, given to no one, or snoozed without a date."""
    with pytest.raises(ValueError, match=f"^the request to {action} is not complete$"):
        decide(review_in(Status.CLAIMED), action_request(action, "UANNA", snooze=snooze), authority(RULES))


@pytest.mark.parametrize(("status", "action"), list(product(Status, [Action.RECEIVE, Action.CLOSE])))
def test_nobody_can_act_in_ralios_place(review_in: ReviewIn, status: Status, action: Action) -> None:
    """Even a lead cannot close or receive a session; asking for it is a fault of the caller."""
    with pytest.raises(ValueError, match="is Ralio's"):
        decide(review_in(status), action_request(action, "ULEA"), authority(RULES))
