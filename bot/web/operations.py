"""`GET /healthz`, `/readyz` and `/metrics`: is it up, what needs fixing, how much happened?"""

import hmac

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE

from bot import __version__
from bot.clock import Clock
from bot.metrics import Metrics
from bot.web.readiness import PROBLEMS, Readiness, Report


class Operations:
    """The endpoints for platforms and operators."""

    def __init__(self, readiness: Readiness, clock: Clock, metrics: Metrics, metrics_token: str) -> None:
        self._readiness = readiness
        self._clock = clock
        self._metrics = metrics
        self._metrics_token = metrics_token

    async def healthz(self, _request: web.Request) -> web.Response:
        """200 while the process serves."""
        return web.json_response({"ok": True})

    async def readyz(self, request: web.Request) -> web.Response:
        """200, or 503 with the problems by name; counts of what waits wherever they can be read.

        Warnings are what reviews go on without. With METRICS_TOKEN set, callers without it get the names only.
        """
        report = await self._readiness.report()
        answer = self._details(report) if self._is_operator(request) else _names(report)
        return web.json_response(answer, status=200 if report.ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus' text format; only with the bearer token where one is set."""
        if not self._is_operator(request):
            raise web.HTTPUnauthorized
        report = await self._readiness.report()
        self._metrics.state(self._clock(), report.work)
        self._metrics.readiness({name: name in report.problems for name in {*PROBLEMS, *report.problems}})
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    def _is_operator(self, request: web.Request) -> bool:
        """Whether the request has the bearer token, or none is needed."""
        expected = f"Bearer {self._metrics_token}".encode()
        given = request.headers.get("Authorization", "").encode(errors="replace")
        return not self._metrics_token or hmac.compare_digest(given, expected)

    def _details(self, report: Report) -> dict[str, object]:
        answer: dict[str, object] = {
            "ready": report.ready,
            "problems": dict(report.problems),
            "warnings": dict(report.warnings),
            "version": __version__,
        }
        if (work := report.work) is not None:
            answer["quarantined"] = work.quarantined
            answer |= {"pending": work.backlog.pending, "held": work.backlog.held}
            answer["decisions"] = {"pending": work.decisions.pending, "held": work.decisions.held}
        if report.problems:
            answer["advice"] = "run python -m bot check for the fix; the log shows what happened"
        return answer


def _names(report: Report) -> dict[str, object]:
    """Return the report without sentences and counts: JSON of the same shape, with null for each sentence."""
    return {
        "ready": report.ready,
        "problems": dict.fromkeys(report.problems),
        "warnings": dict.fromkeys(report.warnings),
    }
