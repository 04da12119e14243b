"""Modals: opened, changed, stacked, submitted, closed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo import triggers

CHANNEL = "CUSER00001"
ANA = "UANA000001"

BotRequest = tuple[str, dict[str, str], bytes]
Answers = dict[str, Callable[[], Awaitable[web.Response]]]


def _text(words: str) -> dict[str, str]:
    return {"type": "plain_text", "text": words}


REASONS = [{"text": _text(word), "value": word.lower()} for word in ("Unreadable", "Mismatch")]
MODAL: dict[str, Any] = {
    "type": "modal",
    "title": _text("Resolve"),
    "submit": _text("Send"),
    "callback_id": "resolve",
    "private_metadata": "s-1",
    "notify_on_close": True,
    "blocks": [
        {"type": "input", "block_id": "note", "label": _text("Note"),
         "element": {"type": "plain_text_input", "action_id": "text"}},
        {"type": "input", "block_id": "reason", "label": _text("Reason"),
         "element": {"type": "static_select", "action_id": "choice", "options": REASONS,
                     "initial_option": REASONS[1]}},
        {"type": "actions", "block_id": "more", "elements": [
            {"type": "button", "action_id": "help", "text": _text("Help")}]},
    ],
}  # fmt: skip


def _payload(request: BotRequest) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(parse_qs(request[2].decode())["payload"][0])
    return payload


@pytest.fixture
def trigger(
    slack: AsyncWebClient, control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> Callable[[], Awaitable[str]]:
    """Return a function that presses a button and returns the trigger id that the bot got for it."""

    async def press() -> str:
        button = {"type": "button", "action_id": "a", "text": _text("Resolve")}
        blocks = [{"type": "actions", "elements": [button]}]
        ts = (await slack.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks))["ts"]
        await control.post("click", json={"user": ANA, "channel": CHANNEL, "ts": ts, "action_id": "a"})
        return str(_payload(bot_requests[-1])["trigger_id"])

    return press


async def _modals(control: aiohttp.ClientSession) -> list[dict[str, Any]]:
    state = await (await control.get(f"state?user={ANA}")).json()
    modals: list[dict[str, Any]] = state["modals"].get(ANA, [])
    return modals


async def _submit(control: aiohttp.ClientSession, view_id: str, **values: object) -> dict[str, Any]:
    body = {"user": ANA, "view_id": view_id, "values": values}
    answer: dict[str, Any] = await (await control.post("submit-view", json=body)).json()
    return answer


def _answer_with(body: dict[str, Any]) -> Callable[[], Awaitable[web.Response]]:
    async def answer() -> web.Response:
        return web.json_response(body)

    return answer


async def test_a_trigger_opens_one_modal(
    slack: AsyncWebClient, control: aiohttp.ClientSession, trigger: Callable[[], Awaitable[str]]
) -> None:
    """The modal is shown to the person who clicked; the trigger is used up by it."""
    trigger_id = await trigger()
    opened = await slack.views_open(trigger_id=trigger_id, view=MODAL)

    assert [view["id"] for view in await _modals(control)] == [opened["view"]["id"]]
    assert opened["view"]["private_metadata"] == "s-1"
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await slack.views_open(trigger_id=trigger_id, view=MODAL)
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await slack.views_open(trigger_id="1.2.3", view=MODAL)


async def test_a_trigger_expires(
    slack: AsyncWebClient, trigger: Callable[[], Awaitable[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A modal that comes too late is refused."""
    monkeypatch.setattr(triggers, "TRIGGER_LIFE_S", 0.01)
    trigger_id = await trigger()
    await asyncio.sleep(0.02)

    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await slack.views_open(trigger_id=trigger_id, view=MODAL)


async def test_a_broken_view_is_refused_and_leaves_the_trigger(
    slack: AsyncWebClient, trigger: Callable[[], Awaitable[str]]
) -> None:
    """The answer names the place; the trigger may be used for a better view."""
    trigger_id = await trigger()
    with pytest.raises(SlackApiError) as caught:
        await slack.views_open(trigger_id=trigger_id, view={**MODAL, "title": _text("x" * 25)})

    assert caught.value.response["error"] == "invalid_arguments"
    assert "[json-pointer:/view/title/text]" in caught.value.response["errors"][0]
    await slack.views_open(trigger_id=trigger_id, view=MODAL)


async def test_views_are_updated_unless_the_hash_is_old(
    slack: AsyncWebClient, control: aiohttp.ClientSession, trigger: Callable[[], Awaitable[str]]
) -> None:
    """An update changes content and hash; an old hash is a conflict."""
    view = (await slack.views_open(trigger_id=await trigger(), view=MODAL))["view"]
    changed = {**MODAL, "title": _text("Changed")}

    await slack.views_update(view_id=view["id"], hash=view["hash"], view=changed)

    assert (await _modals(control))[0]["title"]["text"] == "Changed"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await slack.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)
    with pytest.raises(SlackApiError, match="not_found"):
        await slack.views_update(view_id="V0", view=MODAL)


