"""Who people are, and who is in which user group or channel, according to Slack; looked up when needed and cached.

A click is never decided by an old answer from Slack: it counts for five minutes, or for an hour while Slack can't be
reached. After that, no one can act until Slack answers (https://docs.slack.dev/reference/methods/users.info,
https://docs.slack.dev/reference/methods/usergroups.users.list,
https://docs.slack.dev/reference/methods/conversations.members).
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace

import structlog

from bot.clock import Clock
from bot.outage_log import OutageLog
from bot.reviews.action_request import Actor, Authority
from bot.reviews.permissions import Absence, Membership
from bot.reviews.policy import Policy
from bot.slack.api.cache import FRESH_S, Cache
from bot.slack.api.call_results import NOT_OFFERED, CallResult, ResultKind
from bot.slack.api.client import SlackClient
from bot.slack.api.membership import (
    Person,
    Workspace,
    absence_in,
    differs,
    is_elsewhere,
    membership_in,
    name_in,
)
from bot.slack.api.patience import patiently

KEPT_FRESH = 200
"""People at most whose answers are renewed before they click: at 50 a minute that takes four minutes."""

WORKSPACE_AGAIN_S = 10.0
"""How often a request that seems to come from another workspace can make the bot look up whose token it has."""

JOINED_S = 5.0
"""How often people who are not in a queue's channel can make the bot look up its members again."""

_UNKNOWN_PEOPLE = frozenset({"user_not_found", "user_not_visible"})

_log = structlog.get_logger(__name__)


