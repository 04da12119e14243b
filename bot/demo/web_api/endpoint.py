"""The HTTP side of the Web API: token, faults, limits, the method itself, the call log.

Every call runs in its own task, so a slow call takes effect even after its client has hung up, as
with Slack.
"""

import asyncio
import math
from dataclasses import dataclass, field
from email.utils import formatdate

from aiohttp import web

from bot.demo.blocks.problems import Problem
from bot.demo.faults import Fault
from bot.demo.local_slack import LOCAL_SLACK, LocalSlack
from bot.demo.records import Json
from bot.demo.web_api.call import Call
from bot.demo.web_api.errors import SlackError, refused_blocks
from bot.demo.web_api.methods import METHODS, NEED_NO_TOKEN
from bot.demo.web_api.reading import check_token, read_arguments
from bot.demo.web_api.scopes import accepted, check_scope

_HTTP_OK = 200
_HTTP_TOO_MANY = 429
_HTTP_UNAVAILABLE = 503
_ERROR_PAGE = "<!DOCTYPE html><html><head><title>503</title></head><body>Service Unavailable</body></html>"


@dataclass(frozen=True, slots=True)
class _Answer:
    """What goes back to the caller; `body` None means that the connection is closed instead."""

    outcome: str
    body: Json | str | None
    status: int = _HTTP_OK
    headers: dict[str, str] = field(default_factory=dict)


_DROPPED = _Answer("dropped", None)


async def answer_call(request: web.Request) -> web.StreamResponse:
    """Answer `/api/{method}`."""
    slack = request.app[LOCAL_SLACK]
    task = slack.tasks.start(_serve(slack, request))
    try:
        return _response(request, await asyncio.shield(task))
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
        return _response(request, _DROPPED)


async def _serve(slack: LocalSlack, request: web.Request) -> _Answer:
    method = request.match_info["method"]
    arguments: Json = {}
    refusal: SlackError | None = None
    try:
        arguments = await read_arguments(request)
        if method not in NEED_NO_TOKEN:
            check_token(request, arguments, slack.config.bot_token)
    except SlackError as error:
        refusal = error
    channel = arguments.get("channel")
    call = Call(method, arguments, f"{request.scheme}://{request.host}")
    logged = slack.call_log.begin(method, arguments, channel if isinstance(channel, str) else None)
    try:
        answer = _refusal(refusal) if refusal is not None else await _with_fault(slack, call, logged.channel)
    except asyncio.CancelledError:
        logged.outcome = "dropped"
        raise
    logged.outcome = answer.outcome
    logged.status = None if answer.body is None else answer.status
    return answer


async def _with_fault(slack: LocalSlack, call: Call, channel: str | None) -> _Answer:
    fault = slack.faults.strike(call.method, channel)
    if fault is None:
        return _act(slack, call, channel)
    if fault.count is not None:
        slack.workspace.changed()
    match fault.fault:
        case "slow":
            await asyncio.sleep(fault.seconds)
            return _act(slack, call, channel)
        case "slow_answer":
            answer = _act(slack, call, channel)
            await asyncio.sleep(fault.seconds)
            return answer
        case "drop_after":
            _act(slack, call, channel)
            return _DROPPED
        case _:
            return _failure(fault)


def _failure(fault: Fault) -> _Answer:
    """Return the answer of a fault that keeps the call from taking effect."""
    match fault.fault:
        case "ratelimited":
            return _ratelimited(fault.retry_after)
        case "server_error":
            headers = {"Content-Type": "text/html; charset=utf-8"}
            return _Answer("server_error", _ERROR_PAGE, _HTTP_UNAVAILABLE, headers)
        case "not_json":
            return _Answer("not_json", '{"ok": true, "ts": ', headers={"Content-Type": "application/json"})
        case "error":
            return _refusal(_refused(fault.error))
        case _:
            return _DROPPED


def _refused(code: str) -> SlackError:
    """Return an error as Slack answers it: refused blocks come with their places."""
    if code != "invalid_blocks":
        return SlackError(code)
    return refused_blocks(
        code, [Problem("invalid", "refused by the fault that is switched on", "/0")], "/blocks"
    )


def _act(slack: LocalSlack, call: Call, channel: str | None) -> _Answer:
    retry_after_s = slack.pace.retry_after_s(call.method, channel or "")
    if retry_after_s:
        return _ratelimited(retry_after_s)
    method = METHODS.get(call.method)
    if method is None:
        return _refusal(SlackError("unknown_method", req_method=call.method))
    try:
        check_scope(call.method, slack.workspace.scopes)
        return _Answer("ok", {"ok": True, **method(slack.workspace, call)})
    except SlackError as error:
        return _refusal(error)


def _refusal(error: SlackError) -> _Answer:
    return _Answer(error.code, error.as_answer())


def _ratelimited(retry_after_s: float) -> _Answer:
    whole_s = max(1, math.ceil(retry_after_s))
    body = SlackError("ratelimited").as_answer()
    return _Answer("ratelimited", body, _HTTP_TOO_MANY, {"Retry-After": str(whole_s)})


def _response(request: web.Request, answer: _Answer) -> web.StreamResponse:
    if answer.body is None:
        if request.transport is not None:
            request.transport.close()
        return web.Response()
    slack = request.app[LOCAL_SLACK]
    # The server's own Date would be the machine's: a clock that was moved on would look wrong to the bot.
    date = {"Date": formatdate(slack.config.time() / 1000, usegmt=True)}
    if isinstance(answer.body, str):
        return web.Response(text=answer.body, status=answer.status, headers=date | answer.headers)
    scopes = {
        "x-oauth-scopes": ",".join(slack.workspace.scopes),
        "x-accepted-oauth-scopes": accepted(request.match_info["method"]),
    }
    headers = date | scopes | answer.headers
    return web.json_response(answer.body, status=answer.status, headers=headers)