async def test_up_to_three_modals_are_stacked(
    slack: AsyncWebClient, control: aiohttp.ClientSession, trigger: Callable[[], Awaitable[str]]
) -> None:
    """The fourth is refused; closing the second leaves the first."""
    await slack.views_open(trigger_id=await trigger(), view=MODAL)
    await slack.views_push(trigger_id=await trigger(), view=MODAL)
    await slack.views_push(trigger_id=await trigger(), view=MODAL)
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await slack.views_push(trigger_id=await trigger(), view=MODAL)

    stack = await _modals(control)
    await control.post("close-view", json={"user": ANA, "view_id": stack[1]["id"]})

    assert stack[2]["previous_view_id"] == stack[1]["id"]
    assert [view["id"] for view in await _modals(control)] == [stack[0]["id"]]


async def test_a_submission_carries_the_values_and_closes_the_modal(
    slack: AsyncWebClient,
    control: aiohttp.ClientSession,
    trigger: Callable[[], Awaitable[str]],
    bot_requests: list[BotRequest],
) -> None:
    """Values are in Slack's shape; what was not touched keeps its initial value."""
    view = (await slack.views_open(trigger_id=await trigger(), view=MODAL))["view"]

    answer = await _submit(control, view["id"], note={"text": "looks fine"})

    payload = _payload(bot_requests[-1])
    values = payload["view"]["state"]["values"]
    assert answer["status"] == 200
    assert (payload["type"], payload["view"]["callback_id"]) == ("view_submission", "resolve")
    assert values["note"] == {"text": {"type": "plain_text_input", "value": "looks fine"}}
    assert values["reason"]["choice"]["selected_option"]["value"] == "mismatch"
    assert "more" not in values
    assert await _modals(control) == []


@pytest.mark.parametrize(
    "given", ["unreadable", "Unreadable", {"value": "unreadable"}, {"choice": "unreadable"}]
)
async def test_values_may_be_given_in_short(
    slack: AsyncWebClient,
    control: aiohttp.ClientSession,
    trigger: Callable[[], Awaitable[str]],
    bot_requests: list[BotRequest],
    given: object,
) -> None:
    """An option is chosen by value, label or whole, with or without the action id."""
    view = (await slack.views_open(trigger_id=await trigger(), view=MODAL))["view"]

    await _submit(control, view["id"], note="short", reason=given)

    values = _payload(bot_requests[-1])["view"]["state"]["values"]
    assert values["note"]["text"]["value"] == "short"
    assert values["reason"]["choice"]["selected_option"]["value"] == "unreadable"


@pytest.mark.parametrize(
    ("answer", "titles", "errors"),
    [
        ({"response_action": "errors", "errors": {"note": "Too short"}}, ["Resolve"], {"note": "Too short"}),
        ({"response_action": "update", "view": {**MODAL, "title": _text("Next")}}, ["Next"], {}),
        ({"response_action": "push", "view": {**MODAL, "title": _text("Next")}}, ["Resolve", "Next"], {}),
        ({"response_action": "clear"}, [], {}),
    ],
)
async def test_the_bots_response_action_is_followed(
    slack: AsyncWebClient,
    control: aiohttp.ClientSession,
    trigger: Callable[[], Awaitable[str]],
    bot_answers: Answers,
    answer: dict[str, Any],
    titles: list[str],
    errors: dict[str, str],
) -> None:
    """Errors, update, push and clear do what Slack does."""
    view = (await slack.views_open(trigger_id=await trigger(), view=MODAL))["view"]
    bot_answers["/slack/interactions"] = _answer_with(answer)

    await _submit(control, view["id"], note="x")

    modals = await _modals(control)
    assert [modal["title"]["text"] for modal in modals] == titles
    assert (modals[0]["errors"] if modals else {}) == errors


async def test_a_response_action_that_slack_would_refuse_is_reported(
    slack: AsyncWebClient,
    control: aiohttp.ClientSession,
    trigger: Callable[[], Awaitable[str]],
    bot_answers: Answers,
) -> None:
    """Errors must name an input, and a view must be valid; the modal stays."""
    view = (await slack.views_open(trigger_id=await trigger(), view=MODAL))["view"]
    bot_answers["/slack/interactions"] = _answer_with({"response_action": "errors", "errors": {"more": "x"}})

    body = {"user": ANA, "view_id": view["id"], "values": {}}
    answer = await control.post("submit-view", json=body)

    assert answer.status == 502
    assert "errors must name input blocks" in (await answer.json())["error"]
    assert len(await _modals(control)) == 1


async def test_closing_tells_the_bot_and_buttons_in_modals_work(
    slack: AsyncWebClient,
    control: aiohttp.ClientSession,
    trigger: Callable[[], Awaitable[str]],
    bot_requests: list[BotRequest],
) -> None:
    """A click in a modal names the view and what was entered; closing sends view_closed."""
    view = (await slack.views_open(trigger_id=await trigger(), view=MODAL))["view"]

    click = {"user": ANA, "view_id": view["id"], "label": "Help", "values": {"note": "so far"}}
    await control.post("click", json=click)
    await control.post("close-view", json={"user": ANA, "view_id": view["id"]})

    clicked, closed = (_payload(request) for request in bot_requests[-2:])
    assert clicked["container"] == {"type": "view", "view_id": view["id"]}
    assert clicked["view"]["state"]["values"]["note"]["text"]["value"] == "so far"
    assert (closed["type"], closed["is_cleared"]) == ("view_closed", False)
    assert await _modals(control) == []
