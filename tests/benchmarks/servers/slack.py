"""A Slack that only answers: it costs next to nothing, takes as long as it is set to, and records its calls."""

import asyncio
import itertools
import json
import os
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import uvloop
from aiohttp import web

from bot.reviews.audit_reports import AUDIT_HEAD
from bot.slack.messages.metadata import EVENT_TYPE

# The workspace and the app that the clicks of the load come from.
ANSWERS: dict[str, dict[str, Any]] = {
    "auth.test": {"team_id": "T00000001", "bot_id": "B00000001", "user_id": "UBOT000001"},
    "bots.info": {"bot": {"app_id": "A00000001"}},
    "users.info": {"user": {"id": "UANA000001", "team_id": "T00000001"}},
    "conversations.members": {"members": ["UANA000001"]},
}

SHOWING = ("chat.postMessage", "chat.update", "views.publish")


@dataclass(frozen=True)
class Call:
    """A call that showed something; times are the machine's monotonic clock."""

    method: str
    begun_at: float
    done_at: float
    ts: str
    body: bytes

    @cached_property
    def subject(self) -> str:
        """The session whose card it shows, or the person whose home tab it is."""
        content = _content(self.body)
        metadata = content.get("metadata") or {}
        return str(content.get("user_id") or metadata.get("event_payload", {}).get("session_id", ""))


class Slack:
    """Takes every call, and notes those that show a card or a home tab.

    `audit_head` is one that the bot seems to have posted before, or empty.
    """

    def __init__(self, audit_head: str = "") -> None:
        self._answers = ANSWERS | {"conversations.history": {"messages": _posted(audit_head)}}
        self._latency_s = 0.0
        self._is_failing = False
        self._calls: list[Call] = []
        self._called = asyncio.Condition()
        self._numbers = itertools.count(1)

    async def call(self, request: web.Request) -> web.Response:
        """Any method of the Web API; it is done once the latency has passed."""
        begun_at = time.perf_counter()
        method = request.match_info["method"]
        body = await request.read()
        await asyncio.sleep(self._latency_s)
        if self._is_failing:
            return web.json_response({"ok": False, "error": "service_unavailable"}, status=503)
        answer = {"ok": True} | self._answers.get(method, {})
        if method in SHOWING:
            ts = f"{int(time.time())}.{next(self._numbers) % 1_000_000:06}"
            answer |= {"channel": "CUSER00001", "ts": ts}
            async with self._called:
                self._calls.append(Call(method, begun_at, time.perf_counter(), ts, body))
                self._called.notify_all()
        return web.json_response(answer)

    async def set_latency(self, request: web.Request) -> web.Response:
        """How many seconds every call takes from now on."""
        self._latency_s = float(await request.text())
        return web.Response()

    async def set_failing(self, request: web.Request) -> web.Response:
        """Whether every call is answered with 503 from now on."""
        self._is_failing = await request.text() == "1"
        return web.Response()

    async def shown(self, _request: web.Request) -> web.Response:
        """Which session's card was shown by which method, and when."""
        return web.json_response([[call.method, call.subject, call.done_at] for call in self._calls])

    async def wait(self, request: web.Request) -> web.Response:
        """Wait for a call of this method about this subject that began after a time; says when, and its message."""
        method, subject = request.query["method"], request.query["subject"]
        after, seen = float(request.query["after"]), 0
        async with self._called:
            while True:
                for call in self._calls[seen:]:
                    if call.method == method and call.begun_at > after and call.subject == subject:
                        return web.json_response([call.begun_at, call.done_at, call.ts])
                seen = len(self._calls)
                await self._called.wait()


def _posted(audit_head: str) -> list[dict[str, Any]]:
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": f"{AUDIT_HEAD}:before"}}
    return [{"bot_id": "B00000001", "text": audit_head, "metadata": metadata}] if audit_head else []


def _content(body: bytes) -> dict[str, Any]:
    """What a call says; the bot sends JSON, Slack's own clients a form. Read when it is wanted, not while measuring."""
    if body.startswith(b"{"):
        return dict(json.loads(body))
    form: dict[str, Any] = dict(parse_qsl(body.decode()))
    return form | {"metadata": json.loads(form.get("metadata", "{}"))}


def application() -> web.Application:
    """The Web API under /api/, and beside it what the bench controls and reads."""
    slack = Slack(os.environ.get("AUDIT_HEAD", ""))
    app = web.Application()
    app.router.add_post("/api/{method}", slack.call)
    app.router.add_put("/latency", slack.set_latency)
    app.router.add_put("/failing", slack.set_failing)
    app.router.add_get("/shown", slack.shown)
    app.router.add_get("/wait", slack.wait)
    return app


if __name__ == "__main__":
    uvloop.install()
    web.run_app(application(), host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)
