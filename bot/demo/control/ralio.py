"""Sending what Ralio sends."""

import json

from aiohttp import web

from bot.demo.control.body import optional_text, read_body, text
from bot.demo.interactions.errors import InteractionError
from bot.demo.local_slack import LOCAL_SLACK
from bot.demo.ralio_samples import SAMPLE_KINDS, NoOpenSessionError, SampleKind


async def post_ralio(request: web.Request) -> web.Response:
    """`POST /_control/ralio`: make a sample event, sign it, send it."""
    slack = request.app[LOCAL_SLACK]
    body = await read_body(request)
    kind = _read_kind(text(body, "send"))
    try:
        event = slack.samples.make(kind, optional_text(body, "session_id"))
    except NoOpenSessionError:
        raise InteractionError("no session is in review: send a review event first", 409) from None
    content = json.loads(event)
    slack.ralio.note(content)
    answer = await slack.bot.webhook(event)
    return web.json_response({**answer.as_json(), "event": content})


def _read_kind(wanted: str) -> SampleKind:
    kind: SampleKind | None = next((kind for kind in SAMPLE_KINDS if kind == wanted), None)
    if kind is None:
        raise InteractionError(f"must be one of {', '.join(SAMPLE_KINDS)}: send", 400)
    return kind