class UserDirectory:
    """Answers questions about people.

    `queues` are the policies of the queues as they are configured. With `is_trusting`, everyone counts as a member of
    the workspace if the server at SLACK_API_URL does not offer users.info.
    """

    def __init__(
        self,
        slack_client: SlackClient,
        clock: Clock,
        queues: Mapping[str, Policy],
        *,
        is_trusting: bool = False,
    ) -> None:
        self._slack_client = slack_client
        self.configured = queues
        self._is_trusting = is_trusting
        self._workspace: Workspace | None = None
        self._outages: dict[str, OutageLog] = {}
        self._problems: dict[str, str] = {}
        self._clock = clock
        self._workspace_asked_at = 0
        self._asking_workspace = asyncio.Lock()
        self.limited_until = 0
        """Until when Slack asked not to ask about people (milliseconds); 0 if it did not."""
        self._away: dict[str, Absence] = {}
        self._people = Cache[Person](clock, self._ask_person)
        self._groups = Cache[frozenset[str]](clock, self._ask_members)
        self._looked_up = sorted({id_ for each in queues.values() for id_ in each.roster.looked_up if id_})
        # Made again only when someone joins, leaves, goes away or comes back: every click needs them.
        self._known: tuple[Mapping[str, frozenset[str]], Mapping[str, Absence]] = {}, {}
        self._policies: Mapping[str, Policy] = queues

    async def likely(self) -> list[str]:
        """The people who probably click next: those named for a queue, or else the members of its channel."""
        policies = await self.policies()
        return sorted(set().union(*(policy.roster.known_people for policy in policies.values())))[:KEPT_FRESH]

    async def refresh(self, person: str) -> bool:
        """Ask about a person before the answer is too old for a click; whether Slack was asked."""
        return await self._people.refresh(person, FRESH_S / 2)

    async def close(self) -> None:
        """Stop asking."""
        await asyncio.gather(self._people.close(), self._groups.close())

    async def policies_for(self, people: Collection[str]) -> Mapping[str, Policy]:
        """The same for deciding what these people can do, who may have joined a queue's channel a moment ago."""
        policies = await self.policies()
        channels = {
            roster.channel
            for roster in (policy.roster for policy in policies.values())
            if roster.is_for_channel and roster.is_known and not all(map(roster.may_review, people))
        }
        if not channels:
            return policies
        await asyncio.gather(*(self._groups.refresh(each, JOINED_S) for each in sorted(channels)))
        # Read again even if no one was asked for these people: another click can have asked in the meantime.
        return await self.policies()

    async def policies(self) -> Mapping[str, Policy]:
        """The policy of every queue, with the members of its groups, or its channel, as far as they are known now.

        Who is away comes from Slack's last answer: no one waits for that.
        """
        members = await self._groups.get_all(self._looked_up)
        now = self._clock()
        away = {who: each for who, each in self._away.items() if each.until is None or each.until > now}
        if self._known != (members, away):
            self._known = members, away
            self._policies = {
                queue: replace(policy, roster=replace(policy.roster, members=members, away=away))
                for queue, policy in self.configured.items()
            }
        return self._policies

    async def membership(self, person: str) -> Membership:
        """What Slack says about a person; UNKNOWN if it can't be reached."""
        known = await self._people.get(person)
        return known.membership if known else Membership.UNKNOWN

    async def names_of(self, people: Collection[str]) -> dict[str, str]:
        """The names of these people as Slack says them now; none for a person whom it does not name."""
        known = await self._people.get_all(people)
        return {person: each.name for person, each in known.items() if each.name}

    async def membership_of(self, actor: Actor) -> Membership:
        """The same for the sender of a request, which must also come from the bot's workspace and for its app.

        The workspace can join an organisation while the bot runs, so look it up again before refusing.
        """
        before = self._workspace
        membership = await self._membership_of(actor)
        if membership is Membership.OUTSIDER and await self._workspace_changed(before):
            return await self._membership_of(actor)
        return membership

    async def _workspace_changed(self, before: Workspace | None) -> bool:
        """Whether Slack says something else than `before` by now; requests at the same time share one look-up."""
        async with self._asking_workspace:
            is_recent = abs(self._clock() - self._workspace_asked_at) < WORKSPACE_AGAIN_S * 1000
            if self._workspace == before and not is_recent:
                workspace = await self._ask_workspace()
                if workspace is not None and workspace != before:
                    self._workspace = workspace
                    self._people.forget()
            return self._workspace != before

    async def _membership_of(self, actor: Actor) -> Membership:
        workspace = await self._own_workspace()
        if workspace is None:
            return Membership.UNKNOWN
        if differs(actor.app_id, workspace.app_id) or is_elsewhere(actor, workspace):
            return Membership.OUTSIDER
        membership = await self.membership(actor.person)
        is_foreign = differs(actor.team_id, workspace.team_id) and not workspace.enterprise_id
        return Membership.OUTSIDER if membership is Membership.MEMBER and is_foreign else membership

    async def authority_of(self, person: str) -> Authority:
        """What a person can do now; nothing else is asked about people who are not members."""
        membership = await self.membership(person)
        if membership is not Membership.MEMBER:
            return Authority(membership, Membership.UNKNOWN, self.configured)
        return Authority(membership, Membership.UNKNOWN, await self.policies_for([person]))

    @property
    def problem(self) -> str | None:
        """Why no unknown person can act: the question that Slack refuses to answer."""
        return next(iter(self._problems.values()), None)

    @property
    def warning(self) -> str | None:
        """What an operator has accepted and should not forget; None if people are checked as usual."""
        if not self._is_trusting:
            return None
        return "SLACK_WITHOUT_USERS_INFO is set: guests and deactivated accounts can act if users.info is missing"

    @property
    def workspace_url(self) -> str:
        """Where the workspace is on the web, with a slash at the end; empty until Slack has returned a plain one."""
        return self._workspace.plain_url if self._workspace else ""

    async def _own_workspace(self) -> Workspace | None:
        if self._workspace is None:
            self._workspace = await self._ask_workspace()
        return self._workspace

    async def _ask_workspace(self) -> Workspace | None:
        self._workspace_asked_at = self._clock()
        result = await self._slack_client.test_token()
        if result.kind is not ResultKind.DONE:
            return None
        told = {name: str(result.answer.get(name) or "") for name in ("team_id", "enterprise_id", "url")}
        app_id = result.answer.get("app_id") or await self._app_of(result.answer.get("bot_id"))
        return Workspace(app_id=str(app_id), **told)

    def _learn(self, question: str, result: CallResult) -> None:
        """What an operator must fix, such as a missing scope; a short outage of Slack is not such a problem."""
        if (
            result.kind in (ResultKind.WAIT, ResultKind.UNKNOWN, ResultKind.AWAY)
            and result.error not in NOT_OFFERED
        ):
            return
        self._problems.pop(question, None)
        if result.kind is ResultKind.DONE and question in self._outages:
            self._outages[question].recovered(question=question)
        if question == "users.info" and result.error in NOT_OFFERED and self._is_trusting:
            return
        if result.kind is not ResultKind.DONE and result.error not in _UNKNOWN_PEOPLE:
            self._problems[question] = f"{question}: {result.cause}"

    def _failed(self, question: str, event: str, level: str = "error", **fields: object) -> None:
        """Log that a question is not answered: once, until it is again."""
        outage = OutageLog(_log, f"{event}_failed", f"{event}_recovered")
        self._outages.setdefault(question, outage).failed(level, **fields)

    async def _app_of(self, bot_id: object) -> str:
        """The app behind our token, which auth.test seldom names; empty if Slack doesn't name it here either.

        Then the app is not compared: a request that our signing secret fits is from our app all the same
        (https://docs.slack.dev/reference/methods/bots.info).
        """
        if not isinstance(bot_id, str):
            return ""
        result = await self._slack_client.bot_info(bot_id)
        bot = result.answer.get("bot")
        if isinstance(bot, Mapping) and isinstance(bot.get("app_id"), str):
            return str(bot["app_id"])
        _log.warning("app_lookup_failed", error=result.error or "answer_without_app_id")
        return ""

    async def _ask_person(self, person: str) -> Person | None:
        result = await patiently(lambda: self._slack_client.user_info(person))
        # Only now: the workspace can have changed while Slack answered.
        workspace = await self._own_workspace()
        self._learn("users.info", result)
        if result.kind is ResultKind.WAIT:
            self.limited_until = self._clock() + int(result.retry_after_s * 1000)
        if result.kind is ResultKind.DONE:
            user = result.answer.get("user")
            if isinstance(user, Mapping) and user.get("id") == person:
                self._note_absence(person, absence_in(user))
                return Person(membership_in(user, workspace or Workspace()), name_in(user))
            self._problems["users.info"] = "users.info: the answer is not about the person"
            _log.error("user_lookup_failed", person=person, error="answer_about_another_user")
            return None
        if result.error in NOT_OFFERED and self._is_trusting:
            return Person(Membership.MEMBER)
        if result.error in _UNKNOWN_PEOPLE:
            return Person(Membership.OUTSIDER)
        self._failed("users.info", "user_lookup", "warning", person=person, error=result.error)
        return None

    def _note_absence(self, person: str, absence: Absence | None) -> None:
        if absence is None:
            self._away.pop(person, None)
        else:
            self._away[person] = absence

    async def _ask_members(self, group_or_channel: str) -> frozenset[str] | None:
        is_group = group_or_channel.startswith("S")
        return await (self._ask_group if is_group else self._ask_channel)(group_or_channel)

    async def _ask_channel(self, channel: str) -> frozenset[str] | None:
        result = await patiently(lambda: self._slack_client.channel_members(channel))
        self._learn(f"conversations.members of {channel}", result)
        if result.kind is ResultKind.DONE:
            return frozenset(result.answer["members"])
        self._failed(
            f"conversations.members of {channel}",
            "channel_members_lookup",
            channel=channel,
            error=result.cause,
            advice="invite the bot and grant channels:read and groups:read, or name the queue's reviewers in the file",
        )
        return None

    async def _ask_group(self, group: str) -> frozenset[str] | None:
        result = await patiently(lambda: self._slack_client.group_members(group))
        self._learn(f"usergroups.users.list of {group}", result)
        people = result.answer.get("users")
        if result.kind is ResultKind.DONE and isinstance(people, list):
            return frozenset(person for person in people if isinstance(person, str))
        self._failed(
            f"usergroups.users.list of {group}",
            "user_group_lookup",
            group=group,
            error=result.error or "answer_without_users",
            advice="check the group's id in the file and the scope usergroups:read; on a plan without user groups "
            "name people by their ids",
        )
        return None
