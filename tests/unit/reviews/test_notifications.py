"""Who is notified of a change, and nobody else."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias, cast

import pytest

from bot.reviews.action_request import ActionRequest, Refused
from bot.reviews.announcements import (
    announcement_of_withdrawal,
    announcements_of_action,
    announcements_of_verdict,
    refused,
)
from bot.reviews.change import Change
from bot.reviews.decide import decide
from bot.reviews.notification_topics import (
    ActionTopic,
)
from bot.reviews.notifications import (
    ActionAnnouncement,
    ActionGranted,
    ActionRefused,
    ChecksChanged,
    ClaimExpired,
    ConfirmationNeeded,
    DailyDigest,
    Notification,
    ProposalWithdrawn,
    SessionClosed,
    ThreadReply,
    VerdictDisagrees,
    is_broadcast,
    is_hand_over,
    session_of,
)
from bot.reviews.policy import Decision, Outcome, Policy
from bot.reviews.reminders import (
    HolderReminder,
    LeadsReminder,
    QueueReminder,
    StillOnItQuestion,
)
from bot.reviews.review import Action, Disagreement, Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import apply_event, undecided
from tests.support.actions import CHANNEL, NOW, action_request, authority, open_roster

RULES = Policy(
    replace(open_roster("ULEA", "UZOE"), lead_groups=frozenset({"SLEADS"})),
    {"approve": Outcome("Approve", expects=SessionState.VERIFIED)},
)
LEADS = ("SLEADS", "ULEA", "UZOE")
COMMENT = "Because."

# In these reviews Anna has the claim, proposed and decided; Boris confirmed.
ANNOUNCED: list[tuple[Status, Action, str, ActionTopic | None, tuple[str, ...]]] = [
    (Status.OPEN, Action.CLAIM, "UANNA", None, ()),
    (Status.CLAIMED, Action.RESOLVE, "UANNA", None, ()),
    (Status.PROPOSED, Action.CONFIRM, "UBORIS", None, ()),
    (Status.CLAIMED, Action.RELEASE, "UANNA", None, ()),
    (Status.CLAIMED, Action.RELEASE, "ULEA", ActionTopic.RELEASED, ("UANNA",)),
    (Status.CLAIMED, Action.REASSIGN, "UANNA", ActionTopic.REASSIGNED, ("UNEW",)),
    (Status.CLAIMED, Action.REASSIGN, "ULEA", ActionTopic.REASSIGNED, ("UNEW", "UANNA")),
    (Status.CLAIMED, Action.TAKE_OVER, "UBORIS", ActionTopic.TAKEN_OVER, ("UANNA",)),
    (Status.CLAIMED, Action.ESCALATE, "UANNA", ActionTopic.ESCALATED, ("SLEADS", "ULEA", "UZOE")),
    (Status.CLAIMED, Action.ESCALATE, "ULEA", ActionTopic.ESCALATED, ("SLEADS", "ULEA", "UZOE")),
    (Status.PROPOSED, Action.SEND_BACK, "UBORIS", ActionTopic.SENT_BACK, ("UANNA",)),
    (Status.PROPOSED, Action.WITHDRAW, "UANNA", ActionTopic.WITHDRAWN, ()),
    (Status.CLAIMED, Action.ADD_NOTE, "UANNA", ActionTopic.NOTE_ADDED, ()),
    (Status.CLAIMED, Action.ADD_NOTE, "UBORIS", ActionTopic.NOTE_ADDED, ("UANNA",)),
    (Status.PROPOSED, Action.ADD_NOTE, "UBORIS", ActionTopic.NOTE_ADDED, ("UANNA",)),
    (Status.DECIDED, Action.ADD_NOTE, "UBORIS", ActionTopic.NOTE_ADDED, ("UANNA",)),
    (Status.DECIDED, Action.REOPEN, "ULEA", ActionTopic.REOPENED, ("UANNA", "UBORIS")),
    (Status.DECIDED, Action.REOPEN, "UANNA", ActionTopic.REOPENED, ("UBORIS",)),
    (Status.DECIDED, Action.REOPEN, "UBORIS", ActionTopic.REOPENED, ("UANNA",)),
]


def _announced(review: Review, request: ActionRequest) -> ActionAnnouncement | None:
    change = decide(review, request, authority(RULES))
    assert isinstance(change, Change)
    (announced,) = announcements_of_action(review, change.after, request, RULES) or (None,)
    assert announced is None or isinstance(announced, ActionAnnouncement)
    return announced


@pytest.mark.parametrize(("status", "action", "person", "topic", "to"), ANNOUNCED)
def test_an_action_notifies_the_people_it_concerns(
    review_in: Callable[[Status], Review],
    status: Status,
    action: Action,
    person: str,
    topic: ActionTopic | None,
    to: tuple[str, ...],
) -> None:
    """Those who had, decided or get the review, with the comment that was typed; never the actor."""
    request = action_request(action, person, decision=Decision("approve"), target="UNEW", comment=COMMENT)
    announced = _announced(review_in(status), request)
    if topic is None:
        assert announced is None
    else:
        assert announced is not None
        assert (announced.topic, announced.actor, announced.to) == (topic, person, to)
        assert announced.comment == COMMENT


@pytest.mark.parametrize(
    ("action", "holder"),
    [
        (Action.REASSIGN, "UNEW"),
        (Action.TAKE_OVER, "ULEA"),
        (Action.RELEASE, None),
        (Action.ESCALATE, "UANNA"),
    ],
)
def test_an_announcement_names_who_has_the_review_now(
    review_in: Callable[[Status], Review], action: Action, holder: str | None
) -> None:
    """It is the state after the action that people have to know."""
    announced = _announced(review_in(Status.CLAIMED), action_request(action, "ULEA", target="UNEW"))
    assert announced is not None
    assert announced.holder == holder


@pytest.mark.parametrize("action", [Action.WITHDRAW, Action.ADD_NOTE])
def test_an_announcement_for_the_thread_names_the_holder(
    review_in: Callable[[Status], Review], action: Action
) -> None:
    """It mentions no one, but says who goes on with the review."""
    announced = _announced(review_in(Status.PROPOSED), action_request(action, "UANNA", comment=COMMENT))
    topic = ActionTopic.WITHDRAWN if action is Action.WITHDRAW else ActionTopic.NOTE_ADDED
    assert announced == ActionAnnouncement(topic, "UANNA", (), "UANNA", COMMENT)


def test_a_lead_who_reassigns_to_themselves_is_not_notified(review_in: Callable[[Status], Review]) -> None:
    """Only the person who had the review is."""
    announced = _announced(review_in(Status.CLAIMED), action_request(Action.REASSIGN, "ULEA", target="ULEA"))
    assert announced == ActionAnnouncement(ActionTopic.REASSIGNED, "ULEA", ("UANNA",), holder="ULEA")


def test_a_person_who_decided_and_confirmed_is_named_once(review_in: Callable[[Status], Review]) -> None:
    """Rows of other programs may say so; the mention is still one."""
    review = review_in(Status.DECIDED)._replace(confirmed_by="UANNA")
    announced = _announced(review, action_request(Action.REOPEN, "ULEA"))
    assert announced is not None
    assert announced.to == ("UANNA",)


VERIFIED_SESSION = SessionState.VERIFIED
Kind: TypeAlias = type[SessionClosed | VerdictDisagrees]
OF_VERDICTS: list[tuple[Status, SessionState, tuple[tuple[Kind, tuple[str, ...]], ...]]] = [
    (Status.OPEN, VERIFIED_SESSION, ((VerdictDisagrees, LEADS),)),
    (Status.OPEN, SessionState.EXPIRED, ()),
    (Status.CLAIMED, VERIFIED_SESSION, ((SessionClosed, ("UANNA",)), (VerdictDisagrees, LEADS))),
    (Status.CLAIMED, SessionState.EXPIRED, ((SessionClosed, ("UANNA",)),)),
    (Status.PROPOSED, VERIFIED_SESSION, ((VerdictDisagrees, ("UANNA", *LEADS)),)),
    (Status.PROPOSED, SessionState.REJECTED, ((VerdictDisagrees, ("UANNA", *LEADS)),)),
    (Status.PROPOSED, SessionState.EXPIRED, ((VerdictDisagrees, ("UANNA", *LEADS)),)),
    (Status.DECIDED, VERIFIED_SESSION, ((SessionClosed, ("UANNA",)),)),
    (Status.DECIDED, SessionState.REJECTED, ((SessionClosed, ("UANNA",)), (VerdictDisagrees, LEADS))),
    (Status.CLOSED, VERIFIED_SESSION, ()),
    (Status.CLOSED, SessionState.REJECTED, ((VerdictDisagrees, LEADS),)),
]


def _announced_verdict(
    review: Review, verdict: SessionState, at: int = 2_000
) -> tuple[Review, tuple[SessionClosed | VerdictDisagrees, ...]]:
    change = apply_event(
        review,
        SessionEvent("event-2", at, "session-1", verdict, type="kyc", received_at=9_000),
        {"user": RULES},
    )
    assert isinstance(change, Change)
    return change.after, announcements_of_verdict(review, change.after, RULES)


@pytest.mark.parametrize(("status", "verdict", "expected"), OF_VERDICTS)
def test_a_verdict_notifies_the_people_at_work_and_on_a_disagreement_the_leads(
    review_in: Callable[[Status], Review],
    status: Status,
    verdict: SessionState,
    expected: tuple[tuple[Kind, tuple[str, ...]], ...],
) -> None:
    """Anna approved what is decided."""
    _, announced = _announced_verdict(review_in(status), verdict)
    assert tuple((type(each), each.to) for each in announced) == expected
    assert {each.session_state for each in announced} <= {verdict}


def test_a_disagreement_says_what_was_decided(review_in: Callable[[Status], Review]) -> None:
    """The leads see both sides."""
    rejected, contradicts = SessionState.REJECTED, Disagreement.CONTRADICTS
    _, announced = _announced_verdict(review_in(Status.DECIDED), rejected)
    assert announced[-1] == VerdictDisagrees(LEADS, rejected, contradicts, "approve", "fine", "UANNA")


def test_a_disagreement_says_that_it_was_only_proposed(review_in: Callable[[Status], Review]) -> None:
    """Also of a proposal from before the review was reopened."""
    proposed, (first,) = _announced_verdict(review_in(Status.PROPOSED), SessionState.REJECTED)
    again, _ = _announced_verdict(proposed, SessionState.REVIEW, at=3_000)
    _, (second,) = _announced_verdict(again, SessionState.REJECTED, at=4_000)
    assert isinstance(first, VerdictDisagrees)
    assert isinstance(second, VerdictDisagrees)
    assert (first.is_proposal, first.was_reopened) == (True, False)
    assert (second.is_proposal, second.was_reopened) == (True, True)


def test_holder_and_proposer_are_both_notified(review_in: Callable[[Status], Review]) -> None:
    """The holder loses the review; the proposer is notified of the disagreement, once."""
    review = review_in(Status.PROPOSED)._replace(claimed_by="UBORIS")
    _, (closed, disagrees) = _announced_verdict(review, SessionState.VERIFIED)
    assert (closed.to, disagrees.to) == (("UBORIS",), ("UANNA", *LEADS))


def test_a_proposer_whose_session_only_expired_hears_that_it_is_closed(
    review_in: Callable[[Status], Review],
) -> None:
    """The outcome expects no verdict, so nothing disagrees."""
    review = review_in(Status.PROPOSED)._replace(claimed_by="UBORIS", outcome="other")
    _, announced = _announced_verdict(review, SessionState.EXPIRED)
    assert announced == (SessionClosed(("UBORIS", "UANNA"), SessionState.EXPIRED),)


def test_a_verdict_against_an_earlier_decision_notifies_the_person_who_made_it(
    review_in: Callable[[Status], Review],
) -> None:
    """One that agrees with it leaves the review undecided, which is a matter for the leads."""
    request = action_request(Action.REOPEN, "ULEA")
    reopened = decide(review_in(Status.DECIDED), request, authority(RULES))
    assert isinstance(reopened, Change)
    _, (against,) = _announced_verdict(reopened.after, SessionState.REJECTED)
    assert against == VerdictDisagrees(
        ("UANNA", *LEADS),
        SessionState.REJECTED,
        Disagreement.CONTRADICTS_EARLIER,
        "approve",
        "fine",
        "UANNA",
        was_reopened=True,
    )
    _, (agreeing,) = _announced_verdict(reopened.after, SessionState.VERIFIED)
    assert isinstance(agreeing, VerdictDisagrees)
    assert (agreeing.to, agreeing.disagreement) == (LEADS, Disagreement.UNDECIDED)


def test_a_withdrawn_proposal_notifies_the_proposer_and_the_people_who_can_confirm(
    review_in: Callable[[Status], Review],
) -> None:
    """The proposer first and once; groups by their ids."""
    roster = replace(RULES.roster, reviewers=frozenset({"UANNA", "UBORIS"}))
    reply = announcement_of_withdrawal(review_in(Status.PROPOSED), replace(RULES, roster=roster))
    assert reply == ProposalWithdrawn(("UANNA", "SLEADS", "UBORIS", "ULEA", "UZOE"), "UANNA")


def _proposed(review: Review, rules: Policy) -> tuple[ThreadReply, ...]:
    request = action_request(Action.RESOLVE, "UANNA", decision=Decision("reject", "fine"))
    change = decide(review, request, authority(replace(rules, four_eyes=frozenset({"reject"}))))
    assert isinstance(change, Change)
    assert all(not isinstance(each, HolderReminder | StillOnItQuestion) for each in change.notifications)
    return cast("tuple[ThreadReply, ...]", change.notifications)


def test_a_proposal_notifies_the_people_who_can_confirm(review_in: Callable[[Status], Review]) -> None:
    """Groups, reviewers and leads, but never the proposer; without named reviewers the whole channel can."""
    roster = replace(RULES.roster, reviewers=frozenset({"UANNA", "UBORIS"}))
    claimed = review_in(Status.CLAIMED)
    (named,) = _proposed(claimed, replace(RULES, roster=roster))
    assert named == ConfirmationNeeded(
        ("SLEADS", "UBORIS", "ULEA", "UZOE"), "UANNA", NOW, outcome="reject", reason="fine"
    )
    (everyone,) = _proposed(claimed, RULES)
    assert everyone == replace(named, to=())
    assert (is_broadcast(named), is_broadcast(everyone)) == (False, True)


def test_a_request_to_confirm_is_current_only_while_that_proposal_waits(
    review_in: Callable[[Status], Review],
) -> None:
    """Not once it is confirmed or sent back, nor for a later proposal."""
    review = review_in(Status.PROPOSED)
    needed = ConfirmationNeeded((), "UANNA", 7_000, "approve")
    assert needed.is_current(review)
    assert not needed.is_current(review_in(Status.DECIDED))
    assert not needed.is_current(review_in(Status.CLAIMED))
    assert not needed.is_current(review._replace(decided_at=7_500))
    assert not needed.is_current(review._replace(decided_by="UBORIS"))


@pytest.mark.parametrize(("outcome", "is_told"), [("approve", False), ("other", False), ("reject", True)])
def test_a_decision_recorded_against_the_verdict_notifies_the_leads(
    review_in: Callable[[Status], Review], outcome: str, *, is_told: bool
) -> None:
    """But not a lead who recorded it."""
    rules = replace(
        RULES, outcomes={**RULES.outcomes, "reject": Outcome("Reject", expects=SessionState.REJECTED)}
    )
    request = action_request(Action.RECORD_DECISION, "ULEA", decision=Decision(outcome))
    change = decide(undecided(review_in(Status.CLOSED)), request, authority(rules))
    assert isinstance(change, Change)
    told = VerdictDisagrees(
        ("SLEADS", "UZOE"),
        SessionState.VERIFIED,
        Disagreement.CONTRADICTS,
        outcome,
        decided_by="ULEA",
        recorded_afterwards=True,
    )
    assert change.notifications == ((told,) if is_told else ())


def test_the_leads_are_not_notified_twice_of_the_same_disagreement(
    review_in: Callable[[Status], Review],
) -> None:
    """A second verdict that disagrees in the same way is no news; one that disagrees in another way is."""
    closed, first = _announced_verdict(review_in(Status.DECIDED), SessionState.REJECTED)
    _, second = _announced_verdict(closed, SessionState.EXPIRED, at=3_000)
    otherwise = closed._replace(disagreement=Disagreement.UNDECIDED)
    _, third = _announced_verdict(otherwise, SessionState.EXPIRED, at=3_000)
    assert [type(each) for each in first] == [SessionClosed, VerdictDisagrees]
    assert second == ()
    assert [type(each) for each in third] == [VerdictDisagrees]


def test_a_refusal_describes_the_review_as_it_is(review_in: Callable[[Status], Review]) -> None:
    """With the people of the queue's policy who could help."""
    review = review_in(Status.PROPOSED)._replace(decided_by="UDORA", escalated_by="UZOE")
    request = action_request(Action.REASSIGN, "UDAN", target="UNEW")
    assert refused(Refused.NOT_THE_HOLDER, request, review, RULES.roster) == ActionRefused(
        Refused.NOT_THE_HOLDER,
        Action.REASSIGN,
        session_id="session-1",
        queue="user",
        status=Status.PROPOSED,
        holder="UANNA",
        claimed_at=6_000,
        proposer="UDORA",
        escalated_by="UZOE",
        target="UNEW",
        reviewers=(CHANNEL, *LEADS),
        leads=LEADS,
    )


