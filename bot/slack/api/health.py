"""Whether Slack lets the bot work: token, scopes, clock and channels, checked at the start and every few minutes."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from bot.outage_log import OutageLog
from bot.slack.api.call_results import ResultKind
from bot.slack.api.client import SlackClient
from bot.slack.api.scopes import NEEDED

CHECK_EVERY_S = 300.0
CHECK_AGAIN_S = 30.0
"""While something is wrong."""

MOST_SKEW_S = 60.0
"""Slack's signatures are refused when they are 300 s away."""

_log = structlog.get_logger(__name__)


class SlackHealth:
    """What is known about the token and the channels; problems are one line each, for operators."""

    def __init__(self, slack_client: SlackClient, channels: Sequence[str]) -> None:
        self._slack_client = slack_client
        self._channels = tuple(dict.fromkeys(channels))
        self._asked_again = asyncio.Event()
        self._checked = asyncio.Event()
        self._outage = OutageLog(_log, "slack_token_check_failed", "slack_token_check_succeeded")
        self._clock_was_wrong = False
        self.checked_once = asyncio.Event()
        """Set once Slack has been asked for the first time."""
        self.workspace = ""
        """The workspace's name and id, once Slack has named it."""
        self.token_problem: str | None = "Slack has not confirmed it yet"  # noqa: S105 - words, no secret
        self.token_refused = False
        self.channel_problems: dict[str, str] = {}
        self.channel_warnings: dict[str, str] = {}
        self.scopes_missing: tuple[str, ...] = ()
        self.permissions_missing: set[str] = set()
        """Refusals for one method only: the error code, and after a colon the scope that it needs."""

    @property
    def clock_problem(self) -> str | None:
        """What is wrong with this machine's clock, by the newest of Slack's answers."""
        offset_s = self._slack_client.clock_offset_s
        return None if offset_s is None or abs(offset_s) < MOST_SKEW_S else skew(offset_s)

    async def watch(self) -> None:
        """Ask until cancelled: every five minutes, every half minute while something is wrong."""
        while True:
            await self.check()
            self.checked_once.set()
            self._checked.set()
            self._asked_again.clear()
            is_wrong = (
                self.token_problem
                or self.channel_problems
                or self.scopes_missing
                or self.permissions_missing
                or self.clock_problem
            )
            wait_s = CHECK_AGAIN_S if is_wrong else CHECK_EVERY_S
            try:
                async with asyncio.timeout(wait_s):
                    await self._asked_again.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(CHECK_AGAIN_S)

    async def next_check(self) -> None:
        """Wait until a check has ended since the last call of this; one caller only."""
        await self._checked.wait()
        self._checked.clear()

    def miss_permission(self, cause: str) -> None:
        """A call was refused because the token lacks a permission for its method; everything else continues."""
        if cause not in self.permissions_missing:
            _, _, needed = cause.partition(":")
            advice = f"add the scope {needed or 'that the method needs'} and reinstall the app"
            _log.error("slack_permission_missing", error=cause, advice=advice)
        self.permissions_missing.add(cause)
        self._asked_again.set()

    def doubt_channel(self) -> None:
        """A channel refused a message: check soon, and then often until it is healthy again."""
        self._asked_again.set()

    def has_permission(self, cause: str) -> None:
        """What was refused for this cause works again."""
        self.permissions_missing.discard(cause)

    def lacks_permission(self, cause: str) -> bool:
        """Whether Slack's newest answer shows that the scope for this cause is still missing."""
        granted, needed = self._slack_client.granted_scopes, cause.partition(":")[2]
        return bool(needed) and granted is not None and not granted.intersection(needed.split(","))

    def refuse_token(self, error: str) -> None:
        """A call was refused because of the token: nothing is sent until Slack confirms it again."""
        if not self.token_refused:
            _log.error("slack_token_refused", error=error, advice="check SLACK_BOT_TOKEN")
        self.token_refused = True
        self.token_problem = f"Slack rejected the token: {error}"
        self._asked_again.set()

    async def check(self) -> None:
        """Ask Slack once about the token and every channel."""
        result = await self._slack_client.test_token()
        if result.kind is ResultKind.TOKEN_WRONG:
            self.refuse_token(result.error)
            return
        if result.kind is not ResultKind.DONE:
            self._outage.failed(error=result.error)
            return
        self._outage.recovered()
        self.workspace = workspace_name(result.answer)
        if self.token_problem is not None:
            _log.info("slack_token_confirmed", team=result.answer.get("team_id"))
        self.token_problem = None
        self.token_refused = False
        self._check_scopes()
        problem = self.clock_problem
        if problem is not None and not self._clock_was_wrong:
            _log.error("clock_wrong", problem=problem, advice="synchronise the machine's clock (NTP)")
        self._clock_was_wrong = problem is not None
        for channel in self._channels:
            await self._check_channel(channel)

    def _check_scopes(self) -> None:
        missing = missing_scopes(self._slack_client.granted_scopes)
        if missing and missing != self.scopes_missing:
            advice = "add them under 'OAuth & Permissions' and reinstall the app"
            _log.error("slack_scopes_missing", scopes=missing, advice=advice)
        self.scopes_missing = missing
        if self._slack_client.granted_scopes is not None:
            # Otherwise only a call that succeeds shows it.
            still = {cause for cause in self.permissions_missing if self.lacks_permission(cause)}
            without_scope = {cause for cause in self.permissions_missing if ":" not in cause}
            self.permissions_missing = still | without_scope

    async def _check_channel(self, channel: str) -> None:
        result = await self._slack_client.channel_info(channel)
        details = result.answer.get("channel")
        if isinstance(details, dict):
            self._warn_of_readers(channel, exposure(details))
        problem = None
        if result.kind is ResultKind.CHANNEL_WRONG:
            problem = result.error
        elif isinstance(details, dict) and details.get("is_archived"):
            problem = "is_archived"
        elif isinstance(details, dict) and details.get("is_member") is False:
            problem = "not_in_channel"
        if problem is None:
            # Anything else, such as a missing scope for asking, says nothing about posting.
            self.channel_problems.pop(channel, None)
        elif self.channel_problems.get(channel) != problem:
            self.channel_problems[channel] = problem
            _log.error(
                "slack_channel_check_failed", channel=channel, error=problem, advice=_ADVICE.get(problem, ASK)
            )

    def _warn_of_readers(self, channel: str, warning: str) -> None:
        if warning and warning != self.channel_warnings.get(channel):
            _log.warning("channel_exposed", channel=channel, problem=warning, advice=EXPOSED_ADVICE)
        self.channel_warnings.pop(channel, None)
        if warning:
            self.channel_warnings[channel] = warning


