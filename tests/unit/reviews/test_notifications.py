"""Who has to hear of a step, and nobody else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.reviews.decide import Request, decide
from bot.reviews.notifications import Announcement, Topic, announcement, announcements_of_verdict
from bot.reviews.permissions import Roster
from bot.reviews.policy import Decision, Outcome, Policy
from bot.reviews.review import Action, Disagreement, Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import Change, apply_event

RULES = Policy(
    Roster(leads=frozenset({"ULEA", "UZOE"}), lead_groups=frozenset({"SLEADS"})),
    {"approve": Outcome("Approve", expects=SessionState.VERIFIED)},
)
LEADS = ("SLEADS", "ULEA", "UZOE")
WORDS = "Because."

# In these reviews Anna holds, proposed and decided; Boris confirmed.
TOLD: list[tuple[Status, Action, str, Topic | None, tuple[str, ...]]] = [
    (Status.OPEN, Action.CLAIM, "UANNA", None, ()),
    (Status.CLAIMED, Action.RESOLVE, "UANNA", None, ()),
    (Status.PROPOSED, Action.CONFIRM, "UBORIS", None, ()),
    (Status.CLAIMED, Action.RELEASE, "UANNA", None, ()),
    (Status.CLAIMED, Action.RELEASE, "ULEA", Topic.RELEASED, ("UANNA",)),
    (Status.CLAIMED, Action.REASSIGN, "UANNA", Topic.REASSIGNED, ("UNEW",)),
    (Status.CLAIMED, Action.REASSIGN, "ULEA", Topic.REASSIGNED, ("UNEW", "UANNA")),
    (Status.CLAIMED, Action.TAKE_OVER, "UBORIS", Topic.TAKEN_OVER, ("UANNA",)),
    (Status.CLAIMED, Action.ESCALATE, "UANNA", Topic.ESCALATED, ("SLEADS", "ULEA", "UZOE")),
    (Status.CLAIMED, Action.ESCALATE, "ULEA", Topic.ESCALATED, ("SLEADS", "ULEA", "UZOE")),
    (Status.PROPOSED, Action.SEND_BACK, "UBORIS", Topic.SENT_BACK, ("UANNA",)),
    (Status.DECIDED, Action.REOPEN, "ULEA", Topic.REOPENED, ("UANNA", "UBORIS")),
    (Status.DECIDED, Action.REOPEN, "UANNA", Topic.REOPENED, ("UBORIS",)),
    (Status.DECIDED, Action.REOPEN, "UBORIS", Topic.REOPENED, ("UANNA",)),
]


def _announced(review: Review, request: Request) -> Announcement | None:
    step = decide(review, request, RULES, 9_000)
    assert isinstance(step, Change)
    return announcement(review, step.after, request, RULES)


@pytest.mark.parametrize(("status", "action", "person", "topic", "to"), TOLD)
def test_who_is_told_what(
    review_in: Callable[[Status], Review],
    status: Status,
    action: Action,
    person: str,
    topic: Topic | None,
    to: tuple[str, ...],
) -> None:
    """Those whose work it was or will be, in the words that were typed; nobody is told what they did themselves."""
    request = Request(action, person, decision=Decision("approve"), to="UNEW", words=WORDS)
    expected = Announcement(topic, person, to, WORDS) if topic else None
    assert _announced(review_in(status), request) == expected


def test_a_lead_who_takes_the_review_is_not_told_so(review_in: Callable[[Status], Review]) -> None:
    """A lead gives it to themselves: only the one who had it is told."""
    request = Request(Action.REASSIGN, "ULEA", to="ULEA")
    assert _announced(review_in(Status.CLAIMED), request) == Announcement(
        Topic.REASSIGNED, "ULEA", ("UANNA",)
    )


def test_one_who_made_and_confirmed_is_named_once(review_in: Callable[[Status], Review]) -> None:
    """Rows of other programs may say so; the mention is still one."""
    review = replace(review_in(Status.DECIDED), confirmed_by="UANNA")
    told = _announced(review, Request(Action.REOPEN, "ULEA"))
    assert told is not None
    assert told.to == ("UANNA",)


VERIFIED_SESSION = SessionState.VERIFIED
OF_VERDICTS: list[tuple[Status, SessionState, tuple[tuple[Topic, tuple[str, ...]], ...]]] = [
    (Status.OPEN, VERIFIED_SESSION, ((Topic.DISAGREES, LEADS),)),
    (Status.OPEN, SessionState.EXPIRED, ()),
    (Status.CLAIMED, VERIFIED_SESSION, ((Topic.CLOSED, ("UANNA",)), (Topic.DISAGREES, LEADS))),
    (Status.CLAIMED, SessionState.EXPIRED, ((Topic.CLOSED, ("UANNA",)),)),
    (Status.PROPOSED, VERIFIED_SESSION, ((Topic.CLOSED, ("UANNA",)), (Topic.DISAGREES, LEADS))),
    (Status.PROPOSED, SessionState.EXPIRED, ((Topic.CLOSED, ("UANNA",)),)),
    (Status.DECIDED, VERIFIED_SESSION, ((Topic.CLOSED, ("UANNA",)),)),
    (Status.DECIDED, SessionState.REJECTED, ((Topic.CLOSED, ("UANNA",)), (Topic.DISAGREES, LEADS))),
    (Status.CLOSED, VERIFIED_SESSION, ()),
    (Status.CLOSED, SessionState.REJECTED, ((Topic.DISAGREES, LEADS),)),
]


def _told_of(
    review: Review, verdict: SessionState, at: int = 2_000
) -> tuple[Review, tuple[Announcement, ...]]:
    step = apply_event(review, SessionEvent("event-2", at, "session-1", verdict), 9_000, {"user": RULES})
    assert isinstance(step, Change)
    return step.after, announcements_of_verdict(review, step.after, RULES)


@pytest.mark.parametrize(("status", "verdict", "told"), OF_VERDICTS)
def test_who_is_told_of_a_verdict(
    review_in: Callable[[Status], Review],
    status: Status,
    verdict: SessionState,
    told: tuple[tuple[Topic, tuple[str, ...]], ...],
) -> None:
    """Whoever had it in their hands, and the leads where it does not fit; Anna approved what is decided."""
    _, announced = _told_of(review_in(status), verdict)
    assert announced == tuple(Announcement(topic, None, to) for topic, to in told)


def test_holder_and_proposer_are_both_told(review_in: Callable[[Status], Review]) -> None:
    """The proposal lapses, and the review is taken from whoever has it by then."""
    review = replace(review_in(Status.PROPOSED), claimed_by="UBORIS")
    _, (closed, _) = _told_of(review, SessionState.VERIFIED)
    assert closed.to == ("UBORIS", "UANNA")


def test_the_leads_are_not_told_again_of_the_same(review_in: Callable[[Status], Review]) -> None:
    """A second verdict that does not fit in the same way is no news; one that does not in another way is."""
    closed, first = _told_of(review_in(Status.DECIDED), SessionState.REJECTED)
    _, second = _told_of(closed, SessionState.EXPIRED, at=3_000)
    otherwise = replace(closed, disagreement=Disagreement.UNDECIDED)
    assert [each.topic for each in first] == [Topic.CLOSED, Topic.DISAGREES]
    assert second == ()
    assert [each.topic for each in _told_of(otherwise, SessionState.EXPIRED, at=3_000)[1]] == [
        Topic.DISAGREES
    ]
