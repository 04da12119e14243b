"""The bot writes, changes and removes messages."""

import json

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

USER_CHANNEL = "CUSER00001"
METADATA = {"event_type": "review", "event_payload": {"session_id": "s-1"}}
CLAIM = {"type": "button", "action_id": "claim", "text": {"type": "plain_text", "text": "Claim"}}
BLOCKS = [{"type": "actions", "elements": [CLAIM]}]


async def test_a_message_is_stored_with_blocks_and_metadata(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """What was posted is what the control API and the answer show, with ids filled in."""
    answer = await slack.chat_postMessage(
        channel=USER_CHANNEL, text="Review", blocks=BLOCKS, metadata=METADATA
    )

    stored = await (await control.get(f"messages?channel={USER_CHANNEL}")).json()
    assert [message["ts"] for message in stored] == [answer["ts"]]
    assert stored[0]["metadata"] == METADATA
    assert stored[0]["blocks"] == answer["message"]["blocks"]
    assert stored[0]["blocks"][0]["block_id"]
    assert stored[0]["blocks"][0]["elements"][0]["action_id"] == "claim"


async def test_ts_are_unique_strings_in_rising_order(slack: AsyncWebClient) -> None:
    """A hundred messages have a hundred rising ids with six digits after the dot."""
    ids = [(await slack.chat_postMessage(channel=USER_CHANNEL, text="x"))["ts"] for _ in range(100)]

    assert len(set(ids)) == 100
    assert ids == sorted(ids)
    assert all(len(ts.split(".")[1]) == 6 for ts in ids)


async def test_an_update_keeps_what_is_left_out_and_counts_edits(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """Blocks and metadata stay when they are left out and go when they are sent empty."""
    posted = await slack.chat_postMessage(channel=USER_CHANNEL, text="a", blocks=BLOCKS, metadata=METADATA)

    await slack.chat_update(channel=USER_CHANNEL, ts=posted["ts"], text="b")
    kept = (await (await control.get("messages")).json())[0]
    await slack.chat_update(channel=USER_CHANNEL, ts=posted["ts"], text="c", blocks=[], metadata={})
    emptied = (await (await control.get("messages")).json())[0]

    assert (kept["text"], kept["edited_count"], bool(kept["blocks"])) == ("b", 1, True)
    assert kept["metadata"] == METADATA
    assert (emptied["blocks"], emptied["metadata"], emptied["edited_count"]) == ([], None, 2)


async def test_a_reply_to_a_deleted_message_stands_at_top_level(slack: AsyncWebClient) -> None:
    """Slack does not refuse it; the only sign is that its answer has no `thread_ts`."""
    parent = await slack.chat_postMessage(channel=USER_CHANNEL, text="a")
    reply = await slack.chat_postMessage(channel=USER_CHANNEL, text="b", thread_ts=parent["ts"])
    assert reply["message"]["thread_ts"] == parent["ts"]
    await slack.chat_delete(channel=USER_CHANNEL, ts=parent["ts"])

    stray = await slack.chat_postMessage(
        channel=USER_CHANNEL, text="c", thread_ts=parent["ts"], reply_broadcast=True
    )
    assert "thread_ts" not in stray["message"]
    history = await slack.conversations_history(channel=USER_CHANNEL)
    assert [message["text"] for message in history["messages"]] == ["c"]
    with pytest.raises(SlackApiError) as refused:
        await slack.conversations_replies(channel=USER_CHANNEL, ts=parent["ts"])
    assert refused.value.response["error"] == "thread_not_found"


async def test_a_deleted_message_is_gone(slack: AsyncWebClient) -> None:
    """After chat.delete an update finds nothing."""
    posted = await slack.chat_postMessage(channel=USER_CHANNEL, text="a")
    await slack.chat_delete(channel=USER_CHANNEL, ts=posted["ts"])

    with pytest.raises(SlackApiError, match="message_not_found"):
        await slack.chat_update(channel=USER_CHANNEL, ts=posted["ts"], text="b")


async def test_a_note_to_one_person_is_not_in_the_history(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """An ephemeral note is shown to its person alone."""
    await slack.chat_postEphemeral(channel=USER_CHANNEL, user="UANA000001", text="only you")

    history = await slack.conversations_history(channel=USER_CHANNEL)
    anas = await (await control.get(f"messages?channel={USER_CHANNEL}&user=UANA000001")).json()
    bens = await (await control.get(f"messages?channel={USER_CHANNEL}&user=UBEN000001")).json()
    assert history["messages"] == []
    assert [note["ephemeral_to"] for note in anas] == ["UANA000001"]
    assert bens == []


async def test_a_permalink_leads_to_the_page(slack: AsyncWebClient) -> None:
    """The link has Slack's form and redirects to the message on the page."""
    posted = await slack.chat_postMessage(channel=USER_CHANNEL, text="a")
    link = (await slack.chat_getPermalink(channel=USER_CHANNEL, message_ts=posted["ts"]))["permalink"]

    async with aiohttp.ClientSession() as browser, browser.get(link, allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.headers["Location"] == f"/#{USER_CHANNEL}/{posted['ts']}"


async def test_a_message_to_a_person_opens_direct_messages(slack: AsyncWebClient) -> None:
    """A person's id as channel means the direct messages, the same as conversations.open."""
    opened = await slack.conversations_open(users="UANA000001")
    posted = await slack.chat_postMessage(channel="UANA000001", text="hello")

    assert posted["channel"] == opened["channel"]["id"]


async def test_form_bodies_and_tokens_in_the_body_are_understood(url: str) -> None:
    """Blocks may come as a string of JSON in a form, the token as an argument."""
    form = {"token": "xoxb-local", "channel": USER_CHANNEL, "text": "x", "blocks": json.dumps(BLOCKS)}
    async with aiohttp.ClientSession() as client:
        answer = await (await client.post(f"{url}/api/chat.postMessage", data=form)).json()

    assert answer["ok"]
    assert answer["message"]["blocks"][0]["type"] == "actions"


async def test_the_log_of_calls_keeps_arguments_and_outcome_but_no_token(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """Every call is logged with how it ended."""
    await slack.chat_postMessage(channel=USER_CHANNEL, text="x")
    with pytest.raises(SlackApiError):
        await slack.chat_postMessage(channel="CNOWHERE", text="x")

    calls = await (await control.get("calls?method=chat.postMessage")).json()
    assert [(call["channel"], call["outcome"], call["status"]) for call in calls] == [
        (USER_CHANNEL, "ok", 200),
        ("CNOWHERE", "channel_not_found", 200),
    ]
    assert calls[0]["arguments"]["text"] == "x"
    assert "token" not in calls[0]["arguments"]
    await control.delete("calls")
    assert await (await control.get("calls")).json() == []
