"""Signed bodies that nobody understood wait in the quarantine; after an upgrade they are read again."""

import asyncio
import json
from typing import Any

from bot.handlers import replay
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.look import look_into
from tests.support.operator import change_quarantined, command
from tests.support.slack import LocalSlack, buttons

QUARANTINED = "SELECT id FROM events WHERE error IS NOT NULL ORDER BY id"


def _body(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()


async def _quarantined(database_url: str, slack: LocalSlack, *bodies: bytes) -> list[int]:
    """Let a bot quarantine a body for each one given, stop it, and put the given ones in their places."""
    async with running(database_url, slack) as bot:
        for number in range(len(bodies)):
            assert (await bot.ralio.send_bytes(b"rubbish %d" % number))[0] == 400
        await bot.settled()
    row_ids = [row["id"] for row in look_into(database_url, QUARANTINED)][-len(bodies) :]
    for row_id, body in zip(row_ids, bodies, strict=True):
        change_quarantined(database_url, row_id, body)
    return row_ids


def _session(event: dict[str, Any]) -> str:
    return str(event["data"]["sessionId"])


async def _one_open_card(bot: Bot, session_id: str) -> None:
    await until(lambda: bot.cards(session_id), "no card")
    await bot.settled()
    assert buttons(await bot.card(session_id)) == ["Claim"]


async def test_a_body_that_is_understood_now_becomes_a_card(database_url: str, slack: LocalSlack) -> None:
    """Beside the running server; repeated, it is still one event, one review, one card."""
    event = ralio.event()
    session_id = _session(event)
    (row_id,) = await _quarantined(database_url, slack, _body(event))
    async with running(database_url, slack) as bot:
        done = await command(database_url, "events", "replay", "--all")
        assert (done.returncode, done.stderr) == (0, "")
        assert f"{row_id}  recorded" in done.stdout
        await _one_open_card(bot, session_id)
        again = await command(database_url, "events", "replay", "--all")
        assert again.returncode == 0
        assert again.stdout == "0 recorded, 0 duplicate, 0 not needed, 0 still quarantined\n"
        by_id = await command(database_url, "events", "replay", str(row_id))
        assert by_id.returncode == 1
        assert f"{row_id}  isn't quarantined" in by_id.stderr
        await bot.settled()
        assert len(await bot.cards(session_id)) == 1
        rows = bot.rows("SELECT * FROM events ORDER BY id")
        assert [(row["type"], row["error"], row["body"]) for row in rows] == [
            ("replayed", None, None),
            ("kyc_session_manual_review", None, None),
        ]
        assert {row["session_id"] for row in rows} == {session_id}
        assert [row["event_id"] for row in rows][1] == event["eventId"]
        assert [row["action"] for row in bot.rows("SELECT action FROM audit")] == ["receive"]
        async with slack.session.get(f"{bot.address}/readyz") as answer:
            assert (await answer.json())["quarantined"] == 0


async def test_without_a_server_the_card_comes_when_one_starts(database_url: str, slack: LocalSlack) -> None:
    """One row by its id; the other ones stay as they are."""
    first, second = ralio.event(), ralio.event()
    row_ids = await _quarantined(database_url, slack, _body(first), _body(second))
    done = await command(database_url, "events", "replay", str(row_ids[1]))
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in look_into(database_url, QUARANTINED)] == [row_ids[0]]
    async with running(database_url, slack) as bot:
        await _one_open_card(bot, _session(second))
        assert await bot.cards(_session(first)) == []


async def test_what_is_still_malformed_stays(database_url: str, slack: LocalSlack) -> None:
    """It is told why, without what is in it; the good ones beside it are recorded."""
    good = ralio.event()
    bad = ralio.event(sessionId="Jane Doe <jane@example.com>")
    row_ids = await _quarantined(database_url, slack, _body(bad), _body(good))
    async with running(database_url, slack) as bot:
        for known in ("1 recorded", "0 recorded"):
            done = await command(database_url, "events", "replay", "--all")
            assert done.returncode == 1
            assert f"{row_ids[0]}  still quarantined: data.sessionId" in done.stderr
            assert f"{known}, 0 duplicate, 0 not needed, 1 still quarantined" in done.stdout
            assert "Jane" not in done.stdout + done.stderr
        assert [row["id"] for row in bot.rows(QUARANTINED)] == [row_ids[0]]
        assert "data.sessionId" in (await command(database_url, "events", "--quarantined")).stdout
        await _one_open_card(bot, _session(good))


async def test_known_and_unneeded_bodies_leave_the_quarantine(database_url: str, slack: LocalSlack) -> None:
    """The event came again meanwhile, or is of a type that the bot does not use: nothing is recorded twice."""
    event = ralio.event()
    other = ralio.event("transfer_created")
    await _quarantined(database_url, slack, _body(event), _body(other), _body(event) + b" ")
    async with running(database_url, slack) as bot:
        assert (await bot.ralio.send(event))[1]["result"] == "recorded"
        done = await command(database_url, "events", "replay", "--all")
        assert done.returncode == 0
        assert done.stdout.endswith("0 recorded, 2 duplicate, 1 not needed, 0 still quarantined\n")
        await _one_open_card(bot, _session(event))
        assert len(bot.rows("SELECT id FROM events WHERE event_id = :id", id=event["eventId"])) == 1
        assert bot.review(_session(event))["version"] == 1
        listed = (await command(database_url, "events")).stdout
        assert "replayed: not needed  session -" in listed


async def test_a_large_quarantine_is_read_page_by_page(database_url: str, slack: LocalSlack) -> None:
    """More than a page, by two commands at once, beside the server: each event once."""
    events = [ralio.event() for _ in range(replay.PAGE + 5)]
    await _quarantined(database_url, slack, *map(_body, events))
    async with running(database_url, slack) as bot:
        done = await asyncio.gather(*(command(database_url, "events", "replay", "--all") for _ in range(2)))
        assert [answer.returncode for answer in done] == [0, 0]
        recorded = sum(int(answer.stdout.splitlines()[-1].split()[0]) for answer in done)
        assert recorded == len(events)
        await bot.settled()
        for event in events:
            assert len(await bot.cards(_session(event))) == 1


async def test_an_unknown_row_is_told(bot: Bot) -> None:
    """With the command that lists the right ones."""
    answer = await command(bot.database_url, "events", "replay", "4711")
    assert answer.returncode == 1
    assert "4711  isn't quarantined: see 'python -m bot events --quarantined'" in answer.stderr
