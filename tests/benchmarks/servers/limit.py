"""(a) The limit: aiohttp, the check of the signature, pydantic, and no database at all."""

import hashlib
import hmac
import os

import uvloop
from aiohttp import web

from tests.benchmarks.servers.event import Event

SECRET = os.environ["RALIO_WEBHOOK_SECRET"].encode()


async def receive(request: web.Request) -> web.Response:
    """One webhook: checked, read, answered."""
    body = await request.read()
    expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        return web.json_response({"received": False}, status=401)
    Event.model_validate_json(body)
    return web.json_response({"received": True, "result": "recorded"})


def application() -> web.Application:
    """The one route."""
    app = web.Application()
    app.router.add_post("/webhooks/ralio", receive)
    return app


if __name__ == "__main__":
    uvloop.install()
    web.run_app(application(), host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)
