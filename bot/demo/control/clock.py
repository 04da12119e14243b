"""Moving the time on, to see what happens later."""

from aiohttp import web

from bot.demo.control.body import read_body
from bot.demo.control.state import clock_state
from bot.demo.interactions.errors import InteractionError
from bot.demo.local_slack import LOCAL_SLACK


async def post_clock(request: web.Request) -> web.Response:
    """`POST /_control/clock`: go forward by `advance_s` seconds."""
    slack = request.app[LOCAL_SLACK]
    seconds = (await read_body(request)).get("advance_s")
    try:
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise ValueError("must be a number of seconds")  # noqa: TRY004, TRY301 - one answer for both
        slack.config.time.advance(seconds)
    except ValueError as error:
        raise InteractionError(f"advance_s: {error}", 400) from None
    slack.workspace.changed()
    return web.json_response(clock_state(slack))
