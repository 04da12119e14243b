"""`GET /healthz`, `/readyz` and `/metrics`: does it serve, what has to be mended, how much happened?"""

import contextlib
import hmac
from collections.abc import Iterable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE

from bot.clock import Clock
from bot.metrics import Metrics
from bot.ralio.api.client import RalioApi
from bot.slack.api.health import SlackHealth
from bot.slack.api.scopes import REVIEWS_GO_ON_WITHOUT
from bot.slack.api.users import UserDirectory
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import decision_webhook, deliveries, events
from bot.store.tables.deliveries import Backlog
from bot.store.tables.work_now import work_now

BACKLOG_LIMIT_S = 300
"""A delivery that waits for longer than this is worth an operator's look."""


class Operations:
    """The endpoints that platforms and operators ask."""

    def __init__(
        self,
        store: Store,
        health: SlackHealth,
        directory: UserDirectory,
        api: RalioApi | None,
        clock: Clock,
        metrics: Metrics,
        metrics_token: str,
        *,
        sends_decisions: bool = False,
    ) -> None:
        self._store = store
        self._api = api
        self._metrics = metrics
        self._metrics_token = metrics_token
        self._sends_decisions = sends_decisions
        self._health = health
        self._directory = directory
        self._clock = clock

    async def healthz(self, _request: web.Request) -> web.Response:
        """200 while the process serves."""
        return web.json_response({"ok": True})

    async def readyz(self, _request: web.Request) -> web.Response:
        """200, or 503 with the problems by name; counts of what waits wherever they can be read.

        Warnings are what `check` would find wrong and reviews go on without.
        """
        problems: dict[str, object] = {}
        warnings = self._warnings()
        answer: dict[str, object] = {}
        try:
            backlog = await self._store.read(deliveries.backlog)
            answer["quarantined"] = await self._store.read(events.quarantined_count)
            if dropped := await self._store.read(events.dropped_bodies):
                problems["quarantine"] = (
                    f"full: the bodies of {dropped} malformed events were not kept; "
                    "see: python -m bot events --quarantined"
                )
            answer |= {"pending": backlog.pending, "held": backlog.held}
            problems |= self._backlog_problems(backlog)
            decisions = await self._store.read(decision_webhook.backlog)
            answer["decisions"] = {"pending": decisions.pending, "held": decisions.held}
            problems |= _decision_problems(decisions)
            warnings |= self._decision_warnings(decisions)
            await self._store.require_writable()
        except StoreUnavailable as error:
            problems["database"] = str(error)
        problems |= self._set_up_problems()
        answer = {"ready": not problems, "problems": problems, "warnings": warnings} | answer
        if problems:
            answer["advice"] = "python -m bot check tells what to do, and the log what happened"
        return web.json_response(answer, status=503 if problems else 200)

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus' text format; only with the bearer token where one is set."""
        expected = f"Bearer {self._metrics_token}".encode()
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if self._metrics_token and not hmac.compare_digest(given, expected):
            raise web.HTTPUnauthorized
        # Without the database, this process still shows its own counts.
        with contextlib.suppress(StoreUnavailable):
            self._metrics.standing(self._clock(), await self._store.read(work_now))
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    def _set_up_problems(self) -> dict[str, object]:
        """What `check` would find wrong, as it was found at the start and since; nobody is asked for it now."""
        health = self._health
        found: dict[str, object] = {
            "slack_token": health.token_problem,
            "slack_scopes": _missing(scope for scope in health.scopes_missing if not _is_optional(scope)),
            "slack_permissions": _missing(sorted(health.permissions_missing)),
            "clock": health.clock_problem,
            "channels": dict(health.channel_problems),
            "ralio_api": self._api.problem if self._api is not None else None,
        }
        if self._directory.problem:
            found["people"] = (
                f"Slack does not tell who people are, clicks are refused: {self._directory.problem}"
            )
        return {name: problem for name, problem in found.items() if problem}

    def _warnings(self) -> dict[str, object]:
        missing = _missing(scope for scope in self._health.scopes_missing if _is_optional(scope))
        found: dict[str, object] = {
            "slack_scopes": missing,
            "channels": dict(self._health.channel_warnings),
            "people": self._directory.warning,
        }
        return {name: warning for name, warning in found.items() if warning}

    def _backlog_problems(self, backlog: Backlog) -> dict[str, object]:
        problems: dict[str, object] = {}
        if backlog.oldest_at is not None:
            age_s = (self._clock() - backlog.oldest_at) // 1000
            if age_s > BACKLOG_LIMIT_S:
                problems["backlog"] = f"the oldest delivery waits for {age_s} s"
        if backlog.held:
            problems["held"] = (
                f"{backlog.held} held: fix the cause and they are sent; python -m bot deliveries --held shows it"
            )
        return problems

    def _decision_warnings(self, backlog: Backlog) -> dict[str, str]:
        """A receiver that is away holds up no review: it is a warning until a decision is held."""
        if backlog.oldest_at is None:
            return {}
        age_s = (self._clock() - backlog.oldest_at) // 1000
        if not self._sends_decisions:
            return {
                "decision_webhook": f"{backlog.pending} decisions can't be sent: set DECISION_WEBHOOK_URL again"
            }
        if age_s <= BACKLOG_LIMIT_S:
            return {}
        advice = "python -m bot deliveries shows why"
        return {"decision_webhook": f"the oldest decision has waited {age_s} s for the receiver: {advice}"}


def _decision_problems(backlog: Backlog) -> dict[str, object]:
    if not backlog.held:
        return {}
    advice = "fix the receiver, then run python -m bot deliveries requeue --all"
    return {"decision_webhook": f"decisions held: {backlog.held}; {advice}"}


def _is_optional(scope: str) -> bool:
    return scope in REVIEWS_GO_ON_WITHOUT


def _missing(scopes: Iterable[str]) -> str | None:
    names = ", ".join(scopes)
    return f"missing: {names}" if names else None
