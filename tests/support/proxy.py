"""Something between the bot and the local Slack that changes its answers, as a wrong set-up or another server would."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

PASSED_ON = ("Authorization", "Content-Type")


@asynccontextmanager
async def changing_headers(
    api_url: str, changes: Mapping[str, str | None], lacking: Collection[str] = ()
) -> AsyncIterator[str]:
    """A Web API whose answers have these headers (None: not at all) and that lacks some methods; gives its address.

    It takes POST alone, as some servers do that stand in for Slack.
    """

    async def pass_on(request: web.Request) -> web.Response:
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        if request.match_info["method"] in lacking:
            return web.json_response({"message": "Not Found"}, status=404)
        url = api_url + request.match_info["method"]
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=await request.read(), headers=headers, params=request.query) as answer,
        ):
            kept = {"x-oauth-scopes": answer.headers.get("x-oauth-scopes", "")}
            text = await answer.text()
            told = {name: value for name, value in {**kept, **changes}.items() if value is not None}
            return web.Response(
                text=text, status=answer.status, content_type=answer.content_type, headers=told
            )

    application = web.Application()
    application.router.add_post("/api/{method}", pass_on)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()
