"""Serves the page, links to messages, and the addresses at which the bot answers an act later."""

from pathlib import Path

from aiohttp import web

from bot.demo.control.body import read_body
from bot.demo.interactions.bot_answer import answer_later
from bot.demo.local_slack import LOCAL_SLACK

_PAGE = Path(__file__).parent / "page"
_MICROSECOND_DIGITS = 6
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page_routes() -> list[web.AbstractRouteDef]:
    """Return the routes that a browser or a `response_url` uses."""
    return [
        web.get("/", _index),
        web.get(r"/archives/{channel}/p{ts:\d{7,}}", _archive),
        web.post("/{kind:actions|commands}/{team}/{token}", _response_url),
        web.static("/page", _PAGE),
    ]


async def add_page_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Allow the page nothing but what comes from here."""
    if request.path == "/" or request.path.startswith("/page/"):
        response.headers.update(_HEADERS)


async def _index(_request: web.Request) -> web.StreamResponse:
    return web.FileResponse(_PAGE / "index.html")


async def _archive(request: web.Request) -> web.StreamResponse:
    digits = request.match_info["ts"]
    ts = f"{digits[:-_MICROSECOND_DIGITS]}.{digits[-_MICROSECOND_DIGITS:]}"
    raise web.HTTPFound(f"/#{request.match_info['channel']}/{ts}")


async def _response_url(request: web.Request) -> web.StreamResponse:
    slack = request.app[LOCAL_SLACK]
    url = slack.response_urls.use(request.match_info["token"])
    if url is None:
        return web.json_response({"ok": False, "error": "used_url"}, status=404)
    answer_later(slack, url, await read_body(request))
    return web.Response(text="ok")
