"""What counts as an answer to "who is this?": only the person who was asked about; everything else is unknown."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.clock import Clock
from bot.reviews.action_request import Actor
from bot.reviews.permissions import Membership, Roster
from bot.reviews.policy import Policy
from bot.slack.api.cache import FRESH_S
from bot.slack.api.client import SlackClient, open_slack_client
from bot.slack.api.users import JOINED_S, WORKSPACE_AGAIN_S, UserDirectory

NOW = 1_800_000_000_000
PERSON = "UANA000001"
TEAM = {"ok": True, "team_id": "T0LOCAL001"}
MISSING = [
    (404, "not found"),
    (405, "method not allowed"),
    (404, json.dumps({"ok": False, "error": "not_found"})),
    (200, json.dumps({"ok": False, "error": "unknown_method"})),
]
"""A server that does not offer users.info."""

UNUSABLE = [
    {"ok": True},
    {"ok": True, "user": None},
    {"ok": True, "user": {}},
    {"ok": True, "user": []},
    {"ok": True, "user": PERSON},
    {"ok": True, "user": {"team_id": "T0LOCAL001"}},
    {"ok": True, "user": {"id": "UBEN000001", "team_id": "T0LOCAL001"}},
    {"ok": True, "user": {"id": PERSON.lower(), "team_id": "T0LOCAL001"}},
    {"ok": True, "user": {"id": [PERSON], "team_id": "T0LOCAL001"}},
]
"""Answers that say nothing about the person."""

Ask = Callable[..., Awaitable[tuple[Membership, UserDirectory]]]


@asynccontextmanager
async def _client(
    answer: Callable[[web.Request], Awaitable[web.Response]], clock: Clock
) -> AsyncIterator[SlackClient]:
    """A client of a Slack that answers every call like this."""
    app = web.Application()
    app.router.add_route("*", "/api/{method}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        async with open_slack_client(url, "xoxb-made-up", 1_000.0, clock) as client:
            yield client
    finally:
        await runner.cleanup()


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """Ask a Slack that answers users.info like this who the person is."""
    answers: list[tuple[int, str]] = []
    directories: list[UserDirectory] = []

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("users.info"):
            status, text = answers[-1]
            content_type = "application/json" if text.startswith("{") else "text/plain"
            return web.Response(status=status, text=text, content_type=content_type)
        return web.json_response(TEAM)

    async with _client(answer, lambda: NOW) as client:

        async def ask_for(status: int, text: str, **settings: Any) -> tuple[Membership, UserDirectory]:
            answers.append((status, text))
            directories.append(UserDirectory(client, lambda: NOW, {}, **settings))
            return await directories[-1].membership(PERSON), directories[-1]

        yield ask_for
        for directory in directories:
            await directory.close()


async def test_a_user_object_with_the_id_that_was_asked_for_is_an_answer(ask: Ask) -> None:
    """As Slack documents it."""
    user = {"id": PERSON, "team_id": "T0LOCAL001"}
    membership, directory = await ask(200, json.dumps({"ok": True, "user": user}))
    assert (membership, directory.problem) == (Membership.MEMBER, None)


@pytest.mark.parametrize("answer", UNUSABLE, ids=json.dumps)
@pytest.mark.parametrize("is_trusting", [False, True])
async def test_an_answer_about_no_one_or_another_person_is_unknown(
    ask: Ask, answer: dict[str, Any], *, is_trusting: bool
) -> None:
    """No one can act because of it, whatever the setting, and readiness says why."""
    membership, directory = await ask(200, json.dumps(answer), is_trusting=is_trusting)
    assert membership is Membership.UNKNOWN
    assert directory.problem is not None
    assert directory.problem.startswith("users.info: ")


@pytest.mark.parametrize(("status", "text"), MISSING)
async def test_a_server_without_users_info_lets_no_one_act(ask: Ask, status: int, text: str) -> None:
    """Unless that is set on purpose: then everyone can, and a warning stands as long as it is set."""
    membership, directory = await ask(status, text)
    assert (membership, directory.warning) == (Membership.UNKNOWN, None)
    membership, directory = await ask(status, text, is_trusting=True)
    if "not_found" not in text:  # Slack's own way to say no, and not a missing method
        assert (membership, directory.problem) == (Membership.MEMBER, None)
    assert directory.warning is not None


async def test_every_page_of_a_channels_members_counts() -> None:
    """Slack gives at most a thousand at a time; a page that is missing makes all of them unknown."""
    pages = {"": ["UANA000001"], "next": ["UBEN000001", 7], "last": ["UDAN000001"]}
    cursors = {"": "next", "next": "last", "last": ""}

    async def answer(request: web.Request) -> web.Response:
        cursor = str((await request.post()).get("cursor", ""))
        if cursor == missing:
            return web.json_response({"ok": True})
        return web.json_response(
            {"ok": True, "members": pages[cursor], "response_metadata": {"next_cursor": cursors[cursor]}}
        )

    policy = Policy(Roster(channel="CUSER00001"))
    for missing in ("none", "last"):
        async with _client(answer, lambda: NOW) as client:
            directory = UserDirectory(client, lambda: NOW, {"user": policy})
            roster = (await directory.policies())["user"].roster
            everyone = ["UANA000001", "UBEN000001", "UDAN000001", "UCHLOE0001"]
            may_review = [roster.may_review(person) for person in everyone]
            assert may_review == ([True, True, True, False] if missing == "none" else [False] * 4)
            assert roster.is_known == (missing == "none")
            await directory.close()


async def test_people_who_joined_count_whenever_the_answer_comes() -> None:
    """Clicks at almost the same time share one look-up; it can end between two steps of any of them."""
    now, members = NOW, ["UBEN000001"]

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"ok": True, "members": list(members)})

    queues = {"user": Policy(roster=Roster(channel="C1"))}
    async with _client(answer, lambda: now) as client:
        directory = UserDirectory(client, lambda: now, queues)
        assert not (await directory.policies_for([PERSON]))["user"].roster.may_review(PERSON)
        members.append(PERSON)
        now += int(JOINED_S * 1000) + 1
        asked: list[asyncio.Task[Mapping[str, Policy]]] = []
        while not asked or not asked[0].done():
            asked.append(asyncio.create_task(directory.policies_for([PERSON])))
            await asyncio.sleep(0)
        policies = await asyncio.gather(*asked)
        assert len(policies) > 3
        assert all(each["user"].roster.may_review(PERSON) for each in policies)
        await directory.close()


async def test_a_workspace_that_joined_an_organisation_counts_for_simultaneous_clicks() -> None:
    """Whichever of them asks Slack again, none is refused because another one is asking."""
    workspace = dict(TEAM)
    user = {"id": PERSON, "team_id": "T0OTHER001", "enterprise_user": {"enterprise_id": "E0ACME0001"}}

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("users.info"):
            return web.json_response({"ok": True, "user": user})
        return web.json_response(workspace)

    now = NOW
    actor = Actor(PERSON, "T0OTHER001", "T0OTHER001", "E0ACME0001")
    async with _client(answer, lambda: now) as client:
        directory = UserDirectory(client, lambda: now, {})
        assert await directory.membership_of(actor) is Membership.OUTSIDER
        workspace["enterprise_id"] = "E0ACME0001"
        now += int(WORKSPACE_AGAIN_S * 1000) + 1
        asked: list[asyncio.Task[Membership]] = []
        while not asked or not asked[0].done():
            asked.append(asyncio.create_task(directory.membership_of(actor)))
            await asyncio.sleep(0)
        assert len(asked) > 3
        assert set(await asyncio.gather(*asked)) == {Membership.MEMBER}
        await directory.close()


async def test_policies_follow_who_leaves_and_who_is_away() -> None:
    """They are made again whenever that changes, also because the time has come at which someone is back."""
    now, members = NOW, [PERSON, "UBEN000001"]
    profile = {"status_emoji": ":palm_tree:", "status_text": "", "status_expiration": NOW // 1000 + 60}

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("users.info"):
            user = {"id": PERSON, "team_id": "T0LOCAL001", "profile": profile}
            return web.json_response({"ok": True, "user": user})
        return web.json_response({**TEAM, "members": list(members)})

    async with _client(answer, lambda: now) as client:
        directory = UserDirectory(client, lambda: now, {"user": Policy(roster=Roster(channel="C1"))})

        async def roster() -> Roster:
            return (await directory.policies())["user"].roster

        assert [(await roster()).may_review(person) for person in members] == [True, True]
        assert not (await roster()).away
        await directory.membership(PERSON)
        assert set((await roster()).away) == {PERSON}
        now += 61_000
        assert not (await roster()).away
        del members[1]
        now += int(FRESH_S * 1000)
        assert [(await roster()).may_review(person) for person in (PERSON, "UBEN000001")] == [True, False]
        await directory.close()
