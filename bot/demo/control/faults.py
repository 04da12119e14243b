"""Switching Slack's faults on and off."""

from dataclasses import asdict

from aiohttp import web

from bot.demo.control.body import optional_text, read_body, text
from bot.demo.faults import FAULT_KINDS, Fault, FaultKind
from bot.demo.interactions.errors import InteractionError
from bot.demo.local_slack import LOCAL_SLACK
from bot.demo.records import Json


async def post_fault(request: web.Request) -> web.Response:
    """`POST /_control/faults`: switch a fault on."""
    slack = request.app[LOCAL_SLACK]
    body = await read_body(request)
    fault = _read_fault(slack.faults.next_id(), body)
    slack.faults.add(fault)
    slack.workspace.changed()
    return web.json_response({"id": fault.id})


async def get_faults(request: web.Request) -> web.Response:
    """`GET /_control/faults`: the faults that are on; `count` is how often each will still strike."""
    return web.json_response([asdict(fault) for fault in request.app[LOCAL_SLACK].faults.listed()])


async def delete_faults(request: web.Request) -> web.Response:
    """`DELETE /_control/faults`: switch all faults off."""
    slack = request.app[LOCAL_SLACK]
    slack.faults.clear()
    slack.workspace.changed()
    return web.json_response({})


async def delete_fault(request: web.Request) -> web.Response:
    """`DELETE /_control/faults/{id}`: switch one fault off."""
    slack = request.app[LOCAL_SLACK]
    if not slack.faults.remove(int(request.match_info["id"])):
        raise InteractionError(f"no_such_fault: {request.match_info['id']}")
    slack.workspace.changed()
    return web.json_response({})


def _read_fault(fault_id: int, body: Json) -> Fault:
    fault = Fault(fault_id, optional_text(body, "method") or "*", _read_kind(body))
    fault.count = _read_count(body)
    fault.probability = _read_number(body, "probability", fault.probability)
    fault.seconds = _read_number(body, "seconds", fault.seconds)
    fault.retry_after = _read_number(body, "retry_after", fault.retry_after)
    fault.error = optional_text(body, "error") or fault.error
    fault.channel = optional_text(body, "channel")
    return fault


def _read_kind(body: Json) -> FaultKind:
    wanted = text(body, "fault")
    kind: FaultKind | None = next((kind for kind in FAULT_KINDS if kind == wanted), None)
    if kind is None:
        raise InteractionError(f"must be one of {', '.join(FAULT_KINDS)}: fault", 400)
    return kind


def _read_count(body: Json) -> int | None:
    count = body.get("count")
    if count is not None and (type(count) is not int or count < 1):
        raise InteractionError("must be a whole number above 0, or null: count", 400)
    return count


def _read_number(body: Json, name: str, default: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise InteractionError(f"must be a number, not below 0: {name}", 400)
    return float(value)
