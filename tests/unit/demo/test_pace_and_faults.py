"""Rate limits, and every fault that can be switched on."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.pace import Pace
from bot.demo.server import SimulatorConfig

CHANNEL = "CUSER00001"


async def _stored(control: aiohttp.ClientSession) -> int:
    return len(await (await control.get(f"messages?channel={CHANNEL}")).json())


async def _post(slack: AsyncWebClient, text: str = "x") -> None:
    await slack.chat_postMessage(channel=CHANNEL, text=text)


async def test_messages_are_paced_per_channel(
    start: Callable[[SimulatorConfig], Awaitable[str]], config: SimulatorConfig
) -> None:
    """After the burst a channel answers 429 with whole seconds; another channel is free."""
    url = await start(replace(config, posts_per_second=1.0, burst=3))
    client = AsyncWebClient("xoxb-local", base_url=f"{url}/api/", retry_handlers=[])
    for _ in range(3):
        await _post(client)

    with pytest.raises(SlackApiError) as caught:
        await _post(client)
    await client.chat_postMessage(channel="CPARTY0001", text="x")

    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "1"


def test_other_methods_follow_their_tiers() -> None:
    """Sixty updates at once, then fifty a minute, whatever the channel; twice that at twice the pace."""
    now_s = 0.0
    pace = Pace(1.0, 5, lambda: now_s)
    fast = Pace(2.0, 5, lambda: now_s)
    for _ in range(60):
        assert pace.retry_after_s("chat.update", "C1") == 0
        assert fast.retry_after_s("chat.update", "C1") == 0

    assert pace.retry_after_s("chat.update", "C2") == 2  # 1.2 s, in whole seconds
    assert fast.retry_after_s("chat.update", "C2") == 1
    now_s = 1.25
    assert pace.retry_after_s("chat.update", "C1") == 0
    assert [pace.retry_after_s("usergroups.list", "") for _ in range(21)][-2:] == [0, 3]
    assert [pace.retry_after_s("users.info", "") for _ in range(101)][-2:] == [0, 1]


async def test_ratelimited_strikes_as_often_as_told(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """Two calls are limited, the third passes; another method was never met."""
    fault = {"method": "chat.postMessage", "fault": "ratelimited", "count": 2, "retry_after": 7}
    await control.post("faults", json=fault)

    await slack.auth_test()
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await _post(slack)
        assert caught.value.response.headers["Retry-After"] == "7"
    await _post(slack)

    assert await (await control.get("faults")).json() == []
    assert await _stored(control) == 1


async def test_server_error_and_broken_json_store_nothing(url: str, control: aiohttp.ClientSession) -> None:
    """A 503 comes as a page of HTML, broken JSON with status 200."""
    headers = {"Authorization": "Bearer xoxb-local"}
    await control.post("faults", json={"method": "*", "fault": "server_error", "count": 1})
    await control.post("faults", json={"method": "*", "fault": "not_json", "count": 1})

    body = {"channel": CHANNEL, "text": "x"}
    async with aiohttp.ClientSession(headers=headers) as client:
        failed = await client.post(f"{url}/api/chat.postMessage", json=body)
        broken = await client.post(f"{url}/api/chat.postMessage", json=body)
        with pytest.raises(ValueError, match="Expecting"):
            await broken.json()

    assert (failed.status, failed.content_type, broken.status) == (503, "text/html", 200)
    assert await _stored(control) == 0


@pytest.mark.parametrize(("fault", "stored"), [("drop_before", 0), ("drop_after", 1)])
async def test_a_dropped_call_ends_without_an_answer(
    slack: AsyncWebClient, control: aiohttp.ClientSession, fault: str, stored: int
) -> None:
    """The connection closes, before or after the message was stored."""
    await control.post("faults", json={"method": "chat.postMessage", "fault": fault, "count": 1})

    with pytest.raises(aiohttp.ClientError):
        await _post(slack)

    calls = await (await control.get("calls")).json()
    assert [(call["outcome"], call["status"]) for call in calls] == [("dropped", None)]
    assert await _stored(control) == stored


async def test_a_slow_call_takes_effect_after_its_client_hung_up(
    url: str, control: aiohttp.ClientSession
) -> None:
    """Nothing is stored when the client gives up, and the message appears later."""
    await control.post("faults", json={"method": "*", "fault": "slow", "seconds": 0.3, "count": 1})
    timeout = aiohttp.ClientTimeout(total=0.1)
    headers = {"Authorization": "Bearer xoxb-local"}

    async with aiohttp.ClientSession(timeout=timeout, headers=headers) as client:
        with pytest.raises(TimeoutError):
            await client.post(f"{url}/api/chat.postMessage", json={"channel": CHANNEL, "text": "x"})
    early = await _stored(control)
    pending = (await (await control.get("calls")).json())[0]["outcome"]
    await asyncio.sleep(0.35)

    assert (early, pending) == (0, "pending")
    assert await _stored(control) == 1
    assert (await (await control.get("calls")).json())[0]["outcome"] == "ok"


async def test_a_slow_answer_comes_after_the_effect(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """The message is there at once, its answer later."""
    await control.post("faults", json={"method": "*", "fault": "slow_answer", "seconds": 0.3, "count": 1})
    started_s = time.monotonic()

    posting = asyncio.create_task(_post(slack))
    await asyncio.sleep(0.1)
    stored = await _stored(control)
    await posting

    assert stored == 1
    assert time.monotonic() - started_s >= 0.3


async def test_an_error_fault_meets_one_channel_until_it_is_removed(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """Any error code can be answered, for one channel, until the fault is taken back."""
    fault = {"method": "*", "fault": "error", "error": "internal_error", "channel": CHANNEL}
    fault_id = (await (await control.post("faults", json=fault)).json())["id"]

    with pytest.raises(SlackApiError, match="internal_error"):
        await _post(slack)
    await slack.chat_postMessage(channel="CPARTY0001", text="x")
    await control.delete(f"faults/{fault_id}")
    await _post(slack)

    assert (await control.delete(f"faults/{fault_id}")).status == 404


async def test_faults_can_be_unlikely_and_cleared(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """A probability of 0 never strikes; DELETE clears everything."""
    await control.post("faults", json={"method": "*", "fault": "server_error", "probability": 0})
    await _post(slack)
    await control.post("faults", json={"method": "*", "fault": "server_error"})
    await control.delete("faults")
    await _post(slack)

    assert await (await control.get("faults")).json() == []


@pytest.mark.parametrize(
    "fault",
    [{}, {"fault": "meteor"}, {"fault": "slow", "count": 0}, {"fault": "slow", "seconds": -1}, {"fault": 1}],
)
async def test_a_fault_that_makes_no_sense_is_refused(
    control: aiohttp.ClientSession, fault: dict[str, object]
) -> None:
    """The control API says what is wrong."""
    answer = await control.post("faults", json=fault)

    assert answer.status == 400
    assert "error" in await answer.json()


async def test_slow_calls_do_not_hold_up_the_shutdown(
    start: Callable[[SimulatorConfig], Awaitable[str]], config: SimulatorConfig
) -> None:
    """A call that would take a minute is open when the simulator ends; the fixture's end would hang."""
    url = await start(config)
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer xoxb-local"}) as client:
        await client.post(f"{url}/_control/faults", json={"method": "*", "fault": "slow", "seconds": 60})
        timeout = aiohttp.ClientTimeout(total=0.05)
        with pytest.raises(TimeoutError):
            await client.post(f"{url}/api/auth.test", timeout=timeout)


async def test_a_fault_that_is_on_already_is_not_doubled(control: aiohttp.ClientSession) -> None:
    """Pressed twice, it begins again; another method, channel or error is another fault."""
    fault = {"method": "chat.postMessage", "fault": "ratelimited", "count": 1, "retry_after": 5}
    for each in (fault, fault, fault | {"count": 3}, fault | {"channel": CHANNEL}, fault | {"method": "*"}):
        await control.post("faults", json=each)
    state = await (await control.get("state")).json()
    found = [(each["method"], each["channel"], each["count"]) for each in state["faults"]]
    assert found == [("chat.postMessage", None, 3), ("chat.postMessage", CHANNEL, 1), ("*", None, 1)]
