"""(g) aiohttp and aiosqlite, the usual way: one connection, and a transaction with its own commit for each request."""

import asyncio
import hashlib
import hmac
import json
import os
from collections.abc import AsyncIterator

import aiosqlite
import uvloop
from aiohttp import web

SECRET = os.environ["RALIO_WEBHOOK_SECRET"].encode()
DATABASE = web.AppKey("DATABASE", aiosqlite.Connection)
# On one connection a commit ends whatever others began meanwhile: without it one request's fault would undo another's.
TRANSACTION = web.AppKey("TRANSACTION", asyncio.Lock)


async def receive(request: web.Request) -> web.Response:
    """One webhook: checked, inserted, committed, answered."""
    body = await request.read()
    expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        return web.json_response({"received": False}, status=401)
    event = json.loads(body)
    database = request.app[DATABASE]
    async with request.app[TRANSACTION]:
        await database.execute(
            "INSERT INTO events VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (event["eventId"], event["eventType"], body.decode()),
        )
        await database.commit()
    return web.json_response({"received": True})


async def open_database(app: web.Application) -> AsyncIterator[None]:
    """The connection, open for as long as the application runs."""
    async with aiosqlite.connect(os.environ["DATABASE"]) as database:
        await database.execute("PRAGMA journal_mode = WAL")
        await database.execute("PRAGMA synchronous = FULL")
        await database.execute(
            "CREATE TABLE IF NOT EXISTS events "
            "(event_id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL)"
        )
        app[DATABASE] = database
        app[TRANSACTION] = asyncio.Lock()
        yield


def serve(app: web.Application) -> None:
    """Add the route and the database to an application, and run it."""
    app.router.add_post("/webhooks/ralio", receive)
    app.cleanup_ctx.append(open_database)
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)


if __name__ == "__main__":
    serve(web.Application())
