"""Verify the record while the bot runs: at its start and once a day, the entries added since the last time.

The operations channel shows where that was, because the head is posted there daily: a person who can write the database
can't change it there, so a record that was replaced by an old backup is noticed, too.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from bot.clock import Clock
from bot.handlers.periodic import repeat
from bot.handlers.posted_head import posted_head
from bot.reviews.audit.chain import ChainCheck, Finding, Head
from bot.reviews.audit.entry import Keys
from bot.reviews.audit_reports import AuditBroken, HeadNoted
from bot.reviews.notifications import OpsAlert
from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import SlackClient
from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import audit_trail, deliveries

LOOK_EVERY_S = 30.0
PAGE = 250
REST_S = 0.02
"""After each page of entries, for what people wait for."""

ASK_SLACK_TIMES = 10
"""If Slack does not say by then which head was posted last, the whole record is verified."""

_TRANSIENT = (ResultKind.WAIT, ResultKind.UNKNOWN, ResultKind.AWAY)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Verified:
    """How far the record was followed, and what is wrong with it."""

    end: Head
    finding: Finding | None


class AuditWatch:
    """Verifies what was added, until cancelled; without a channel the head is only logged.

    `at_start` is the record's head from before anything was added.
    """

    def __init__(
        self,
        store: Store,
        slack_client: SlackClient,
        channel: str,
        keys: Keys,
        clock: Clock,
        at_start: Head,
    ) -> None:
        self._store = store
        self._slack_client = slack_client
        self._channel = channel
        self._keys = keys
        self._clock = clock
        self._at_start: Head | None = at_start
        self._day = ""
        self._last: Head | None = None
        self._asked = 0
        self._finding: Finding | None = None

    @property
    def problem(self) -> str | None:
        """What is wrong with the record; None as far as it was verified."""
        if self._finding is None:
            return None
        return (
            f"the record is broken at entry {self._finding.id}: {self._finding.problem}; "
            "see: python -m bot audit verify"
        )

    async def run(self) -> None:
        """Look now and then whether another day has begun."""
        await repeat(self.turn, LOOK_EVERY_S, "audit_verification")

    async def turn(self) -> None:
        """Verify what was added, once a day (UTC); StoreUnavailable when the record can't be read."""
        day = datetime.fromtimestamp(self._clock() / 1000, UTC).date().isoformat()
        if day == self._day or not await self._knows_last():
            return
        was_broken = self._finding is not None
        noted = self._at_start
        if noted is None:
            noted = await self._store.read_apart(audit_trail.head)
        verified = await self._verify(self._last, noted)
        if verified.finding is not None:
            self._finding = verified.finding
        if noted.id and (self._finding is None or was_broken):
            await self._note(verified.end, day)
        if self._finding is not None:
            await self._report(self._finding)
        self._day, self._last, self._at_start = day, verified.end, None

    async def _knows_last(self) -> bool:
        """Whether it is known, or as well known as it can be, where the last verification ended."""
        if self._last is not None or not self._channel or self._asked >= ASK_SLACK_TIMES:
            return True
        self._asked += 1
        found = await posted_head(self._slack_client, self._channel, self._clock())
        if isinstance(found, CallResult):
            _log.warning("posted_head_lookup_failed", error=found.cause)
            if found.kind in _TRANSIENT:
                return self._asked >= ASK_SLACK_TIMES
            return True
        self._last = found
        return True

    async def _verify(self, last: Head | None, noted: Head) -> _Verified:
        """Follow the record from the last head, or from its beginning, to `noted` at least; others append to it."""
        check: ChainCheck | Finding = ChainCheck(self._keys, [noted])
        if last is not None and last.id:
            begin = last
            check = await self._store.read_apart(
                lambda reading: audit_trail.resumed(reading, self._keys, begin, noted)
            )
        if isinstance(check, Finding):
            return _Verified(noted, check)
        following = check
        is_end = False
        finding: Finding | None = None
        while not is_end:
            finding, is_end = await self._store.read_apart(
                lambda reading: audit_trail.verify_next(reading, following, PAGE)
            )
            await asyncio.sleep(REST_S)
        _log.info(
            "audit_verified", head=str(following.end), entries=following.entries, broken=finding is not None
        )
        return _Verified(noted if finding else following.end, finding)

    async def _note(self, head: Head, day: str) -> None:
        _log.info("audit_head_noted", head=str(head), day=day)
        await self._enqueue(HeadNoted(str(head), day, follows=self._finding is None))

    async def _report(self, finding: Finding) -> None:
        _log.error("audit_broken", entry=finding.id, problem=finding.problem)
        await self._enqueue(AuditBroken(finding.id, finding.problem))

    async def _enqueue(self, message: OpsAlert) -> None:
        if not self._channel:
            return
        now = self._clock()

        def enqueue(transaction: Transaction, what: OpsAlert) -> None:
            deliveries.enqueue_ops_alert(transaction, what, now)

        await self._store.write(enqueue, message)