def test_a_refusal_about_an_unknown_review_names_what_was_asked_for() -> None:
    """There is nothing else to say."""
    request = action_request(Action.CLAIM, "UANNA", "session-9")
    refusal = refused(Refused.UNKNOWN_REVIEW, request, None, RULES.roster)
    assert refusal == ActionRefused(Refused.UNKNOWN_REVIEW, Action.CLAIM, "session-9")


REMINDER = (("UANNA",), "session-1", Status.CLAIMED, "UANNA", 5_000)


def test_a_reminder_is_current_only_while_the_review_is_unchanged(
    review_in: Callable[[Status], Review],
) -> None:
    """Status, holder and due time all count: a review that was claimed and released has a later due time."""
    review = review_in(Status.CLAIMED)._replace(claimed_by="UANNA", due_at=5_000)
    reminder = HolderReminder(*REMINDER)
    assert reminder.is_current(review)
    assert not reminder.is_current(review._replace(status=Status.OPEN))
    assert not reminder.is_current(review._replace(claimed_by="UBORIS"))
    assert not reminder.is_current(review._replace(due_at=6_000))


def test_replies_to_people_outside_the_thread_are_broadcast() -> None:
    """Reminders of the queue and of its leads, and disagreements; everything else stays in the thread."""
    assert is_broadcast(QueueReminder(*REMINDER))
    assert is_broadcast(LeadsReminder(*REMINDER))
    assert is_broadcast(VerdictDisagrees((), SessionState.VERIFIED, Disagreement.UNDECIDED, None))
    assert not is_broadcast(SessionClosed(("UANNA",), SessionState.VERIFIED))
    assert not is_broadcast(ChecksChanged(("UANNA",)))
    assert not is_broadcast(ProposalWithdrawn(("UANNA",), "UANNA"))
    assert not is_broadcast(ClaimExpired(("UANNA",), "session-1"))
    assert not is_broadcast(ActionAnnouncement(ActionTopic.SENT_BACK, "UBORIS", ("UANNA",), "UANNA"))


