"""What `check` says about queues whose rules need more people than there are."""

import pytest

from bot.cli.check.line import State
from bot.cli.check.people import queue_lines
from bot.reviews.deadlines import Deadlines
from bot.reviews.permissions import Roster
from bot.reviews.policy import Policy

BOT, CHANNEL = "UBOT", "C1"
MEMBERS = {CHANNEL: frozenset({"UA", BOT}), "SONE": frozenset({"UA"}), "STWO": frozenset({"UA", "UB"})}
FOUR_EYES = frozenset({"reject", "approve"})


@pytest.mark.parametrize(
    ("roster", "who"),
    [
        (Roster(reviewers=frozenset({"UA"})), "only one person"),
        (Roster(reviewers=frozenset({"UA"}), lead_groups=frozenset({"SONE"})), "only one person"),
        (Roster(channel=CHANNEL), "only one person"),
        (Roster(channel="CEMPTY"), "no one"),
    ],
    ids=["named", "the same person twice", "channel", "empty channel"],
)
def test_four_eyes_need_two_people(roster: Roster, who: str) -> None:
    """The bot itself is a member of the channel, and reviews nothing."""
    (line,) = queue_lines("user", Policy(roster, four_eyes=FOUR_EYES), MEMBERS, BOT)
    assert (line.check, line.state) == ("queue user", State.FAILED)
    assert line.message == (
        f"four_eyes needs two people, but {who} can review: no one could confirm approve, reject"
    )
    assert line.advice == (
        "name more reviewers or leads under [queues.user], or take the outcomes out of four_eyes"
    )


@pytest.mark.parametrize(
    "roster",
    [
        Roster(reviewers=frozenset({"UA", "UB"})),
        Roster(reviewers=frozenset({"UA"}), leads=frozenset({"UL"})),
        Roster(reviewer_groups=frozenset({"STWO"})),
        Roster(channel=CHANNEL, leads=frozenset({"UL"})),
    ],
)
def test_two_people_are_enough(roster: Roster) -> None:
    """A lead is one of them."""
    assert list(queue_lines("user", Policy(roster, four_eyes=FOUR_EYES), MEMBERS, BOT)) == []


def test_an_escalation_needs_leads() -> None:
    """An empty group of leads is nobody, too."""
    deadlines = Deadlines(claim_within_ms=1_000, escalate_after_ms=1_000)
    for roster in (Roster(channel=CHANNEL), Roster(channel=CHANNEL, lead_groups=frozenset({"SEMPTY"}))):
        (line,) = queue_lines("related-party", Policy(roster, deadlines=deadlines), MEMBERS, BOT)
        assert (line.check, line.state) == ("queue related-party", State.FAILED)
        assert line.message == "escalate_after is set, but the queue has no leads to notify"
        assert line.advice == "name leads under [queues.related-party], or remove escalate_after"
    with_leads = Roster(channel=CHANNEL, lead_groups=frozenset({"SONE"}))
    assert list(queue_lines("user", Policy(with_leads, deadlines=deadlines), MEMBERS, BOT)) == []
