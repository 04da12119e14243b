"""A person submits or closes a modal."""

from bot.demo.bot_client import BotAnswer
from bot.demo.interactions.errors import InteractionError
from bot.demo.interactions.payloads import acting_person, envelope, own_view
from bot.demo.interactions.selection import view_values
from bot.demo.local_slack import LocalSlack
from bot.demo.records import Json, View
from bot.demo.web_api.errors import SlackError
from bot.demo.web_api.shapes import view_shape
from bot.demo.web_api.views import push_view, read_view, replace_body


async def submit_view(slack: LocalSlack, user: str, view_id: str, entered: Json) -> BotAnswer:
    """Send the bot a `view_submission` and do what it answers."""
    person = acting_person(slack.workspace, user)
    view = _open_modal(slack, user, view_id)
    payload = envelope("view_submission", person)
    payload["trigger_id"] = slack.workspace.triggers.issue(user)
    payload["view"] = view_shape(view, view_values(view.body["blocks"], entered))
    payload["response_urls"] = []
    answer = await slack.bot.interaction(payload)
    if answer.acknowledged and slack.workspace.find_view(view.id) is view:
        _follow(slack, view, answer)
    return answer


async def close_view(slack: LocalSlack, user: str, view_id: str, *, everything: bool) -> BotAnswer | None:
    """Close a modal, or all of them; the bot is notified only if it asked for that."""
    person = acting_person(slack.workspace, user)
    view = _open_modal(slack, user, view_id)
    _remove(slack, view, everything=everything)
    if not view.body.get("notify_on_close"):
        return None
    payload = envelope("view_closed", person)
    payload |= {"view": view_shape(view), "is_cleared": everything, "response_urls": []}
    return await slack.bot.interaction(payload)


def _open_modal(slack: LocalSlack, user: str, view_id: str) -> View:
    view = own_view(slack.workspace, user, view_id)
    if view.type != "modal":
        raise InteractionError("a home tab can be neither submitted nor closed", 400)
    return view


def _follow(slack: LocalSlack, view: View, answer: BotAnswer) -> None:
    wanted = answer.body_json()
    if not isinstance(wanted, dict) or "response_action" not in wanted:
        _remove(slack, view, everything=bool(view.body.get("clear_on_close")))
        return
    try:
        _follow_action(slack, view, wanted)
    except SlackError as error:
        raise InteractionError(
            f"the bot's response_action is refused: {error.code} {error.details}", 502
        ) from None


def _follow_action(slack: LocalSlack, view: View, wanted: Json) -> None:
    match wanted["response_action"]:
        case "errors":
            view.errors = _errors(view, wanted.get("errors"))
            slack.workspace.changed()
        case "update":
            replace_body(slack.workspace, view, read_view(wanted.get("view"), "modal"))
        case "push":
            push_view(slack.workspace, view.user, read_view(wanted.get("view"), "modal"))
        case "clear":
            _remove(slack, view, everything=True)
        case unknown:
            raise SlackError("unknown_response_action", response_action=unknown)


def _errors(view: View, errors: object) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        raise SlackError("errors must name input blocks of the view", errors=errors)
    return {block_id: str(text) for block_id, text in errors.items()}


def _remove(slack: LocalSlack, view: View, *, everything: bool) -> None:
    stack = slack.workspace.modals.get(view.user, [])
    rest = [] if everything else stack[: stack.index(view)]
    if rest:
        slack.workspace.modals[view.user] = rest
    else:
        slack.workspace.modals.pop(view.user, None)
    slack.workspace.changed()
