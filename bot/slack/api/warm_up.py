"""Keeps what Slack says about probable clickers fresh, so their clicks wait for nothing.

users.info is in tier 4: about 100 calls a minute (https://docs.slack.dev/apis/web-api/rate-limits). Half are left
to people who click and are not known yet.
"""

import asyncio

from bot.clock import Clock
from bot.slack.api.users import UserDirectory

ASKED_PER_SECOND = 50 / 60
PAUSE_S = 10.0
"""Between two rounds."""


class WarmUp:
    """Looks up one person at a time, until cancelled; `pace` is SLACK_POSTS_PER_SECOND, which scales every pace."""

    def __init__(self, directory: UserDirectory, clock: Clock, pace: float) -> None:
        self._directory = directory
        self._clock = clock
        self._pause_s = 1 / (ASKED_PER_SECOND * pace)

    async def run(self) -> None:
        """Keep looking up everyone whose answer has reached half of its maximum age."""
        while True:
            for person in await self._directory.likely():
                if await self._directory.refresh(person):
                    await asyncio.sleep(max(self._pause_s, self._limited_s()))
            await asyncio.sleep(PAUSE_S)

    def _limited_s(self) -> float:
        return (self._directory.limited_until - self._clock()) / 1000
