"""The page, its stream of changes, and the parts that need no network."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.changes import END, Changes
from bot.demo.server import SimulatorConfig, create_simulator
from bot.demo.signing import slack_headers
from bot.demo.timestamps import Timestamps, microseconds

CHANNEL = "CUSER00001"


async def _next_event(stream: aiohttp.ClientResponse) -> bytes:
    async with asyncio.timeout(2):
        while not (line := await stream.content.readline()).startswith(b"data:"):
            pass
    return line


async def test_the_page_loads_only_from_here(url: str) -> None:
    """Every file comes with a strict policy, and the page says what it is."""
    async with aiohttp.ClientSession() as browser:
        page = await browser.get(url)
        text = await page.text()
        script = await browser.get(f"{url}/page/app.js")
        await script.read()

    assert page.headers["Content-Security-Policy"] == "default-src 'self'"
    assert script.headers["Content-Security-Policy"] == "default-src 'self'"
    assert "javascript" in script.content_type
    assert "<title>Local Slack, for trying things</title>" in text
    assert 'name="user"' in text


async def test_another_sites_page_cannot_act(url: str, control: aiohttp.ClientSession) -> None:
    """A browser says where a request comes from; only this page's own are answered."""
    foreign = await control.put("bot-url", json={"url": url}, headers={"Origin": "https://example.com"})
    own = await control.put("bot-url", json={"url": url}, headers={"Origin": url})

    assert (foreign.status, own.status) == (403, 200)


FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:8765",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "localhost.evil.example",
    "0.0.0.0",
    "192.168.1.5",
    "[::]",
    "127.0.0.1:port",
    "",
]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
async def test_a_page_whose_name_was_pointed_at_this_machine_cannot_act(url: str, host: str) -> None:
    """DNS rebinding: the browser takes it for the same origin, but still names the page's host."""
    async with aiohttp.ClientSession() as browser:
        for path in ("/", "/_control/state", "/api/auth.test", "/page/app.js"):
            answer = await browser.get(url + path, headers={"Host": host, "Origin": f"http://{host}"})
            assert (path, answer.status) == (path, 403)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8765", "localhost:8765", "[::1]:8765", "127.8.8.8"])
async def test_this_machine_is_served_under_each_of_its_names(url: str, host: str) -> None:
    """With a port or without one."""
    async with aiohttp.ClientSession() as browser, browser.get(url, headers={"Host": host}) as page:
        assert page.status == 200


@pytest.mark.parametrize(
    "address",
    [
        "http://192.168.1.5:8080",
        "http://evil.example",
        "http://127.0.0.1@evil.example",
        "https://user@127.0.0.1",
        "http://[::]:80",
        "http://0.0.0.0",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "//127.0.0.1",
        "127.0.0.1:80",
    ],
)
async def test_the_bot_can_only_be_on_this_machine(control: aiohttp.ClientSession, address: str) -> None:
    """The simulator posts signed requests there: to no other address."""
    assert (await control.put("bot-url", json={"url": address})).status == 400


async def test_the_stream_tells_of_every_change(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """A message wakes the stream."""
    async with control.get("stream") as stream, asyncio.timeout(10):
        await _next_event(stream)
        await slack.chat_postMessage(channel=CHANNEL, text="x")
        line = await _next_event(stream)

    assert stream.content_type == "text/event-stream"
    assert b'"version": ' in line


async def test_open_streams_do_not_hold_up_the_shutdown(config: SimulatorConfig) -> None:
    """The stream ends, and the server is down long before aiohttp would cut the stream off."""
    runner = web.AppRunner(create_simulator(config))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession() as browser:
        stream = await browser.get(f"http://127.0.0.1:{runner.addresses[0][1]}/_control/stream")
        await _next_event(stream)
        async with asyncio.timeout(20):
            await runner.cleanup()
            await stream.read()


def test_a_subscriber_that_is_behind_gets_the_newest_version_only() -> None:
    """Its queue never grows."""
    changes = Changes()
    queue = changes.subscribe()
    for _ in range(1_000):
        changes.publish()

    assert queue.qsize() == 1
    assert queue.get_nowait() == 1_000
    changes.close()
    assert queue.get_nowait() == END
    assert changes.subscribe().get_nowait() == END


async def test_the_state_is_narrowed_to_a_person_and_to_the_newest(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """Others' notes and direct messages are left out; `limit` keeps the newest messages."""
    for text in ("one", "two"):
        await slack.chat_postMessage(channel=CHANNEL, text=text)
    await slack.chat_postEphemeral(channel=CHANNEL, user="UANA000001", text="for Ana")
    await slack.chat_postMessage(channel="UANA000001", text="direct")

    whole = await (await control.get("state")).json()
    bens = await (await control.get("state?user=UBEN000001&limit=1")).json()

    assert [message["text"] for message in whole["messages"][CHANNEL]] == ["one", "two", "for Ana"]
    assert [message["text"] for message in bens["messages"][CHANNEL]] == ["two"]
    assert {channel["id"] for channel in whole["channels"]} - {channel["id"] for channel in bens["channels"]}
    assert [person["id"] for person in whole["people"]][:4] == [
        "UANA000001", "UBEN000001", "UCHLOE0001", "UDAN000001",
    ]  # fmt: skip


async def test_two_simulators_share_nothing(
    start: Callable[[SimulatorConfig], Awaitable[str]], config: SimulatorConfig
) -> None:
    """A message in one is not in the other."""
    first, second = await start(config), await start(config)
    client = AsyncWebClient("xoxb-local", base_url=f"{first}/api/", retry_handlers=[])
    await client.chat_postMessage(channel=CHANNEL, text="x")

    async with aiohttp.ClientSession() as tests:
        there = await (await tests.get(f"{first}/_control/messages")).json()
        elsewhere = await (await tests.get(f"{second}/_control/messages")).json()
    assert (len(there), len(elsewhere)) == (1, 0)


def test_ts_rise_when_the_clock_stands_still() -> None:
    """Each is one microsecond after the one before."""
    timestamps = Timestamps(lambda: 1_700_000_000_999_999_000)

    assert [timestamps.next() for _ in range(2)] == ["1700000000.999999", "1700000001.000000"]
    assert microseconds("1700000001.5") == 1_700_000_001_500_000


def test_the_signature_is_the_one_of_slacks_documentation() -> None:
    """The known answer that Slack publishes for verifying requests."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F"
        b"96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )

    headers = slack_headers("8f742231b10e8888abcd99yyyzzz85a5", body, at_s=1531420618)

    assert headers["X-Slack-Signature"] == (
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )


async def test_control_requests_that_make_no_sense_are_refused(control: aiohttp.ClientSession) -> None:
    """Each gets a status and a reason, never a failure."""
    statuses = [
        (await control.post("click", data=b"{")).status,
        (await control.post("click", json=[])).status,
        (await control.post("click", json={})).status,
        (await control.get("messages?channel=C0")).status,
        (await control.get("calls?limit=x")).status,
        (await control.patch("people/U0", json={})).status,
        (await control.patch(f"channels/{CHANNEL}", json={"archived": 1})).status,
        (await control.delete(f"messages/{CHANNEL}/1.2")).status,
        (await control.post("people", json={"count": 0})).status,
        (await control.put("usergroups/S0", json={"users": []})).status,
        (await control.post("submit-view", json={"user": "UANA000001", "view_id": "V0"})).status,
    ]

    assert statuses == [400, 400, 400, 404, 400, 404, 400, 404, 400, 404, 404]
