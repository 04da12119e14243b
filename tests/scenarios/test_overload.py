"""More than can be written at once, and an end in the middle of it: what was acknowledged is there."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support import ralio
from tests.support.bot import running, settled, until
from tests.support.look import look_into
from tests.support.process import Process, environment, free_port
from tests.support.ralio import Ralio
from tests.support.slack import USER_CHANNEL, WEBHOOK_SECRET, LocalSlack, shown

QUEUE = 20
SENDERS, REST_S = 12, 0.05
ROUNDS = 3


async def test_a_full_queue_answers_503_at_once(
    tmp_path: Path, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody holds up the database twenty wait for it, and everybody else is told to come again."""
    monkeypatch.setattr("bot.store.store.QUEUE_LIMIT", QUEUE)
    database = tmp_path / "reviews.db"
    async with running(f"sqlite:///{database}", slack) as bot:
        events = [ralio.event() for _ in range(3 * QUEUE)]
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answers = await asyncio.gather(*(bot.ralio.send(event) for event in events))
        assert {status for status, _ in answers} == {503}
        reasons = [answer["error"] for _, answer in answers]
        assert set(reasons) == {"database", "overload"}
        assert reasons.count("overload") >= QUEUE
        for event in events:
            assert await bot.ralio.send(event) == (200, {"received": True, "result": "recorded"})
        await bot.settled()
        assert len(await slack.messages(USER_CHANNEL)) == len(events)


async def _send_until_refused(address: str, acknowledged: list[str]) -> None:
    """One event after the other, as Ralio's many connections do, until the server does not answer 200 any more."""
    async with aiohttp.ClientSession() as session:
        sender = Ralio(f"{address}/webhooks/ralio", WEBHOOK_SECRET, session)
        while True:
            event = ralio.event()
            try:
                status, _ = await sender.send(event)
            except aiohttp.ClientError:
                return
            if status != 200:
                assert status == 503
                return
            acknowledged.append(event["data"]["sessionId"])
            await asyncio.sleep(REST_S)


async def test_sigterm_under_load_loses_nothing(database_url: str, slack: LocalSlack, tmp_path: Path) -> None:
    """The real process, three times: exit code 0 within ten seconds, what was acknowledged is posted once."""
    port = free_port()
    server = Process(environment(database_url, port, slack.api_url), tmp_path / "bot.log")
    acknowledged: list[str] = []
    for _ in range(ROUNDS):
        before = len(acknowledged)
        server.start()
        await server.listening()
        load = [
            asyncio.create_task(_send_until_refused(f"http://127.0.0.1:{port}", acknowledged))
            for _ in range(SENDERS)
        ]
        await asyncio.sleep(0.7)
        assert await server.terminate() == 0
        await asyncio.gather(*load)
        assert len(acknowledged) > before
        rows = look_into(database_url, "SELECT session_id FROM reviews")
        assert set(acknowledged) <= {row["session_id"] for row in rows}
    assert "Traceback" not in server.log()
    server.start()
    await server.listening()
    await until(lambda: _are_posted(slack, acknowledged), "the cards do not come", 30)
    await settled(database_url)
    assert await server.terminate() == 0


async def _are_posted(slack: LocalSlack, sessions: Sequence[str]) -> bool:
    messages = await slack.messages(USER_CHANNEL)
    posted: list[Any] = [message["metadata"]["event_payload"]["session_id"] for message in messages]
    assert len(posted) == len(set(posted)), [shown(message) for message in messages]
    return set(sessions) <= set(posted)
