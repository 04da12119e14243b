"""What a sender may do without losing a review or a decision: new ids, wrong clocks, odd spellings, odd shapes."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support import ralio
from tests.support.bot import Bot, running
from tests.support.look import look_into
from tests.support.operator import change_quarantined, command
from tests.support.people import Person
from tests.support.raw_http import connected
from tests.support.slack import (
    ANA,
    RELATED_PARTY_CHANNEL,
    WEBHOOK_SECRET,
    LocalSlack,
    shown,
)

LEFT_OUT = "couldn't be read and are left out"
DUPLICATE = (200, {"received": True, "result": "duplicate"})
RECORDED = (200, {"received": True, "result": "recorded"})


def _under_another_id(event: dict[str, Any]) -> dict[str, Any]:
    return event | {"eventId": str(uuid.uuid4())}


def _at(bot: Bot, minutes: float) -> str:
    """The bot's own time, and some minutes."""
    return datetime.fromtimestamp(bot.clock() / 1000 + minutes * 60, UTC).isoformat()


async def test_the_same_occurrence_under_another_id_changes_nothing(
    database_url: str, slack: LocalSlack
) -> None:
    """A decided review stays decided: by webhook in either envelope, and out of the quarantine."""
    review = ralio.event()
    session_id = review["data"]["sessionId"]
    async with running(database_url, slack) as bot:
        await bot.ralio.send_bytes(b"rubbish")
        assert await bot.ralio.send(review) == RECORDED
        await bot.settled()
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        await ana.fill_in(session_id, "Resolve", outcome="Approve")
        await bot.settled()
        before = bot.review(session_id)
        assert before["status"] == "decided"
        spelled = {"sessionId": session_id.upper()} | {"checks": [{"type": "face", "state": 2}]}
        moment = review["timestamp"].replace("Z", "0000+00:00")
        for again in (
            _under_another_id(review),
            ralio.in_older_envelope(_under_another_id(review)),
            _under_another_id(review) | {"eventType": "kyc.session_manual_review"},
            _under_another_id(review) | {"timestamp": moment, "data": review["data"] | spelled},
        ):
            assert await bot.ralio.send(again) == DUPLICATE
    (row,) = look_into(database_url, "SELECT id FROM events WHERE error IS NOT NULL")
    change_quarantined(database_url, row["id"], json.dumps(_under_another_id(review)).encode())
    async with running(database_url, slack) as bot:
        done = await command(database_url, "events", "replay", "--all")
        assert "0 recorded, 1 duplicate" in done.stdout
        await bot.settled()
        assert bot.review(session_id) == before
        verdict = ralio.event("kyc_session_verified", sessionId=session_id)
        assert await bot.ralio.send(verdict) == RECORDED
        assert await bot.ralio.send(_under_another_id(verdict)) == DUPLICATE
        assert await bot.ralio.send(ralio.event(sessionId=session_id)) == RECORDED
        assert await bot.ralio.send(_under_another_id(verdict)) == DUPLICATE
        await bot.settled()
        assert bot.review(session_id)["status"] == "open"


async def test_a_session_is_one_in_every_spelling(bot: Bot) -> None:
    """One review and card; its verdict closes it, commands find it, a repeated event is known."""
    review = ralio.event()
    session_id, event_id, user_id = review["data"]["sessionId"], review["eventId"], review["data"]["userId"]
    spelled = {"sessionId": session_id.upper(), "userId": f"urn:uuid:{user_id.upper()}"}
    first = review | {"eventId": event_id.replace("-", ""), "data": review["data"] | spelled}
    assert await bot.ralio.send(first) == RECORDED
    assert await bot.ralio.send(review | {"eventId": f" {{{event_id}}} "}) == DUPLICATE
    await bot.settled()
    row = bot.review(session_id)
    assert (row["subject_id"], row["session_event_id"]) == (user_id, event_id)
    told = await Person(bot, ANA).type(f"URN:UUID:{session_id.upper()}")
    assert f"`{user_id}`" in told
    for spelling in (session_id.replace("-", ""), f"{{{session_id}}}", session_id.upper()):
        event = ralio.event("kyc_session_expired", sessionId=spelling)
        assert await bot.ralio.send(event) == RECORDED
        assert await bot.ralio.send(ralio.event(sessionId=spelling.lower())) == RECORDED
    assert await bot.ralio.send(ralio.event("kyc_session_failed", sessionId=f"\t{session_id}\n")) == RECORDED
    await bot.settled()
    assert [row["session_id"] for row in bot.rows("SELECT session_id FROM reviews")] == [session_id]
    assert "*Closed*" in shown(await bot.card(session_id))
    for words in (
        ("hold", "add", session_id.upper(), "--reason", "a complaint"),
        ("audit", "case", f"{{{session_id}}}", "--format", "json"),
    ):
        done = await command(bot.database_url, *words)
        assert (done.returncode, session_id in done.stdout) == (0, True), done.stderr


