"""Whether the bot is ready, for `/readyz` and `/metrics`: computed at most once a second, however many callers ask."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.clock import Clock
from bot.ralio.api.client import RalioApi
from bot.slack.api.health import SlackHealth
from bot.slack.api.scopes import REVIEWS_GO_ON_WITHOUT
from bot.slack.api.users import UserDirectory
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables.deliveries import Backlog
from bot.store.tables.work_now import WorkNow, work_now

BACKLOG_LIMIT_S = 300
"""A delivery that waits longer than this needs an operator's attention."""

LASTS_S = 1.0

PROBLEMS = (
    "database",
    "backlog",
    "held",
    "quarantine",
    "decision_webhook",
    "slack_token",
    "slack_scopes",
    "slack_permissions",
    "clock",
    "channels",
    "people",
    "ralio_api",
    "audit",
)
"""The name of every problem."""


@dataclass(frozen=True, slots=True)
class Report:
    """Problems and warnings by name; `work` is None while the database can't be read."""

    problems: Mapping[str, object]
    warnings: Mapping[str, object]
    work: WorkNow | None

    @property
    def ready(self) -> bool:
        """Whether there is no problem."""
        return not self.problems


class Readiness:
    """Computes the report without calling Slack or Ralio's API: their state comes from the latest calls.

    `intake_warning` returns what is wrong with Ralio's webhooks, or None, and `audit_problem` what is wrong with the
    record. `sends_decisions`: a decision webhook is set.
    """

    def __init__(
        self,
        store: Store,
        health: SlackHealth,
        directory: UserDirectory,
        api: RalioApi | None,
        clock: Clock,
        intake_warning: Callable[[], str | None],
        audit_problem: Callable[[], str | None] = lambda: None,
        *,
        sends_decisions: bool = False,
    ) -> None:
        self._store = store
        self._health = health
        self._directory = directory
        self._api = api
        self._clock = clock
        self._intake_warning = intake_warning
        self._audit_problem = audit_problem
        self._sends_decisions = sends_decisions
        self._latest: asyncio.Task[Report] | None = None
        self._began_s = 0.0

    async def report(self) -> Report:
        """Return a report that is at most a second old, or the one that is being computed."""
        is_old = time.monotonic() - self._began_s >= LASTS_S
        if self._latest is None or (self._latest.done() and is_old):
            self._began_s = time.monotonic()
            self._latest = asyncio.create_task(self._work_out())
        # An asker that hangs up must not cancel it for the others.
        return await asyncio.shield(self._latest)

    async def close(self) -> None:
        """Cancel the report that is being computed."""
        if self._latest is not None:
            self._latest.cancel()
            await asyncio.gather(self._latest, return_exceptions=True)

    async def _work_out(self) -> Report:
        problems: dict[str, object] = {}
        work: WorkNow | None = None
        try:
            now = self._clock()
            work = await self._store.read_apart(lambda reading: work_now(reading, now))
            problems |= self._backlog_problems(work.backlog) | _work_problems(work)
        except StoreUnavailable as error:
            problems["database"] = str(error)
        try:
            await self._store.require_writable()
        except StoreUnavailable as error:
            problems["database"] = str(error)  # the writer knows more, such as that the file was replaced
        warnings = self._warnings() | (self._decision_warnings(work.decisions) if work else {})
        return Report(problems | self._set_up_problems(), warnings, work)

    def _set_up_problems(self) -> dict[str, object]:
        """The problems that `check` would report, as found at the start and since then."""
        health = self._health
        found: dict[str, object] = {
            "slack_token": health.token_problem,
            "slack_scopes": _missing(scope for scope in health.scopes_missing if not _is_optional(scope)),
            "slack_permissions": _missing(sorted(health.permissions_missing)),
            "clock": health.clock_problem,
            "channels": dict(health.channel_problems),
            "audit": self._audit_problem(),
            "ralio_api": self._api.problem if self._api is not None else None,
        }
        if self._directory.problem:
            found["people"] = (
                f"Slack can't say who people are, so clicks are refused: {self._directory.problem}"
            )
        return {name: problem for name, problem in found.items() if problem}

    def _warnings(self) -> dict[str, object]:
        found: dict[str, object] = {
            "slack_scopes": _missing(scope for scope in self._health.scopes_missing if _is_optional(scope)),
            "channels": dict(self._health.channel_warnings),
            "ralio_signatures": self._intake_warning(),
            "people": self._directory.warning,
        }
        return {name: warning for name, warning in found.items() if warning}

    def _backlog_problems(self, backlog: Backlog) -> dict[str, object]:
        problems: dict[str, object] = {}
        if backlog.oldest_at is not None:
            age_s = (self._clock() - backlog.oldest_at) // 1000
            if age_s > BACKLOG_LIMIT_S:
                problems["backlog"] = f"the oldest delivery has waited {age_s} s"
        if backlog.held:
            problems["held"] = (
                f"{backlog.held} held: fix the cause and they will be sent; python -m bot deliveries --held shows it"
            )
        return problems

    def _decision_warnings(self, backlog: Backlog) -> dict[str, str]:
        """A receiver that is down delays no review, so it is only a warning until a decision is held."""
        if backlog.oldest_at is None:
            return {}
        if not self._sends_decisions:
            return {
                "decision_webhook": f"{backlog.pending} decisions can't be sent: set DECISION_WEBHOOK_URL again"
            }
        age_s = (self._clock() - backlog.oldest_at) // 1000
        if age_s <= BACKLOG_LIMIT_S:
            return {}
        advice = "python -m bot deliveries shows why"
        return {"decision_webhook": f"the oldest decision has waited {age_s} s for the receiver: {advice}"}


def _work_problems(work: WorkNow) -> dict[str, object]:
    problems: dict[str, object] = {}
    if work.dropped_bodies:
        problems["quarantine"] = (
            f"full: the bodies of {work.dropped_bodies} malformed events were not kept; "
            "see: python -m bot events --quarantined"
        )
    if work.decisions.held:
        advice = "fix the receiver, then run python -m bot deliveries requeue --all"
        problems["decision_webhook"] = f"decisions held: {work.decisions.held}; {advice}"
    return problems


def _is_optional(scope: str) -> bool:
    return scope in REVIEWS_GO_ON_WITHOUT


def _missing(scopes: Iterable[str]) -> str | None:
    names = ", ".join(scopes)
    return f"missing: {names}" if names else None
