"""Search a channel's history or a thread for our own messages; simultaneous searches share one reading.

conversations.history is in tier 3 (about 50 calls a minute): a hundred cards with an open question must not read the
same pages a hundred times.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from bot.clock import Clock
from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import Place, SlackClient
from bot.slack.messages.metadata import is_newer, keys

MARGIN_S = 60.0
"""How exactly Slack's clock is known from ours: the reading begins earlier and ends later."""

LONGEST_SHARED_S = 600.0
"""Searches are shared only if they are this close together: at Slack's own pace that is forty pages."""

BESIDE_S = 30.0
"""A shared reading covers so much more before and after: those who ask next were sent at about the same time."""

PAGES = 100
"""A reading that is longer counts as failed; at Slack's own pace one is ten pages."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time by our clock, in milliseconds."""

    begin: int
    end: int

    def covers(self, other: "Window") -> bool:
        """Whether the other lies within this one."""
        return self.begin <= other.begin and other.end <= self.end


@dataclass(frozen=True, slots=True)
class _Reading:
    began_at: int
    window: Window
    found: dict[str, str]


class ChannelSearch:
    """Finds messages by the key in their metadata."""

    def __init__(self, slack_client: SlackClient, clock: Clock) -> None:
        self._slack_client = slack_client
        self._clock = clock
        self._locks: defaultdict[Place, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._wanted: defaultdict[Place, list[Window]] = defaultdict(list)
        self._newest: dict[Place, _Reading] = {}

    async def find(
        self, place: Place, key: str, window: Window, not_before: int, newer_than: str | None = None
    ) -> str | CallResult | None:
        """The `ts` of the bot's message of that time, None if there certainly is none, or how the reading failed.

        Only a reading that began at `not_before` (milliseconds) or later counts: an earlier one could have missed what
        Slack accepted late. `newer_than` is a former message with the same key.
        """
        wanted = self._wanted[place]
        wanted.append(window)
        try:
            async with self._locks[place]:
                reading = self._newest.get(place)
                if reading is None or reading.began_at < not_before or not reading.window.covers(window):
                    read = await self._read(place, self._shared(window, wanted))
                    if isinstance(read, CallResult):
                        return read
                    reading = self._newest[place] = read
        finally:
            wanted.remove(window)
            if not wanted and place.thread_ts is not None:
                self._forget(place)
        found = reading.found.get(key)
        return found if found is not None and is_newer(found, newer_than) else None

    def _forget(self, place: Place) -> None:
        """There are as many threads as reviews: drop what is kept of a thread once no one asks about it."""
        for kept in (self._wanted, self._locks, self._newest):
            kept.pop(place, None)

    def _shared(self, window: Window, wanted: list[Window]) -> Window:
        """Read up to now for everyone who is asking, and a little beside, so it also serves those who ask next."""
        begin = min(each.begin for each in wanted)
        end = max(self._clock(), *(each.end for each in wanted))
        if end - begin > LONGEST_SHARED_S * 1000:
            return window
        beside = int(BESIDE_S * 1000)
        return Window(begin - beside, end + beside)

    async def _read(self, place: Place, window: Window) -> _Reading | CallResult:
        began_at = self._clock()
        if self._slack_client.clock_offset_s is None:
            await self._slack_client.test_token()
        offset_s = self._slack_client.clock_offset_s or 0.0
        # Our clock may have been set right (or wrong) since the attempt: both readings of its time are covered.
        oldest_s = window.begin / 1000 + min(0.0, offset_s) - MARGIN_S
        latest_s = window.end / 1000 + max(0.0, offset_s) + MARGIN_S
        found: dict[str, str] = {}
        cursor = ""
        for _ in range(PAGES):
            page = await self._slack_client.history(place, oldest_s, latest_s, cursor)
            if isinstance(page, CallResult):
                return page
            # Pages of a channel come newest first, pages of a thread oldest first.
            found |= {key: ts for key, ts in keys(page.messages).items() if is_newer(ts, found.get(key))}
            cursor = page.cursor
            if not cursor:
                return _Reading(began_at, window, found)
        return CallResult(ResultKind.NOT_DONE, "history_too_long")
