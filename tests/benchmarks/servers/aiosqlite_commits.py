"""(g) aiohttp and aiosqlite, the usual way: one connection, and a transaction with its own commit for each request."""

import asyncio
import hashlib
import hmac
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import aiosqlite
import uvloop
from aiohttp import web

from tests.benchmarks.servers.four_rows import HAS_FOUR_ROWS, SCHEMA, now_ms, seal

SECRET = os.environ["RALIO_WEBHOOK_SECRET"].encode()
DATABASE = web.AppKey("DATABASE", aiosqlite.Connection)
# On one connection a commit ends whatever others began meanwhile: without it one request's fault would undo another's.
TRANSACTION = web.AppKey("TRANSACTION", asyncio.Lock)
ONE_ROW = (
    "CREATE TABLE IF NOT EXISTS events (event_id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL)"
)


async def receive(request: web.Request) -> web.Response:
    """One webhook: checked, saved, committed, answered."""
    body = await request.read()
    expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        return web.json_response({"received": False}, status=401)
    event = json.loads(body)
    database = request.app[DATABASE]
    async with request.app[TRANSACTION]:
        try:
            await (
                _save_four_rows(database, event) if HAS_FOUR_ROWS else _save_one_row(database, event, body)
            )
            await database.commit()
        except aiosqlite.Error:
            await database.rollback()
            raise
    return web.json_response({"received": True})


async def _save_one_row(database: aiosqlite.Connection, event: dict[str, Any], body: bytes) -> None:
    await database.execute(
        "INSERT INTO events VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (event["eventId"], event["eventType"], body.decode()),
    )


async def _save_four_rows(database: aiosqlite.Connection, event: dict[str, Any]) -> None:
    now, data = now_ms(), event["data"]
    session = data["sessionId"]
    recorded = await database.execute(
        "INSERT INTO events VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (event["eventId"], event["eventType"], session, now),
    )
    if not recorded.rowcount:
        return
    await database.execute(
        "INSERT INTO reviews VALUES (?, ?, ?, 'open', NULL, ?, 1)",
        (session, data.get("entityType"), data.get("userId"), now),
    )
    async with database.execute("SELECT id, seal FROM audit ORDER BY id DESC LIMIT 1") as cursor:
        newest, previous = await cursor.fetchone() or (0, "")
    entry = (newest + 1, session, now, "ralio", "open", 1)
    await database.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (*entry, seal(previous, entry)))
    await database.execute("INSERT INTO outbox VALUES (?, 1, 0, NULL, NULL)", (session,))


async def open_database(app: web.Application) -> AsyncIterator[None]:
    """The connection, open for as long as the application runs."""
    async with aiosqlite.connect(os.environ["DATABASE"]) as database:
        await database.execute("PRAGMA journal_mode = WAL")
        await database.execute("PRAGMA synchronous = FULL")
        await database.executescript(SCHEMA if HAS_FOUR_ROWS else ONE_ROW)
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
