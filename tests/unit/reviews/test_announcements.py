"""Who has to hear of a step, and nobody else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.reviews.announcements import Announcement, Topic, announcement
from bot.reviews.decide import Request, decide
from bot.reviews.outcomes import Decision, Rules
from bot.reviews.permissions import Roster
from bot.reviews.review import Action, Review, Status
from bot.reviews.session_events import Change

RULES = Rules(Roster(leads=frozenset({"ULEA", "UZOE"}), lead_groups=frozenset({"SLEADS"})))
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
