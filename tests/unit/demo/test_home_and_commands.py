"""The home tab and slash commands."""

import json
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

CHANNEL = "CUSER00001"
ANA = "UANA000001"

BotRequest = tuple[str, dict[str, str], bytes]
Answers = dict[str, Callable[[], Awaitable[web.Response]]]


async def test_the_home_tab_is_opened_and_published(
    slack: AsyncWebClient, control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """Opening sends a signed app_home_opened; what the bot publishes is that person's home."""
    await control.post("open-home", json={"user": ANA})
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = (await slack.views_publish(user_id=ANA, view=home))["view"]
    await slack.views_publish(user_id=ANA, view=home)

    path, headers, body = bot_requests[0]
    event = json.loads(body)
    state = await (await control.get(f"state?user={ANA}")).json()
    assert path == "/slack/events"
    assert SignatureVerifier("signing-secret").is_valid_request(body, headers)
    assert (event["type"], event["event"]["type"]) == ("event_callback", "app_home_opened")
    assert (event["event"]["user"], event["event"]["tab"]) == (ANA, "home")
    assert state["homes"][ANA]["id"] == first["id"]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await slack.views_publish(user_id=ANA, view=home, hash=first["hash"])


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ({"response_type": "ephemeral", "text": "2 open"}, [("2 open", ANA)]),
        ({"response_type": "in_channel", "text": "2 open"}, [("2 open", None)]),
        ({}, [("{}", ANA)]),
    ],
)
async def test_a_command_is_sent_as_a_form_and_its_answer_shown(
    control: aiohttp.ClientSession,
    bot_requests: list[BotRequest],
    bot_answers: Answers,
    answer: dict[str, str],
    shown: list[tuple[str, str | None]],
) -> None:
    """The answer is a note to the person, or a message; an empty object is shown as text."""

    async def respond() -> web.Response:
        return web.json_response(answer)

    bot_answers["/slack/commands"] = respond

    await control.post("command", json={"user": ANA, "channel": CHANNEL, "text": "mine"})

    path, headers, body = bot_requests[0]
    form = parse_qs(body.decode())
    messages = await (await control.get(f"messages?channel={CHANNEL}")).json()
    assert path == "/slack/commands"
    assert SignatureVerifier("signing-secret").is_valid_request(body, headers)
    assert (form["command"], form["text"], form["user_id"]) == (["/reviews"], ["mine"], [ANA])
    assert [(message["text"], message["ephemeral_to"]) for message in messages] == shown


async def test_a_command_without_an_answer_is_reported_to_the_person(
    control: aiohttp.ClientSession,
) -> None:
    """Slackbot says that the command failed."""
    await control.put("bot-url", json={"url": "http://127.0.0.1:9"})
    await control.post("command", json={"user": ANA, "channel": CHANNEL, "text": ""})

    notes = await (await control.get(f"messages?channel={CHANNEL}&user={ANA}")).json()
    assert [note["text"] for note in notes] == ['/reviews failed with the error "dispatch_failed"']


async def test_a_command_that_the_app_does_not_have_is_refused(
    control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """By Slackbot, to this person alone; the bot hears nothing of it."""
    answer = await control.post(
        "command", json={"user": ANA, "channel": CHANNEL, "command": "/review", "text": ""}
    )
    assert (await answer.json())["error"] == "not_a_command"
    assert bot_requests == []
    (note,) = await (await control.get(f"messages?channel={CHANNEL}&user={ANA}")).json()
    assert note["text"].startswith("/review is not a valid command.")
    assert (note["user"], note["ephemeral_to"]) == ("USLACKBOT", ANA)
