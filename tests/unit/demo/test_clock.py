"""The local Slack's time, which can be moved on."""

import time
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.moving_time import LONGEST_STEP_S, MovingTime


def test_time_is_the_machines_until_it_is_moved() -> None:
    """Every step adds to the ones before."""
    moving = MovingTime()
    assert abs(moving() - time.time_ns() // 1_000_000) < 1_000
    moving.advance(3_600)
    moving.advance(0.5)
    assert abs(moving() - time.time_ns() // 1_000_000 - 3_600_500) < 1_000


@pytest.mark.parametrize("seconds", [0, -1, LONGEST_STEP_S + 1, float("inf"), float("nan")])
def test_time_neither_goes_back_nor_far_away(seconds: float) -> None:
    """A step that is refused moves nothing."""
    moving = MovingTime()
    with pytest.raises(ValueError, match="at most 31 days"):
        moving.advance(seconds)
    assert moving.ahead_s == 0


async def test_the_control_api_moves_the_time_and_tells_it(control: aiohttp.ClientSession) -> None:
    """The whole state says the same."""
    before = await _clock(control)
    async with control.post("clock", json={"advance_s": 7_200}) as answer:
        assert answer.status == 200
        moved = await answer.json()
    assert moved["ahead_s"] == before["ahead_s"] + 7_200
    assert await _clock(control) == {**moved, "now_ms": pytest.approx(moved["now_ms"], abs=5_000)}


async def test_what_is_posted_later_is_of_then(slack: AsyncWebClient, control: aiohttp.ClientSession) -> None:
    """Whoever looks at the channel sees a day between the messages."""
    earlier = await slack.chat_postMessage(channel="CUSER00001", text="today")
    await control.post("clock", json={"advance_s": 86_400})
    later = await slack.chat_postMessage(channel="CUSER00001", text="tomorrow")
    assert 86_400 <= float(later["ts"]) - float(earlier["ts"]) < 86_400 + 60


@pytest.mark.parametrize(
    "body", [{}, {"advance_s": "1"}, {"advance_s": True}, {"advance_s": -5}, {"advance_s": None}]
)
async def test_a_step_that_is_none_is_refused(
    control: aiohttp.ClientSession, body: dict[str, object]
) -> None:
    """With the name of what is wrong; the time goes on as it did."""
    async with control.post("clock", json=body) as answer:
        assert answer.status == 400
        assert "advance_s" in await answer.text()
    assert (await _clock(control))["ahead_s"] == 0


async def _clock(control: aiohttp.ClientSession) -> dict[str, float]:
    async with control.get("state") as answer:
        return dict((await answer.json())["clock"])


async def test_answers_have_the_time_of_the_local_slack(
    slack: AsyncWebClient, control: aiohttp.ClientSession
) -> None:
    """A bot that shares the clock compares it with the answers' Date, and must find no difference."""
    await control.post("clock", json={"advance_s": 86_400})
    answer = await slack.auth_test()
    moved = parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()
    assert 86_400 - 5 < moved < 86_400 + 5
