"""A Slack that only answers: it costs next to nothing, takes as long as it is told to, and knows what it was called."""

import asyncio
import itertools
import json
import os
import time
from typing import Any

import uvloop
from aiohttp import web

# The workspace and the app that the clicks of the load come from.
ANSWERS: dict[str, dict[str, Any]] = {
    "auth.test": {"team_id": "T00000001", "bot_id": "B00000001", "user_id": "UBOT000001"},
    "bots.info": {"bot": {"app_id": "A00000001"}},
    "users.info": {"user": {"id": "UANA000001", "team_id": "T00000001"}},
    "conversations.members": {"members": ["UANA000001"]},
    "conversations.history": {"messages": []},
}


class Slack:
    """Takes every call, and notes those that show a card."""

    def __init__(self) -> None:
        self._latency_s = 0.0
        self._shown: list[tuple[str, float, bytes]] = []
        self._numbers = itertools.count(1)

    async def call(self, request: web.Request) -> web.Response:
        """Any method of the Web API; it is done once the latency has passed."""
        method = request.match_info["method"]
        body = await request.read()
        await asyncio.sleep(self._latency_s)
        answer = {"ok": True} | ANSWERS.get(method, {})
        if method in ("chat.postMessage", "chat.update"):
            self._shown.append((method, time.perf_counter(), body))
            answer |= {
                "channel": "CUSER00001",
                "ts": f"{int(time.time())}.{next(self._numbers) % 1_000_000:06}",
            }
        return web.json_response(answer)

    async def set_latency(self, request: web.Request) -> web.Response:
        """How many seconds every call takes from now on."""
        self._latency_s = float(await request.text())
        return web.Response()

    async def shown(self, _request: web.Request) -> web.Response:
        """Which session's card was shown by which method, and when (the machine's monotonic clock)."""
        return web.json_response([[method, _session(body), at] for method, at, body in self._shown])


def _session(body: bytes) -> str:
    """The session that a message's metadata names; read when asked for, not while something is measured."""
    metadata = json.loads(body).get("metadata") or {}
    return str(metadata.get("event_payload", {}).get("session_id", ""))


def application() -> web.Application:
    """The Web API under /api/, and beside it what the bench asks and tells."""
    slack = Slack()
    app = web.Application()
    app.router.add_post("/api/{method}", slack.call)
    app.router.add_put("/latency", slack.set_latency)
    app.router.add_get("/shown", slack.shown)
    return app


if __name__ == "__main__":
    uvloop.install()
    web.run_app(application(), host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)
