"""Interactions of a person: click, submit, close, open the home tab, type a command, write a message."""

from aiohttp import web

from bot.demo.control.body import copies, optional_text, origin, read_body, record, text
from bot.demo.control.state import message_state
from bot.demo.interactions.click import MessagePlace, click_in_message, click_in_view
from bot.demo.interactions.conversation import open_home, run_command, say
from bot.demo.interactions.elements import Press
from bot.demo.interactions.modals import close_view, submit_view
from bot.demo.local_slack import LOCAL_SLACK
from bot.demo.records import Json

_CHOICES = (
    "value",
    "selected_option",
    "selected_user",
    "selected_options",
    "selected_users",
    "selected_date",
)


async def post_click(request: web.Request) -> web.Response:
    """`POST /_control/click`: press a button or choose from a menu; `copies` of the request reach the bot at once."""
    slack = request.app[LOCAL_SLACK]
    body = await read_body(request)
    user, press = text(body, "user"), _press(body)
    view_id = optional_text(body, "view_id")
    if view_id is not None:
        answer = await click_in_view(slack, user, view_id, press, record(body, "values"))
    else:
        place = MessagePlace(text(body, "channel"), text(body, "ts"), origin(request))
        answer = await click_in_message(slack, user, place, press, copies(body))
    return web.json_response(answer.as_json())


async def post_submit_view(request: web.Request) -> web.Response:
    """`POST /_control/submit-view`: submit a modal with what was entered."""
    slack = request.app[LOCAL_SLACK]
    body = await read_body(request)
    answer = await submit_view(slack, text(body, "user"), text(body, "view_id"), record(body, "values"))
    return web.json_response(answer.as_json())


async def post_close_view(request: web.Request) -> web.Response:
    """`POST /_control/close-view`: close a modal, with `clear` all of them."""
    slack = request.app[LOCAL_SLACK]
    body = await read_body(request)
    everything = bool(body.get("clear"))
    answer = await close_view(slack, text(body, "user"), text(body, "view_id"), everything=everything)
    return web.json_response(answer.as_json() if answer else {})


async def post_open_home(request: web.Request) -> web.Response:
    """`POST /_control/open-home`: open the app's home tab."""
    body = await read_body(request)
    answer = await open_home(request.app[LOCAL_SLACK], text(body, "user"))
    return web.json_response(answer.as_json())


async def post_command(request: web.Request) -> web.Response:
    """`POST /_control/command`: type `/reviews` or another command; `copies` of the request reach the bot at once."""
    slack = request.app[LOCAL_SLACK]
    body = await read_body(request)
    command = optional_text(body, "command") or "/reviews"
    words = optional_text(body, "text") or ""
    user, channel = text(body, "user"), text(body, "channel")
    answer = await run_command(slack, user, channel, command, words, origin(request), copies(body))
    return web.json_response(answer.as_json())


async def post_message(request: web.Request) -> web.Response:
    """`POST /_control/messages`: write a message as a person."""
    slack = request.app[LOCAL_SLACK]
    body = await read_body(request)
    thread_ts = optional_text(body, "thread_ts")
    message = say(slack, text(body, "user"), text(body, "channel"), text(body, "text"), thread_ts)
    return web.json_response(message_state(message))


def _press(body: Json) -> Press:
    return Press(
        action_id=optional_text(body, "action_id"),
        block_id=optional_text(body, "block_id"),
        label=optional_text(body, "label"),
        choice=next((body[name] for name in _CHOICES if body.get(name) is not None), None),
        action=record(body, "action") or None,
    )
