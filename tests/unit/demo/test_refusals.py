"""Slack refuses calls as the real one does."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

CHANNEL = "CUSER00001"
HUGE_METADATA = {"event_type": "a", "event_payload": {"k": "x" * 17_000}}


async def _error_of(slack: AsyncWebClient, method: str, **arguments: object) -> str:
    with pytest.raises(SlackApiError) as caught:
        await slack.api_call(method, json=arguments)
    return str(caught.value.response["error"])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "CNOWHERE", "text": "x"}, "channel_not_found"),
        ({"text": "x"}, "invalid_arguments"),
        ({"channel": CHANNEL}, "no_text"),
        ({"channel": CHANNEL, "text": ""}, "no_text"),
        ({"channel": CHANNEL, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": CHANNEL, "text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ({"channel": CHANNEL, "text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"channel": CHANNEL, "text": "x", "blocks": [{"type": "marquee"}]}, "invalid_blocks"),
        ({"channel": CHANNEL, "text": "x", "metadata": "no"}, "invalid_metadata_format"),
        ({"channel": CHANNEL, "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        (
            {"channel": CHANNEL, "text": "x", "metadata": {"event_type": "a", "event_payload": {"k": {}}}},
            "invalid_metadata_format",
        ),
        ({"channel": CHANNEL, "text": "x", "metadata": HUGE_METADATA}, "metadata_too_large"),
    ],
)  # fmt: skip
async def test_a_message_that_slack_would_refuse(
    slack: AsyncWebClient, arguments: dict[str, Any], error: str
) -> None:
    """Each broken message gets Slack's own error code."""
    assert await _error_of(slack, "chat.postMessage", **arguments) == error


async def test_all_text_together_is_limited(slack: AsyncWebClient) -> None:
    """Blocks that are each short enough are too long together."""
    section = {"type": "section", "text": {"type": "plain_text", "text": "x" * 2_900}}

    error = await _error_of(slack, "chat.postMessage", channel=CHANNEL, text="x", blocks=[section] * 5)

    assert error == "msg_blocks_too_long"


async def test_invalid_blocks_name_the_place(slack: AsyncWebClient) -> None:
    """The answer points at the broken part."""
    blocks: list[dict[str, Any]] = [
        {"type": "divider"},
        {"type": "section", "text": {"type": "mrkdwn", "text": ""}},
    ]
    with pytest.raises(SlackApiError) as caught:
        await slack.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)

    answer = caught.value.response
    assert answer["errors"] == answer["response_metadata"]["messages"]
    assert answer["errors"] == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/1/text/text]",
    ]


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-other", "invalid_auth")])
async def test_only_the_bots_token_is_accepted(url: str, token: str, error: str) -> None:
    """A call without the token, or with another, is refused."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(headers=headers) as client:
        answer = await (await client.post(f"{url}/api/auth.test")).json()
        free = await (await client.post(f"{url}/api/blocks.validate", json={"blocks": []})).json()

    assert answer == {"ok": False, "error": error}
    assert free == {"ok": True}


async def test_an_unknown_method_is_named(slack: AsyncWebClient) -> None:
    """A method that does not exist here says so."""
    assert await _error_of(slack, "chat.shout") == "unknown_method"


async def test_broken_json_is_refused(url: str) -> None:
    """A body that is not JSON gets an answer, not a failure."""
    headers = {"Authorization": "Bearer xoxb-local", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as client:
        broken = await (await client.post(f"{url}/api/auth.test", data="{")).json()
        no_object = await (await client.post(f"{url}/api/auth.test", data="[]")).json()

    assert broken["error"] == "invalid_json"
    assert no_object["error"] == "json_not_object"


async def test_a_channel_that_is_archived_or_left_is_refused(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """Writing needs an open channel with the bot in it."""
    await control.patch(f"channels/{CHANNEL}", json={"archived": True})
    archived = await _error_of(slack, "chat.postMessage", channel=CHANNEL, text="x")
    await control.patch(f"channels/{CHANNEL}", json={"bot_is_member": False})
    left = await _error_of(slack, "chat.postMessage", channel=CHANNEL, text="x")
    shape = (await slack.conversations_info(channel=CHANNEL))["channel"]

    assert (archived, left) == ("is_archived", "not_in_channel")
    assert (shape["is_archived"], shape["is_member"], shape["name"]) == (True, False, "user-compliance")


async def test_an_update_is_refused_when_too_long_or_of_another(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """Updates are shorter than posts, and only of the bot's own messages."""
    own = (await slack.chat_postMessage(channel=CHANNEL, text="x"))["ts"]
    body = {"user": "UANA000001", "channel": CHANNEL, "text": "hi"}
    other = (await (await control.post("messages", json=body)).json())["ts"]

    assert await _error_of(slack, "chat.update", channel=CHANNEL, ts=own, text="x" * 4_001) == "msg_too_long"
    assert await _error_of(slack, "chat.update", channel=CHANNEL, ts=other, text="x") == "cant_update_message"
    assert await _error_of(slack, "chat.delete", channel=CHANNEL, ts=other) == "cant_delete_message"


async def test_strangers_and_unknown_groups_are_refused(slack: AsyncWebClient) -> None:
    """People and groups must exist, and be in the channel for a note."""
    note = {"channel": CHANNEL, "user": "USTRANGER1", "text": "x"}
    assert await _error_of(slack, "chat.postEphemeral", **note) == "user_not_in_channel"
    assert await _error_of(slack, "users.info", user="USTRANGER1") == "user_not_found"
    assert await _error_of(slack, "usergroups.users.list", usergroup="SNONE") == "no_such_subteam"
    assert await _error_of(slack, "bots.info", bot="BNONE") == "bot_not_found"
    assert await _error_of(slack, "conversations.open") == "users_list_not_supplied"
