"""What Slack says about the shapes of messages, forms and home tabs."""

import inspect
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, get_type_hints

import pytest
from aiohttp import web

from bot.cli.check import shapes as check_shapes
from bot.cli.check.line import CheckLine, State
from bot.cli.check.messages import messages_line
from bot.cli.check.shapes import shapes
from bot.clock import system_clock
from bot.demo.blocks.validation import block_problems
from bot.demo.blocks.views import view_problems
from bot.settings.file import BotFile
from bot.slack import messages
from bot.slack.api.client import Message, View, open_slack_client
from tests.support.examples import MOST

REFUSED = {
    "ok": False,
    "error": "invalid_message",
    "errors": [
        {
            "pointer": "/blocks/3/text/text",
            "code": "failed_constraint",
            "message": "must be shorter",
            "constraint": "maxLength 3000",
        }
    ],
}


@asynccontextmanager
async def _slack(answer: dict[str, Any]) -> AsyncIterator[str]:
    """A Slack that answers every call so; gives its address."""

    async def reply(_request: web.Request) -> web.Response:
        return web.json_response(answer)

    application = web.Application()
    application.router.add_post("/api/{method}", reply)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()


async def _line(answer: dict[str, Any]) -> CheckLine:
    async with _slack(answer) as url, open_slack_client(url, "xoxb-1", 1_000, system_clock) as slack_client:
        return await messages_line(slack_client, BotFile().rules(), "")


@pytest.mark.parametrize(
    ("answer", "state", "message"),
    [
        (
            REFUSED,
            State.FAILED,
            (
                "Slack would refuse the card of a review that is open (user): "
                "/blocks/3/text/text: must be shorter (constraint: maxLength 3000)"
            ),
        ),
        (
            {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": ["[ERROR] too long"]}},
            State.FAILED,
            "Slack would refuse the card of a review that is open (user): [ERROR] too long",
        ),
        (
            {"ok": False, "error": "invalid_blocks"},
            State.FAILED,
            "Slack would refuse the card of a review that is open (user): invalid_blocks",
        ),
        (
            {"ok": False, "error": "unknown_method"},
            State.SKIPPED,
            "not checked: blocks.validate isn't available here",
        ),
        (
            {"ok": False, "error": "fatal_error"},
            State.SKIPPED,
            "0 messages accepted, the rest not checked: blocks.validate: fatal_error",
        ),
        ({"ok": True}, State.PASSED, "Slack accepts every message, form, home tab and digest"),
    ],
)
async def test_the_line_names_the_shape_the_place_and_the_constraint(
    answer: dict[str, Any], state: State, message: str
) -> None:
    """Or why nothing could be checked."""
    line = await _line(answer)
    assert (line.state, line.message) == (state, message)
    assert (line.advice != "") == (state is State.FAILED)


@pytest.mark.parametrize("rules", [BotFile().rules(), {"user": MOST}], ids=["shipped", "most"])
def test_every_shape_keeps_slacks_documented_rules(rules: Any) -> None:
    """With the shipped file, and with as much as a file can hold."""
    for what, content in shapes(rules, "https://portal.example.com/{session_id}"):
        if isinstance(content, Message):
            assert block_problems(list(content.blocks)) == [], what
        else:
            assert view_problems(content, content["type"]) == [], what


PLAIN = {
    *("click_not_recorded", "database_away", "database_back", "metadata", "as_json"),
    *("misspelt", "refused", "leads_only", "stats", "unknown_review", "unknown_link"),
}
"""One section of text, as others that are checked; metadata is not shown, and as_json makes none of its own."""


def test_every_function_that_makes_a_message_or_a_view_is_among_the_shapes() -> None:
    """A new one is not forgotten."""
    makers = {
        name
        for module in pkgutil.iter_modules(messages.__path__)
        for name, function in vars(import_module(f"{messages.__name__}.{module.name}")).items()
        if inspect.isfunction(function)
        and not name.startswith("_")
        and get_type_hints(function).get("return") in (Message, View)
    }
    used = set(inspect.getsource(check_shapes).translate(str.maketrans("(.", "  ")).split())
    assert makers - used - PLAIN == set()
    assert len(makers) > 10
