"""Server-Sent Events: one event whenever anything changed."""

import asyncio

from aiohttp import web

from bot.demo.changes import END
from bot.demo.local_slack import LOCAL_SLACK

_KEEP_ALIVE_S = 15.0


async def get_stream(request: web.Request) -> web.StreamResponse:
    """`GET /_control/stream`: an event with the state's version after each change, until the server ends."""
    changes = request.app[LOCAL_SLACK].changes
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    response.headers["X-Accel-Buffering"] = "no"
    queue = changes.subscribe()
    try:
        await response.prepare(request)
        await _write_changes(response, queue)
    except ConnectionError:
        pass  # the page was closed
    finally:
        changes.unsubscribe(queue)
    return response


async def _write_changes(response: web.StreamResponse, queue: asyncio.Queue[int]) -> None:
    while True:
        try:
            version = await asyncio.wait_for(queue.get(), _KEEP_ALIVE_S)
        except TimeoutError:
            await response.write(b": still here\n\n")
            continue
        if version == END:
            return
        await response.write(b'event: changed\ndata: {"version": %d}\n\n' % version)
