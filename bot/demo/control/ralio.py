"""Sending what Ralio sends."""

import json

from aiohttp import web

from bot.demo.control.body import optional_text, read_body, text
from bot.demo.interactions.conversation import find_channel
from bot.demo.interactions.errors import InteractionError
from bot.demo.local_slack import LOCAL_SLACK, LocalSlack
from bot.demo.ralio_samples import SAMPLE_KINDS, NoOpenSessionError, SampleKind
from bot.demo.records import Json

VERDICTS = ("verified", "failed", "expired")


async def post_ralio(request: web.Request) -> web.Response:
    """`POST /_control/ralio`: make a sample event, sign it, send it.

    A verdict is about `session_id`; without one about the newest session in review that `channel` shows, or else the
    newest of all. The answer says which, and where its card is, as `about`.
    """
    slack = request.app[LOCAL_SLACK]
    body = await read_body(request)
    kind = _read_kind(text(body, "send"))
    session_id = optional_text(body, "session_id")
    channel = optional_text(body, "channel")
    if session_id is None and channel is not None and kind in VERDICTS:
        session_id = _newest_in(slack, channel)
    try:
        event = slack.samples.make(kind, session_id)
    except NoOpenSessionError:
        raise InteractionError("no session is in review: send a review event first", 409) from None
    content = json.loads(event)
    slack.ralio.note(content)
    answer = await slack.bot.webhook(event)
    about = _about(slack, content) if kind in VERDICTS else None
    return web.json_response({**answer.as_json(), "event": content, "about": about})


def _newest_in(slack: LocalSlack, channel: str) -> str | None:
    """Return the newest session in review whose card this channel shows."""
    shown = {card.session_id for card in find_channel(slack, channel).messages.values()}
    return next((session for session in slack.samples.in_review if session in shown), None)


def _about(slack: LocalSlack, event: Json) -> Json:
    session_id = event["data"]["sessionId"]
    channels = (
        channel.name
        for channel in slack.workspace.channels.values()
        if any(message.session_id == session_id for message in channel.messages.values())
    )
    return {"session_id": session_id, "channel": next(channels, None)}


def _read_kind(wanted: str) -> SampleKind:
    kind: SampleKind | None = next((kind for kind in SAMPLE_KINDS if kind == wanted), None)
    if kind is None:
        raise InteractionError(f"must be one of {', '.join(SAMPLE_KINDS)}: send", 400)
    return kind
