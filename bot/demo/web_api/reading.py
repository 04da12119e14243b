"""Reads a Web API request: token and arguments, from wherever a client puts them."""

import hmac
import json

from aiohttp import web

from bot.demo.records import Json
from bot.demo.web_api.errors import SlackError


async def read_arguments(request: web.Request) -> Json:
    """Return the arguments of query and body together; SlackError when the body is broken JSON."""
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        arguments |= await _read_json(request)
    elif request.body_exists:
        form = await request.post()
        arguments |= {name: value for name, value in form.items() if isinstance(value, str)}
    return arguments


async def _read_json(request: web.Request) -> Json:
    body = await request.read()
    try:
        value = json.loads(body) if body else {}
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value


def check_token(request: web.Request, arguments: Json, bot_token: str) -> None:
    """Take the token out of the arguments; SlackError when it is missing or not the bot's."""
    in_arguments = arguments.pop("token", None)
    scheme, _, in_header = request.headers.get("Authorization", "").partition(" ")
    token = in_header.strip() if scheme.lower() == "bearer" else in_arguments
    if not token:
        raise SlackError("not_authed")
    if not isinstance(token, str) or not hmac.compare_digest(token.encode(), bot_token.encode()):
        raise SlackError("invalid_auth")
