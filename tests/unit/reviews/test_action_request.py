"""What is known of the person who asks, and how a request is recognised when it comes again."""

from dataclasses import replace
from typing import Any

import pytest

from bot.reviews.action_request import Actor, Authority
from bot.reviews.permissions import Membership, Roster
from bot.reviews.policy import NO_POLICY, Policy
from bot.reviews.review import Action
from tests.support.actions import action_request

USERS = Policy(
    Roster(
        reviewers=frozenset({"UANNA", "UBORIS"}), leads=frozenset({"ULEA"}), lead_groups=frozenset({"SLEADS"})
    )
)
PARTIES = Policy(Roster(reviewers=frozenset({"UBORIS", "UDAN"}), leads=frozenset({"ULEA"})))
QUEUES = Authority(policies={"user": USERS, "related-party": PARTIES})


@pytest.mark.parametrize(
    ("person", "queues"),
    [
        ("UANNA", ["user"]),
        ("UDAN", ["related-party"]),
        ("UBORIS", ["user", "related-party"]),
        ("ULEA", ["user", "related-party"]),
        ("USTRANGER", []),
    ],
)
def test_people_work_on_the_queues_whose_policy_names_them(person: str, queues: list[str]) -> None:
    """As reviewers or as leads."""
    assert QUEUES.queues_of(person) == queues


@pytest.mark.parametrize("membership", [each for each in Membership if each is not Membership.MEMBER])
def test_only_a_member_works_on_a_queue(membership: Membership) -> None:
    """A person whom a policy names can have left since."""
    authority = replace(QUEUES, membership=membership)
    assert authority.queues_of("UBORIS") == []
    assert not authority.shares_queue("UBORIS", "UANNA")


@pytest.mark.parametrize(
    ("person", "other", "is_shared"),
    [
        ("UANNA", "UBORIS", True),
        ("UBORIS", "UDAN", True),
        ("UANNA", "UDAN", False),
        ("UANNA", "USTRANGER", False),
        ("USTRANGER", "UANNA", False),
    ],
)
def test_two_people_share_a_queue_that_both_work_on(person: str, other: str, *, is_shared: bool) -> None:
    """One queue is enough; that each works on some queue isn't."""
    assert QUEUES.shares_queue(person, other) is is_shared


def test_the_people_who_can_review_are_listed_once() -> None:
    """In the order of the queues, groups before people."""
    assert QUEUES.who_can_review() == ("SLEADS", "UANNA", "UBORIS", "ULEA", "UDAN")
    assert Authority().who_can_review() == ()


def test_one_group_that_could_not_be_looked_up_leaves_the_answer_open() -> None:
    """The members of every group have to be known."""
    assert not QUEUES.is_complete
    roster = replace(USERS.roster, members={"SLEADS": frozenset({"UX"})})
    known = replace(QUEUES, policies={"user": replace(USERS, roster=roster), "related-party": PARTIES})
    assert known.is_complete


def test_a_queue_has_its_own_policy() -> None:
    """One that is not configured has the policy that allows nothing."""
    assert QUEUES.policy("related-party") is PARTIES
    assert QUEUES.policy("company") is NO_POLICY


PRESS = action_request(Action.CLAIM, "UANNA", request_id="trigger-1")


def test_a_request_that_is_delivered_again_has_the_same_key() -> None:
    """Whenever Slack delivers it. Keys are stored, so a new version of the bot must not change them."""
    assert PRESS.key == "6a8be5fe832829af027574bb58533be9"
    assert replace(PRESS, requested_at=99_000, seen_revision=4, channel="C1").key == PRESS.key


@pytest.mark.parametrize(
    "changes", [{"request_id": "trigger-2"}, {"action": Action.RELEASE}, {"actor": Actor("UBORIS")}]
)
def test_another_request_has_another_key(changes: dict[str, Any]) -> None:
    """Person, action and id each count."""
    assert replace(PRESS, **changes).key not in ("", PRESS.key)


def test_a_request_without_an_id_has_no_key() -> None:
    """It can't be delivered again."""
    assert replace(PRESS, request_id="").key == ""
