"""Who may be met in the local Slack, what Slack tells about them, and how a test changes that."""

import json
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

CHANNEL = "CUSER00001"
ANA, BEN, CHLOE, GINA, NOAH = "UANA000001", "UBEN000001", "UCHLOE0001", "UGINA00001", "UNOAH00001"
OUR_TEAM, OTHER_TEAM = "T0LOCAL001", "T0OTHER001"

BotRequest = tuple[str, dict[str, str], bytes]


async def _user(slack: AsyncWebClient, user: str) -> dict[str, Any]:
    found: dict[str, Any] = (await slack.users_info(user=user))["user"]
    return found


async def test_a_guest_is_a_restricted_member_of_the_workspace(slack: AsyncWebClient) -> None:
    """Slack tells a guest by a flag, not by another team."""
    gina = await _user(slack, GINA)
    assert (gina["is_restricted"], gina["is_ultra_restricted"], gina["team_id"]) == (True, False, OUR_TEAM)
    assert not (await _user(slack, ANA))["is_restricted"]


async def test_somebody_in_a_shared_channel_has_another_team_and_is_no_stranger(
    slack: AsyncWebClient,
) -> None:
    """Slack calls a stranger only who is in none of the channels that the app sees."""
    noah = await _user(slack, NOAH)
    channel = (await slack.conversations_info(channel=CHANNEL))["channel"]
    members = (await slack.conversations_members(channel=CHANNEL))["members"]

    assert (noah["team_id"], noah["profile"]["team"]) == (OTHER_TEAM, OTHER_TEAM)
    assert "is_stranger" not in noah
    assert channel["is_ext_shared"]
    assert NOAH in members


async def test_who_acts_brings_their_own_team(
    slack: AsyncWebClient, control: aiohttp.ClientSession, bot_requests: list[BotRequest]
) -> None:
    """In a shared channel the click's `team` is ours and the user's `team_id` is theirs."""
    button = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Claim"}}
    blocks = [{"type": "actions", "elements": [button]}]
    ts = (await slack.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks))["ts"]

    await control.post("click", json={"user": NOAH, "channel": CHANNEL, "ts": ts, "label": "Claim"})

    payload = json.loads(parse_qs(bot_requests[-1][2].decode())["payload"][0])
    assert (payload["team"]["id"], payload["user"]["team_id"]) == (OUR_TEAM, OTHER_TEAM)


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted", "is_stranger", "is_bot", "deleted"])
async def test_a_persons_flags_can_be_changed(
    slack: AsyncWebClient, control: aiohttp.ClientSession, flag: str
) -> None:
    """What a test changes is what Slack tells from then on, and back again."""
    assert not (await _user(slack, ANA)).get(flag, False)
    await control.patch(f"people/{ANA}", json={flag: True})
    assert (await _user(slack, ANA))[flag] is True
    await control.patch(f"people/{ANA}", json={flag: False})
    assert not (await _user(slack, ANA)).get(flag, False)


async def test_somebody_is_taken_out_of_a_group(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """Slack tells the new members at once; only people who are here can be put in."""
    before = await slack.usergroups_users_list(usergroup="SREVIEWERS")
    assert before["users"] == [ANA, BEN, CHLOE]

    await control.put("usergroups/SREVIEWERS", json={"users": [ANA, CHLOE]})
    refused = await control.put("usergroups/SREVIEWERS", json={"users": [ANA, "UNOBODY001"]})

    after = await slack.usergroups_users_list(usergroup="SREVIEWERS")
    assert (after["users"], refused.status) == ([ANA, CHLOE], 404)


async def test_without_its_scope_a_method_is_refused(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """The answer names what is missing and what is there; other methods work on."""
    granted = ["chat:write", "channels:read"]
    await control.put("scopes", json={"scopes": granted})

    with pytest.raises(SlackApiError, match="missing_scope") as caught:
        await slack.users_info(user=ANA)
    answer = caught.value.response
    assert (answer["needed"], answer["provided"]) == ("users:read", "chat:write,channels:read")
    assert answer.headers["x-oauth-scopes"] == "chat:write,channels:read"
    assert answer.headers["x-accepted-oauth-scopes"] == "users:read"
    for method in ("usergroups.users.list", "conversations.history", "conversations.open"):
        with pytest.raises(SlackApiError, match="missing_scope"):
            await slack.api_call(method, params={"usergroup": "SREVIEWERS", "channel": CHANNEL, "users": ANA})
    assert (await slack.chat_postMessage(channel=CHANNEL, text="x"))["ok"]
    assert (await slack.auth_test())["ok"]


@pytest.mark.parametrize("scopes", ["users:read", ["admin"], [["users:read"]], None])
async def test_only_scopes_that_exist_can_be_granted(control: aiohttp.ClientSession, scopes: object) -> None:
    """The answer says which there are."""
    refused = await control.put("scopes", json={"scopes": scopes})
    assert refused.status == 400
    assert "users:read" in (await refused.json())["error"]
