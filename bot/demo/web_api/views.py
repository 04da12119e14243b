"""`views.*` and `blocks.validate`: modals and home tabs."""

from bot.demo.blocks.completion import completed
from bot.demo.blocks.problems import Problem
from bot.demo.blocks.validation import block_problems
from bot.demo.blocks.views import view_problems
from bot.demo.records import Json, View
from bot.demo.web_api.call import Call
from bot.demo.web_api.errors import SlackError, missing_argument, refused_blocks
from bot.demo.web_api.places import find_person
from bot.demo.web_api.shapes import view_shape
from bot.demo.workspace import Workspace

STACK_MOST = 3


def open_view(workspace: Workspace, call: Call) -> Json:
    """`views.open`: show a modal to the person whose act gave the trigger id."""
    body = read_view(call.parsed("view", "invalid_arguments"), "modal")
    user = workspace.triggers.redeem(_trigger_id(call))
    _check_external_id(workspace, body, None)
    view = workspace.new_view(user, body)
    workspace.modals[user] = [view]
    workspace.changed()
    return {"view": view_shape(view)}


def push(workspace: Workspace, call: Call) -> Json:
    """`views.push`: put a modal on top of the one that is open, up to three."""
    body = read_view(call.parsed("view", "invalid_arguments"), "modal")
    user = workspace.triggers.redeem(_trigger_id(call))
    _check_external_id(workspace, body, None)
    view = push_view(workspace, user, body)
    return {"view": view_shape(view)}


def push_view(workspace: Workspace, user: str, body: Json) -> View:
    """Put a checked modal on top of the person's open ones; SlackError when there is none or no room."""
    stack = workspace.modals.get(user)
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= STACK_MOST:
        raise SlackError("push_limit_reached")
    view = workspace.new_view(user, body, previous=stack[-1])
    stack.append(view)
    workspace.changed()
    return view


def update(workspace: Workspace, call: Call) -> Json:
    """`views.update`: replace an open modal's content."""
    view = _named_view(workspace, call)
    body = read_view(call.parsed("view", "invalid_arguments"), "modal")
    _check_hash(call, view)
    _check_external_id(workspace, body, view)
    replace_body(workspace, view, body)
    return {"view": view_shape(view)}


def replace_body(workspace: Workspace, view: View, body: Json) -> None:
    """Give a view new, checked content, and with it a new hash."""
    view.body = body
    view.hash = workspace.new_hash()
    view.errors = {}
    workspace.changed()


def publish(workspace: Workspace, call: Call) -> Json:
    """`views.publish`: set a person's home tab."""
    user = find_person(workspace, call.required_text("user_id")).id
    body = read_view(call.parsed("view", "invalid_arguments"), "home")
    view = workspace.homes.get(user)
    if view is None:
        view = workspace.homes[user] = workspace.new_view(user, body)
        workspace.changed()
    else:
        _check_hash(call, view)
        replace_body(workspace, view, body)
    return {"view": view_shape(view)}


def validate_blocks(_workspace: Workspace, call: Call) -> Json:
    """`blocks.validate`: name every broken rule of blocks, a message or a view; it needs no token."""
    given = [name for name in ("blocks", "message", "view") if call.arguments.get(name) is not None]
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    (name,) = given
    problems = _problems(name, call.parsed(name, f"invalid_{name}"))
    if problems:
        raise SlackError(f"invalid_{name}", errors=[problem.as_error() for problem in problems])
    return {}


def _problems(name: str, content: object) -> list[Problem]:
    if name == "blocks":
        return block_problems(content)
    if not isinstance(content, dict):
        raise SlackError(f"invalid_{name}")
    if name == "view":
        return view_problems(content, "home" if content.get("type") == "home" else "modal")
    found = block_problems(content.get("blocks"))
    return [Problem(each.code, each.message, f"/blocks{each.pointer}") for each in found]


def read_view(view: object, kind: str) -> Json:
    """Return a view that the bot sent, checked and completed; SlackError naming what is wrong."""
    if view is None:
        raise missing_argument("view")
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments")
    problems = view_problems(view, kind)
    if problems:
        raise refused_blocks("invalid_arguments", problems, "/view")
    return {**view, "blocks": completed(view["blocks"])}


def _trigger_id(call: Call) -> str:
    return call.text("trigger_id") or call.required_text("interactivity_pointer")


def _named_view(workspace: Workspace, call: Call) -> View:
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if not view_id and not external_id:
        raise missing_argument("view_id")
    view = workspace.find_view(view_id) if view_id else _with_external_id(workspace, external_id)
    if view is None or view.type != "modal":
        raise SlackError("not_found")
    return view


def _with_external_id(workspace: Workspace, external_id: str | None) -> View | None:
    views = (view for stack in workspace.modals.values() for view in stack)
    return next((view for view in views if view.body.get("external_id") == external_id), None)


def _check_external_id(workspace: Workspace, body: Json, own: View | None) -> None:
    external_id = body.get("external_id")
    if external_id and _with_external_id(workspace, external_id) not in (None, own):
        raise SlackError("duplicate_external_id")


def _check_hash(call: Call, view: View) -> None:
    known = call.text("hash")
    if known and known != view.hash:
        raise SlackError("hash_conflict")
