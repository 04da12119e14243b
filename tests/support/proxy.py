"""Something between the bot and the local Slack that changes the answers' headers, as a wrong set-up would."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

PASSED_ON = ("Authorization", "Content-Type")


@asynccontextmanager
async def changing_headers(api_url: str, changes: Mapping[str, str]) -> AsyncIterator[str]:
    """A Web API whose answers have these headers; gives its address."""

    async def pass_on(request: web.Request) -> web.Response:
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        url = api_url + request.match_info["method"]
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=await request.read(), headers=headers, params=request.query) as answer,
        ):
            kept = {"x-oauth-scopes": answer.headers.get("x-oauth-scopes", "")}
            text = await answer.text()
            return web.Response(
                text=text, status=answer.status, content_type=answer.content_type, headers={**kept, **changes}
            )

    application = web.Application()
    application.router.add_route("*", "/api/{method}", pass_on)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()