@pytest.mark.parametrize(
    ("notification", "session_id"),
    [
        (None, None),
        (DailyDigest("user"), None),
        (SessionClosed(("UANNA",), SessionState.VERIFIED), None),
        (ActionGranted(Action.CLAIM, "session-1"), "session-1"),
        (ActionRefused(Refused.NONE_LEFT, Action.CLAIM), None),
        (ClaimExpired(("UANNA",), "session-1"), "session-1"),
        (HolderReminder(*REMINDER), "session-1"),
    ],
)
def test_a_notification_knows_the_session_that_it_names(
    notification: Notification | None, session_id: str | None
) -> None:
    """Logs and lists show it."""
    assert session_of(notification) == session_id


@pytest.mark.parametrize("topic", ActionTopic)
def test_a_hand_over_says_who_has_the_review_now(topic: ActionTopic) -> None:
    """A newer one makes it wrong; no other announcement gets old like that."""
    announcement = ActionAnnouncement(topic, "UANNA", ("UBORIS",), "UBORIS")
    hand_overs = (ActionTopic.REASSIGNED, ActionTopic.TAKEN_OVER, ActionTopic.RELEASED)
    assert is_hand_over(announcement) is (topic in hand_overs)


def test_only_an_announcement_is_a_hand_over() -> None:
    """A claim that expired is announced by the bot, not by a person."""
    assert not is_hand_over(ClaimExpired(("UANNA",), "session-1"))