ODD: dict[str, dict[str, Any]] = {
    "checks as an object": {"checks": {"face": "refused"}},
    "checks as a text": {"checks": "refused"},
    "checks as a number": {"checks": 7},
    "junk among the checks": {"checks": [7, {"type": "face", "state": 2}, ["x"]]},
    "reasons as a text": {"checks": [{"type": "face", "state": 2, "reasons": "blurred <!channel>"}]},
    "a code as an object": {
        "checks": [{"type": "face", "state": 2, "reasons": [{"code": {"a": "<!channel>"}}]}]
    },
    "a subject as an object": {"userId": {"id": "<!channel>"}},
    "a subject with markup": {"userId": "<!channel>"},
    "a state as a list": {"checks": [{"type": "face", "state": ["<!channel>"]}]},
}
EVEN: dict[str, dict[str, Any]] = {
    "checks as null": {"checks": None},
    "no checks in an object": {"checks": {}},
    "checks as an empty text": {"checks": ""},
    "reasons that are codes": {
        "checks": [{"type": "face", "state": 2, "reasons": ["BLURRED", {"code": 17}]}]
    },
}


async def test_decorations_never_lose_the_review(bot: Bot) -> None:
    """Each shape is recorded and has its card, which says whether anything was left out."""
    events = {name: ralio.event(**data) for name, data in (ODD | EVEN).items()}
    events["checks as null"]["data"]["checks"] = None
    for name, event in events.items():
        assert (name, *await bot.ralio.send(event)) == (name, *RECORDED)
    await bot.settled()
    for name, event in events.items():
        text = shown(await bot.card(event["data"]["sessionId"]))
        assert (name, LEFT_OUT in text, "<!channel>" in text) == (name, name in ODD, False)
    codes = shown(await bot.card(events["reasons that are codes"]["data"]["sessionId"]))
    assert "❌ Face: blurred `BLURRED`; 17 `17`" in codes
    readable = ralio.event(
        sessionId=events["checks as a text"]["data"]["sessionId"], checks=[{"type": "face"}]
    )
    assert await bot.ralio.send(readable) == RECORDED
    await bot.settled()
    assert LEFT_OUT not in shown(await bot.card(readable["data"]["sessionId"]))


@pytest.mark.parametrize("entity_type", ["relatedParty", " RELATED_PARTY "])
async def test_the_entity_type_routes_in_every_spelling(bot: Bot, entity_type: str) -> None:
    """The card is in the other queue's channel."""
    event = ralio.related_party_event()
    event["data"]["entityType"] = entity_type
    assert await bot.ralio.send(event) == RECORDED
    await bot.settled()
    assert await bot.card(event["data"]["sessionId"], RELATED_PARTY_CHANNEL)


async def test_a_mark_and_times_as_the_standard_allows_them(bot: Bot) -> None:
    """A UTF-8 BOM, lower-case letters, blanks, a leap second."""
    for moment in ("2016-12-31t23:59:60z", " 2026-03-17T16:41:28.447Z "):
        body = b"\xef\xbb\xbf" + json.dumps(ralio.event() | {"timestamp": moment}).encode()
        assert await bot.ralio.send_bytes(body) == RECORDED
    await bot.settled()


async def test_any_of_four_signatures_may_match(bot: Bot) -> None:
    """In one header or in repeated ones; a fifth is too many, and five wrong ones are no more right than one."""
    body = json.dumps(ralio.event()).encode()
    right, wrong = ralio.signature(body, WEBHOOK_SECRET), "0" * 64
    for headers, status in (
        ([f"{wrong},{wrong}", wrong], 401),
        ([right, wrong, wrong, wrong, wrong], 401),
        ([f"{right},{wrong},{wrong}", f"{wrong},{wrong}"], 401),
        ([f"{right[:32]}", f"{right[32:]}"], 401),
        ([wrong, right], 200),
        ([f"{wrong}, {wrong}", wrong, f"sha256={right}"], 200),
    ):
        lines = "".join(f"X-Signature: {value}\r\n" for value in headers)
        head = f"POST /webhooks/ralio HTTP/1.1\r\nHost: a\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        async with connected(bot.port) as wire:
            wire.send(head.encode() + body)
            assert (headers, (await wire.answer()).status) == (headers, status)
    await bot.settled()
    assert len(bot.rows("SELECT id FROM events")) == 1


async def test_a_clock_that_is_ahead_pins_no_session(bot: Bot) -> None:
    """For five minutes its verdict is dropped, and operators are alerted; a later one closes the review."""
    review = ralio.event() | {"timestamp": _at(bot, 1_440)}
    session_id = review["data"]["sessionId"]
    assert await bot.ralio.send(review) == RECORDED
    verdict = ralio.event("kyc_session_verified", sessionId=session_id) | {"timestamp": _at(bot, 1)}
    assert await bot.ralio.send(verdict) == RECORDED
    await bot.settled()
    assert bot.review(session_id)["status"] == "open"
    (alert,) = await bot.slack.alerts()
    assert f"audit case {session_id}" in shown(alert)
    bot.clock.advance(360)
    later = ralio.event("kyc_session_verified", sessionId=session_id) | {"timestamp": _at(bot, 0)}
    assert await bot.ralio.send(later) == RECORDED
    await bot.settled()
    assert bot.review(session_id)["status"] == "closed"
    assert len(await bot.slack.alerts()) == 1