def workspace_name(answer: Mapping[str, object]) -> str:
    """The workspace's name and id, from auth.test."""
    return " ".join(str(answer[name]) for name in ("team", "team_id") if answer.get(name))


def exposure(details: Mapping[str, object]) -> str:
    """Who can read a channel besides its invited members, from conversations.info; empty for no one."""
    parts = []
    if details.get("is_private") is False and not details.get("is_im"):
        parts.append("public")
    if details.get("is_ext_shared"):
        parts.append("shared with another company")
    return " and ".join(parts)


def missing_scopes(granted: frozenset[str] | None) -> tuple[str, ...]:
    """Which scopes the token lacks, of those that the bot needs; none where Slack didn't say what was granted."""
    return () if granted is None else tuple(scope for scope in NEEDED if scope not in granted)


def skew(offset_s: float) -> str:
    """How far this machine's clock is off, in words."""
    return f"{abs(offset_s):.0f} s {'behind' if offset_s > 0 else 'ahead of'} Slack's"


EXPOSED_ADVICE = "use a private channel of your own workspace"
ASK = "ask the workspace's administrators"
_ADVICE = {
    "channel_not_found": "check the channel's id; invite the bot if the channel is private",
    "is_archived": "unarchive the channel or set another one",
    "not_in_channel": "invite the bot to the channel",
}
