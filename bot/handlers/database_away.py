"""The database is away or can't be written: operators are notified without it, and again once it is back."""

import asyncio
from collections.abc import Callable

import structlog

from bot.clock import Clock
from bot.outage_log import OutageLog
from bot.slack.api.call_results import ResultKind
from bot.slack.api.client import Message, Place, SlackClient
from bot.slack.messages.ops_alert import database_away, database_back
from bot.store.errors import StoreBusy, StoreClosing, StoreUnavailable
from bot.store.store import Store

LOOK_S = 1.0
PROBE_S = 15.0
"""How often something is written to find out, as long as all is well."""

PATIENCE_S = 5.0
"""A database that is back sooner, such as after a restart, is only logged."""

POST_AGAIN_S = 15.0

_log = structlog.get_logger(__name__)


class DatabaseWatch:
    """Looks every second whether writing works; `refused_requests` returns how many requests were refused so far."""

    def __init__(
        self,
        store: Store,
        slack_client: SlackClient,
        channel: str,
        clock: Clock,
        refused_requests: Callable[[], int],
    ) -> None:
        self._store = store
        self._slack_client = slack_client
        self._channel = channel
        self._clock = clock
        self._refused_requests = refused_requests
        self._refused_before = 0
        self._away_since: int | None = None
        self._is_reported = False
        self._post_at = 0
        self._posts = OutageLog(_log, "operator_report_not_posted", "operator_report_posted")

    async def run(self) -> None:
        """Look until cancelled."""
        probe_in_s = 0.0
        while True:
            if self._away_since is None and not self._store.has_failed and probe_in_s > 0:
                probe_in_s -= LOOK_S
                self._refused_before = self._refused_requests()
            else:
                await self.look()
                probe_in_s = PROBE_S
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Find out whether something can be written, and report a change."""
        try:
            await self._store.require_writable()
        except (StoreBusy, StoreClosing):
            return
        except StoreUnavailable as error:
            await self._away(str(error))
        else:
            await self._back()

    async def _away(self, problem: str) -> None:
        now = self._clock()
        if self._away_since is None:
            self._away_since = now
            _log.error("database_away", error=problem)
        if self._is_reported or now < max(self._away_since + PATIENCE_S * 1000, self._post_at):
            return
        self._is_reported = await self._posted(database_away(self._away_since, problem))

    async def _back(self) -> None:
        if self._away_since is None:
            return
        now = self._clock()
        refused = self._refused_requests() - self._refused_before
        message = database_back(self._away_since, now, refused)
        if (self._is_reported or refused) and (now < self._post_at or not await self._posted(message)):
            return
        _log.info("database_back", away_s=(now - self._away_since) // 1000, requests_refused=refused)
        self._away_since, self._is_reported, self._post_at = None, False, 0

    async def _posted(self, message: Message) -> bool:
        """Post directly; what Slack refuses is tried again later, what may be there is not."""
        if not self._channel:
            return True
        result = await self._slack_client.post(Place(self._channel), message)
        if result.kind in (ResultKind.DONE, ResultKind.UNKNOWN):
            self._posts.recovered()
            return True
        self._posts.failed(error=result.error)
        self._post_at = self._clock() + int(POST_AGAIN_S * 1000)
        return False
