"""Whether Slack lets us work: the token and the channels, asked at the start and again and again."""

import asyncio
from collections.abc import Sequence

import structlog

from bot.slack.gateway import Gateway
from bot.slack.outcomes import Ending

CHECK_EVERY_S = 300.0
CHECK_AGAIN_S = 30.0
"""While something is wrong."""

_log = structlog.get_logger(__name__)


class SlackHealth:
    """What is known about the token and the channels; problems are one line each, for operators."""

    def __init__(self, gateway: Gateway, channels: Sequence[str]) -> None:
        self._gateway = gateway
        self._channels = tuple(dict.fromkeys(channels))
        self._asked_again = asyncio.Event()
        self.token_problem: str | None = "Slack has not confirmed it yet"  # noqa: S105 - words, no secret
        self.token_refused = False
        self.channel_problems: dict[str, str] = {}

    async def watch(self) -> None:
        """Ask until cancelled: every five minutes, every half minute while something is wrong."""
        while True:
            await self.check()
            self._asked_again.clear()
            wait_s = CHECK_AGAIN_S if self.token_problem or self.channel_problems else CHECK_EVERY_S
            try:
                async with asyncio.timeout(wait_s):
                    await self._asked_again.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(CHECK_AGAIN_S)

    def refuse_token(self, error: str) -> None:
        """A call was refused for the token's sake: nothing is sent until Slack confirms it again."""
        if not self.token_refused:
            _log.error(
                "slack_token_refused", error=error, advice="check SLACK_BOT_TOKEN and the app's scopes"
            )
        self.token_refused = True
        self.token_problem = f"Slack refuses the token: {error}"
        self._asked_again.set()

    async def check(self) -> None:
        """Ask Slack once about the token and every channel."""
        result = await self._gateway.test_token()
        if result.ending is Ending.TOKEN_WRONG:
            self.refuse_token(result.error)
            return
        if result.ending is not Ending.DONE:
            _log.warning("slack_token_not_confirmed", error=result.error)
            return
        if self.token_problem is not None:
            _log.info("slack_token_confirmed", team=result.answer.get("team_id"))
        self.token_problem = None
        self.token_refused = False
        for channel in self._channels:
            await self._check_channel(channel)

    async def _check_channel(self, channel: str) -> None:
        result = await self._gateway.channel(channel)
        details = result.answer.get("channel")
        problem = None
        if result.ending is Ending.CHANNEL_WRONG:
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
                "slack_channel_unusable", channel=channel, error=problem, advice=_ADVICE.get(problem, ASK)
            )


ASK = "ask the workspace's administrators"
_ADVICE = {
    "channel_not_found": "check the channel's id; invite the bot if the channel is private",
    "is_archived": "unarchive the channel or set another one",
    "not_in_channel": "invite the bot to the channel",
}
