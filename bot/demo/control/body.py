"""Reads a control request's JSON body, field by field."""

import json
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

from aiohttp import web

from bot.demo.interactions.errors import InteractionError
from bot.demo.records import Json

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

_COPIES_MOST = 10


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a refused act with its status and `{"error": reason}`."""
    try:
        return await handler(request)
    except InteractionError as error:
        return web.json_response({"error": error.reason}, status=error.status)


@web.middleware
async def own_page_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what another site's page sends from the same browser; tests send no `Origin`."""
    sender = request.headers.get("Origin")
    if sender is not None and sender != origin(request):
        return web.json_response({"error": "another site may not act here"}, status=403)
    return await handler(request)


@web.middleware
async def loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a request for another host.

    A page can point its own host name at this machine (DNS rebinding): its requests then have the same origin.
    """
    if not is_loopback(f"http://{request.headers.get('Host', '')}"):
        return web.json_response({"error": "only for this machine"}, status=403)
    return await handler(request)


def is_loopback(address: str) -> bool:
    """Whether an http(s) address leads to this machine, by its plain number or as `localhost`."""
    try:
        url = urlsplit(address)
        host = url.hostname or ""
        is_plain = url.scheme in ("http", "https") and "@" not in url.netloc and url.port != 0
    except ValueError:
        return False
    if not is_plain:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def read_body(request: web.Request) -> Json:
    """Return the JSON object of a request; an empty body is an empty object."""
    raw = await request.read()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise InteractionError("the body is not JSON", 400) from None
    if not isinstance(body, dict):
        raise InteractionError("the body is not a JSON object", 400)
    return body


def text(body: Json, name: str) -> str:
    """Return a string that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise InteractionError(f"missing: {name}", 400)
    return value


def optional_text(body: Json, name: str) -> str | None:
    """Return a string or None."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InteractionError(f"must be a string: {name}", 400)
    return value


def record(body: Json, name: str) -> Json:
    """Return an object, empty when it was left out."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InteractionError(f"must be an object: {name}", 400)
    return value


def copies(body: Json) -> int:
    """Return how often one and the same request is sent at once: 1 when it was left out, at most 10."""
    value = body.get("copies", 1)
    if not isinstance(value, int) or not 1 <= value <= _COPIES_MOST:
        raise InteractionError(f"must be a number from 1 to {_COPIES_MOST}: copies", 400)
    return value


def origin(request: web.Request) -> str:
    """Return the address at which the caller reached this simulator."""
    return f"{request.scheme}://{request.host}"


def query_number(request: web.Request, name: str, default: int) -> int:
    """Return a whole number of the query; InteractionError when it is none."""
    value = request.query.get(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise InteractionError(f"must be a whole number: {name}", 400)
    return int(value)
