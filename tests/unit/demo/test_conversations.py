"""The bot reads channels, people and groups."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

CHANNEL = "CUSER00001"
METADATA = {"event_type": "review", "event_payload": {"session_id": "s-1"}}


async def _post(slack: AsyncWebClient, count: int) -> list[str]:
    return [
        str((await slack.chat_postMessage(channel=CHANNEL, text=f"message {n}", metadata=METADATA))["ts"])
        for n in range(count)
    ]


async def test_history_is_newest_first_and_shows_metadata_only_when_asked(slack: AsyncWebClient) -> None:
    """Metadata is left out unless include_all_metadata is true."""
    ids = await _post(slack, 3)

    plain = await slack.conversations_history(channel=CHANNEL)
    full = await slack.conversations_history(channel=CHANNEL, include_all_metadata=True)

    assert [message["ts"] for message in plain["messages"]] == ids[::-1]
    assert not any("metadata" in message for message in plain["messages"])
    assert all(message["metadata"] == METADATA for message in full["messages"])
    assert plain["has_more"] is False


async def test_history_is_read_page_by_page(slack: AsyncWebClient) -> None:
    """Cursors lead through every message once."""
    ids = await _post(slack, 5)

    seen: list[str] = []
    cursor = ""
    while True:
        page = await slack.conversations_history(channel=CHANNEL, limit=2, cursor=cursor)
        seen += [message["ts"] for message in page["messages"]]
        if not page["has_more"]:
            break
        cursor = page["response_metadata"]["next_cursor"]

    assert seen == ids[::-1]


async def test_history_honours_oldest_latest_and_inclusive(slack: AsyncWebClient) -> None:
    """The bounds are left out unless inclusive is set."""
    ids = await _post(slack, 4)

    between = await slack.conversations_history(channel=CHANNEL, oldest=ids[0], latest=ids[3])
    whole = await slack.conversations_history(channel=CHANNEL, oldest=ids[0], latest=ids[3], inclusive=True)

    assert [message["ts"] for message in between["messages"]] == [ids[2], ids[1]]
    assert len(whole["messages"]) == 4


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"limit": 1000}, "invalid_limit"),
        ({"cursor": "!!"}, "invalid_cursor"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"latest": "1.5.1"}, "invalid_ts_latest"),
    ],
)
async def test_history_refuses_bad_bounds(
    slack: AsyncWebClient, arguments: dict[str, str], error: str
) -> None:
    """Broken bounds get Slack's codes."""
    with pytest.raises(SlackApiError, match=error):
        await slack.api_call("conversations.history", params={"channel": CHANNEL, **arguments})


async def test_replies_stay_in_their_thread_unless_broadcast(slack: AsyncWebClient) -> None:
    """A reply is in conversations.replies, and in the history only when it was broadcast."""
    parent = (await _post(slack, 1))[0]
    quiet = (await slack.chat_postMessage(channel=CHANNEL, text="quiet", thread_ts=parent))["ts"]
    loud = (
        await slack.chat_postMessage(channel=CHANNEL, text="loud", thread_ts=parent, reply_broadcast=True)
    )["ts"]

    thread = await slack.conversations_replies(channel=CHANNEL, ts=parent)
    history = await slack.conversations_history(channel=CHANNEL)

    assert [message["ts"] for message in thread["messages"]] == [parent, quiet, loud]
    assert [message["ts"] for message in history["messages"]] == [loud, parent]
    assert history["messages"][1]["reply_count"] == 2


async def test_the_workspace_introduces_itself(url: str, slack: AsyncWebClient) -> None:
    """auth.test, bots.info, users.info and the groups tell who is here, and the scopes are in a header."""
    auth = await slack.auth_test()
    bot = (await slack.bots_info(bot=auth["bot_id"]))["bot"]
    ana = (await slack.users_info(user="UANA000001"))["user"]
    leads = await slack.usergroups_users_list(usergroup="SLEADS0001")
    groups = await slack.usergroups_list(include_users=True)

    assert (auth["team_id"], auth["url"]) == ("T0LOCAL001", f"{url}/")
    assert bot["app_id"] == "A0LOCAL001"
    assert (ana["real_name"], ana["is_bot"], ana["is_restricted"]) == ("Ana Ruiz", False, False)
    assert leads["users"] == ["UCHLOE0001"]
    assert len(groups["usergroups"][0]["users"]) == 3
    assert "chat:write" in auth.headers["x-oauth-scopes"]


async def test_added_people_are_in_every_channel(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """Fifty made-up people and one given join; the members come page by page."""
    before = (await slack.conversations_members(channel=CHANNEL))["members"]
    await control.post("people", json={"count": 50})
    guest = {"id": "UGUEST0001", "name": "Gil Guest", "is_restricted": True, "team_id": "TOTHER0001"}
    await control.post("people", json={"people": [guest]})

    first = await slack.conversations_members(channel=CHANNEL, limit=40)
    cursor = first["response_metadata"]["next_cursor"]
    rest = await slack.conversations_members(channel=CHANNEL, limit=40, cursor=cursor)
    shape = (await slack.users_info(user="UGUEST0001"))["user"]

    assert len(set(first["members"]) | set(rest["members"])) == len(before) + 51
    assert "UGUEST0001" in rest["members"]
    assert rest["response_metadata"]["next_cursor"] == ""
    assert (shape["is_restricted"], shape["team_id"]) == (True, "TOTHER0001")


async def test_a_person_and_a_group_can_be_changed(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """Somebody is deactivated and leaves a group."""
    await control.patch("people/UBEN000001", json={"deleted": True})
    await control.put("usergroups/SREVIEWERS", json={"users": ["UANA000001"]})
    refused = await control.patch("people/UBEN000001", json={"deleted": "yes"})

    assert (await slack.users_info(user="UBEN000001"))["user"]["deleted"] is True
    assert (await slack.usergroups_users_list(usergroup="SREVIEWERS"))["users"] == ["UANA000001"]
    assert refused.status == 400
