"""Reports to the operations channel that no request waits for."""

import structlog

from bot.clock import Clock
from bot.reviews.notifications import OpsAlert
from bot.slack.api.call_results import ResultKind
from bot.slack.api.client import Place, SlackClient
from bot.slack.messages.ops_alert import ops_alert
from bot.store.engine.transaction import Transaction
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import deliveries
from bot.web.background_jobs import BackgroundJobs, TooManyJobs

HOUR_MS = 3_600_000
MAX_JOBS = 20

_log = structlog.get_logger(__name__)


class OperatorReports:
    """Queues alerts like every other message, and posts them directly while the database is away."""

    def __init__(self, store: Store, slack_client: SlackClient, channel: str, clock: Clock) -> None:
        self._store = store
        self._slack_client = slack_client
        self._channel = channel
        self._clock = clock
        self._jobs = BackgroundJobs(MAX_JOBS)
        self._reported_at: dict[str, int] = {}

    def report(self, alert: OpsAlert) -> None:
        """Report in the background, at most once an hour for each problem, whatever a stranger sends."""
        now = self._clock()
        reported_at = self._reported_at.get(alert.problem)
        if reported_at is not None and now - reported_at < HOUR_MS:
            return
        try:
            self._jobs.start(self._report(alert, now))
        except TooManyJobs:
            _log.error("operator_report_dropped", problem=alert.problem)
        else:
            self._reported_at[alert.problem] = now

    async def close(self, limit_s: float) -> None:
        """Wait for what is being reported."""
        await self._jobs.close(limit_s)

    async def _report(self, alert: OpsAlert, now: int) -> None:
        def enqueue(transaction: Transaction, what: OpsAlert) -> None:
            deliveries.enqueue_ops_alert(transaction, what, now)

        try:
            await self._store.write(enqueue, alert)
        except StoreUnavailable:
            await self._post_directly(alert)

    async def _post_directly(self, alert: OpsAlert) -> None:
        if not self._channel:
            return
        result = await self._slack_client.post(Place(self._channel), ops_alert(alert.problem, alert))
        if result.kind not in (ResultKind.DONE, ResultKind.UNKNOWN):
            _log.warning("operator_report_not_posted", error=result.error)
            self._reported_at.pop(alert.problem, None)  # the next one tries again
