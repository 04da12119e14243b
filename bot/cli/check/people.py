"""What `check` says about the people of the queues: does Slack know them, and are they enough for the queue's rules?"""

from collections.abc import AsyncIterator, Iterator, Mapping

from bot.cli.check.line import CheckLine, failed, passed, skipped
from bot.cli.check.refusal import refused
from bot.reviews.permissions import Roster
from bot.reviews.policy import Policy
from bot.slack.api.call_results import NOT_OFFERED, ResultKind
from bot.slack.api.client import SlackClient

CHECK = "people"

Members = dict[str, frozenset[str]]
"""The people in each user group and, where no reviewers are named, in the queue's channel."""


async def people_lines(
    slack_client: SlackClient, policies: Mapping[str, Policy], *, is_trusting: bool, bot: str
) -> AsyncIterator[CheckLine]:
    """Yield a line about the people, and one for each rule of a queue that they are too few for.

    `bot` is the bot's own user id, which is a member of its channels.
    """
    members = await _members(slack_client, [policy.roster for policy in policies.values()])
    if isinstance(members, CheckLine):
        yield members
        return
    people = sorted(
        {person for each in policies.values() for person in each.roster.reviewers | each.roster.leads}
    )
    problem = await _person_problem(slack_client, people, is_trusting=is_trusting)
    yield problem or _known(policies, people, members, bot)
    if problem is None:
        for queue, policy in policies.items():
            for line in queue_lines(queue, policy, members, bot):
                yield line


def queue_lines(queue: str, policy: Policy, members: Members, bot: str) -> Iterator[CheckLine]:
    """Yield a line for each rule of a queue that too few people can follow."""
    roster, where = policy.roster, f"[queues.{queue}]"
    count = len(_who_can_review(roster, members) - {bot})
    if policy.four_eyes and count < 2:  # noqa: PLR2004 - two pairs of eyes
        who = "no one" if not count else "only one person"
        outcomes = ", ".join(sorted(policy.four_eyes))
        yield failed(
            f"queue {queue}",
            f"four_eyes needs two people, but {who} can review: no one could confirm {outcomes}",
            f"name more reviewers or leads under {where}, or take the outcomes out of four_eyes",
        )
    has_leads = roster.leads or any(members.get(group) for group in roster.lead_groups)
    if policy.deadlines.escalate_after_ms is not None and not has_leads:
        yield failed(
            f"queue {queue}",
            "escalate_after is set, but the queue has no leads to notify",
            f"name leads under {where}, or remove escalate_after",
        )


def _who_can_review(roster: Roster, members: Members) -> frozenset[str]:
    named = roster.reviewers | roster.leads
    return named.union(*(members.get(each, frozenset()) for each in roster.looked_up))


async def _members(slack_client: SlackClient, rosters: list[Roster]) -> Members | CheckLine:
    """Look up the members of every group and channel that decides who can review, or say what to report."""
    members: Members = {}
    for group in sorted(set().union(*(each.reviewer_groups | each.lead_groups for each in rosters))):
        result = await slack_client.group_members(group)
        if result.kind is not ResultKind.DONE:
            return refused(slack_client, CHECK, group, result)
        members[group] = frozenset(result.answer.get("users") or ())
    for channel in sorted({each.channel for each in rosters if each.is_for_channel}):
        result = await slack_client.channel_members(channel)
        if result.kind is ResultKind.CHANNEL_WRONG:
            return skipped(CHECK, f"members of {channel}: {result.error}", "fix the channel first")
        if result.kind is not ResultKind.DONE:
            return refused(slack_client, CHECK, f"members of {channel}", result)
        members[channel] = frozenset(result.answer["members"])
    return members


async def _person_problem(
    slack_client: SlackClient, people: list[str], *, is_trusting: bool
) -> CheckLine | None:
    """Look up each named person: one whom Slack doesn't know could never claim anything."""
    for person in people:
        result = await slack_client.user_info(person)
        if result.error in NOT_OFFERED:
            return _no_users_info(result.error, is_trusting=is_trusting)
        if result.kind is not ResultKind.DONE:
            return refused(slack_client, CHECK, person, result)
        if (result.answer.get("user") or {}).get("deleted"):
            return failed(CHECK, f"{person} is deactivated", "remove the id from the file")
    return None


def _no_users_info(error: str, *, is_trusting: bool) -> CheckLine:
    if is_trusting:
        what = f"not checked: users.info: {error}; guests and deactivated accounts can act"
        return skipped(CHECK, what, "SLACK_WITHOUT_USERS_INFO is set")
    advice = "use a server that offers users.info, or set SLACK_WITHOUT_USERS_INFO=1 to let everyone act"
    return failed(CHECK, f"no one can act: users.info: {error}", advice)


def _known(policies: Mapping[str, Policy], people: list[str], members: Members, bot: str) -> CheckLine:
    channels = {each.roster.channel for each in policies.values() if each.roster.is_for_channel}
    groups = len(members.keys() - channels)
    known = f"{len(people)} people and {groups} user groups are known to Slack"
    of_channels = frozenset().union(*(members[channel] for channel in channels)) - {bot}
    if not channels:
        return passed(CHECK, known)
    open_to = f"where no reviewers are named, the channel's members can claim ({len(of_channels)})"
    return passed(CHECK, f"{known}; {open_to}" if groups or people else open_to)
