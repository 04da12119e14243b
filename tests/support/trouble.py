"""What the stories of troubles share: a review sent, its delivery's row, time that passes, a locked database."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import psycopg

from bot.delivery.worker import TURN_S
from bot.demo.signing import slack_headers
from tests.support import ralio
from tests.support.bot import Bot, until
from tests.support.slack import SIGNING_SECRET, USER_CHANNEL

_DELIVERY = """
    SELECT deliveries.* FROM deliveries JOIN reviews ON reviews.id = deliveries.review_id
    WHERE reviews.session_id = :session_id
"""


async def send(bot: Bot) -> str:
    """Ralio sends a user to review; answers with the session's id."""
    event = ralio.event()
    assert (await bot.ralio.send(event))[0] == 200
    return str(event["data"]["sessionId"])


def delivery(bot: Bot, session_id: str) -> dict[str, Any]:
    """The row of the session's card."""
    (row,) = bot.rows(_DELIVERY, session_id=session_id)
    return row


async def noted(bot: Bot, session_id: str, error: str) -> dict[str, Any]:
    """Wait until the card's attempt ended with this error; answers with the row."""

    async def is_noted() -> dict[str, Any] | None:
        row = delivery(bot, session_id)
        return row if row["last_error"] == error and row["lease_token"] is None else None

    row = await until(is_noted, f"{error} is not noted")
    assert row is not None
    return row


async def later(bot: Bot, seconds: float) -> None:
    """Let time pass and wake the delivery worker: every commit does, even that of a duplicate event."""
    bot.clock.advance(seconds)
    known = bot.rows("SELECT event_id FROM events LIMIT 1")[0]["event_id"]
    assert (await bot.ralio.send(ralio.event() | {"eventId": known}))[0] == 200


async def at_rest(bot: Bot) -> None:
    """Wait until nothing is due or under way now; what waits for its time goes on waiting."""

    def is_sending() -> bool:
        # A lease that was overtaken by the moved clock is under way no more.
        query = "SELECT id FROM deliveries WHERE lease_token IS NOT NULL AND due_at > :now"
        return bool(bot.rows(query, now=bot.clock()))

    async def rests() -> bool:
        if is_sending():
            return False
        # The turn that the last commit asked for has not begun yet.
        await asyncio.sleep(3 * TURN_S)
        return not is_sending()

    await until(rests, "calls are under way")


async def claims_recorded(bot: Bot, count: int) -> None:
    """Wait until so many claims are on record, also refused ones; on a slow machine a click is answered before that."""

    async def are_recorded() -> bool:
        return len(bot.rows("SELECT id FROM audit WHERE action = 'claim'")) >= count

    await until(are_recorded, f"not all of the {count} claims are recorded", 30)


async def claim(bot: Bot, person: str, session_id: str) -> None:
    """A signed click on `Claim` that arrives at this bot, by its own clock."""
    await press(bot, person, USER_CHANNEL, {"action_id": "review_claim", "value": session_id})


async def press(bot: Bot, person: str, channel: str, button: dict[str, Any]) -> None:
    """A signed click on any button that arrives at this bot, by its own clock."""
    click = {
        "type": "block_actions",
        "user": {"id": person},
        "channel": {"id": channel},
        "actions": [button],
    }
    body = urlencode({"payload": json.dumps(click)}).encode()
    headers = slack_headers(SIGNING_SECRET, body, bot.clock() // 1000)
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    url = f"{bot.address}/slack/interactions"
    async with bot.slack.session.post(url, data=body, headers=headers) as answer:
        assert answer.status == 200


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Somebody else keeps the reviews from being written, as a careless tool would; they can be read."""
    connection: Any
    if database_url.startswith("sqlite:///"):
        connection = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
    else:
        connection = psycopg.connect(database_url)
        connection.execute("LOCK TABLE reviews IN EXCLUSIVE MODE")
    try:
        yield
    finally:
        connection.rollback()
        connection.close()
