"""Decisions reach the customer's own system: signed, at least once, in order, and without delaying a card."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.support import ralio
from tests.support.bot import Bot, running, unsettled, until
from tests.support.operator import command
from tests.support.people import TEAM, Person, new_review
from tests.support.receiver import DecisionReceiver, Fault, Message, running_receiver
from tests.support.slack import ANA, BEN, USER_CHANNEL, LocalSlack

NOTE = "The passport is fine."
HOUR_S = 3_600
DAY_S = 24 * HOUR_S
RECORDED = "SELECT 1 AS one WHERE NOT EXISTS (SELECT id FROM deliveries WHERE lease_token IS NOT NULL)"
HELD = "SELECT id, last_error FROM deliveries WHERE lane = 'decisions' AND held_at IS NOT NULL ORDER BY id"


@pytest.fixture
async def receiver() -> AsyncIterator[DecisionReceiver]:
    """A running receiver."""
    async with running_receiver() as running_now:
        yield running_now


@asynccontextmanager
async def _running(
    database_url: str, slack: LocalSlack, receiver: DecisionReceiver, **changes: Any
) -> AsyncIterator[Bot]:
    """A bot that sends decisions there, which is given the time to finish."""
    async with running(database_url, slack, file=TEAM, **receiver.settings, **changes) as bot:
        yield bot
        await _all_sent(bot)


async def _all_sent(bot: Bot) -> None:
    """Skip the pauses until nothing is pending, to Slack or to the receiver."""

    async def sent() -> bool:
        await _skip_pause(bot, 30)
        return not unsettled(bot.database_url)

    await until(sent, "a decision is pending")


async def _skip_pause(bot: Bot, seconds: float) -> None:
    """Move the clock, unless something is being sent: it would lose its lease."""
    if not bot.rows("SELECT id FROM deliveries WHERE lease_token IS NOT NULL"):
        await _advance(bot, seconds)


async def _advance(bot: Bot, seconds: float) -> None:
    """Move the bot's clock and Slack's."""
    bot.clock.advance(seconds)
    await bot.slack.control("POST", "clock", {"advance_s": seconds})


def _rows(bot: Bot, query: str) -> Callable[[], Awaitable[list[dict[str, Any]]]]:
    async def rows() -> list[dict[str, Any]]:
        return bot.rows(query)

    return rows


async def _approve(bot: Bot) -> str:
    """A review that Ana approved."""
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.fill_in(session_id, "Resolve", outcome="Approve", note=NOTE)
    return session_id


async def _reopen(bot: Bot, session_id: str) -> None:
    await Person(bot, BEN).fill_in(session_id, "Reopen", words="Look again.")


async def _close(bot: Bot, session_id: str, kind: str) -> None:
    await bot.ralio.send(ralio.event(kind, sessionId=session_id))
    await bot.settled()


def _seal(bot: Bot, action: str) -> str:
    (row,) = bot.rows("SELECT seal FROM audit WHERE action = :action", action=action)
    return str(row["seal"])


async def test_a_decision_its_reopening_and_a_verdict_are_reported(
    database_url: str, slack: LocalSlack, receiver: DecisionReceiver
) -> None:
    """Each as it was right after the change, with the seal of its audit entry and without the note."""
    async with _running(database_url, slack, receiver) as bot:
        session_id = await _approve(bot)
        await receiver.received(1)
        await _reopen(bot, session_id)
        await receiver.received(2)
        await _close(bot, session_id, "kyc_session_failed")
        decided, reopened, closed = (each.content for each in await receiver.received(3))
        review = bot.review(session_id)
        assert decided["type"] == "review.decided"
        assert decided["timestamp"] == decided["data"]["decided_at"]
        assert decided["timestamp"].endswith("Z")
        data = {
            "session_id": session_id,
            "entity_type": "user",
            "subject_id": review["subject_id"],
            "queue": "user",
            "outcome": "approve",
            "reason": None,
            "decided_by": ANA,
            "decided_at": decided["timestamp"],
            "confirmed_by": None,
            "confirmed_at": None,
            "verdict": None,
            "agrees": None,
            "audit_seal": _seal(bot, "resolve"),
        }
        assert decided["data"] == data
        undone = {"outcome": None, "decided_by": None, "decided_at": None}
        assert reopened["type"] == "review.reopened"
        assert reopened["data"] == data | undone | {"audit_seal": _seal(bot, "reopen")}
        assert closed["type"] == "review.closed"
        assert closed["data"] == data | undone | {"verdict": "REJECTED", "audit_seal": _seal(bot, "close")}
    assert len({message.id for message in receiver.messages}) == 3


async def test_a_confirmed_decision_is_reported_once_with_its_note_where_that_is_wanted(
    database_url: str, slack: LocalSlack, receiver: DecisionReceiver
) -> None:
    """The proposal is none yet. The verdict says that it agrees."""
    async with _running(database_url, slack, receiver, decision_webhook_note=True) as bot:
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        values = {"outcome": "Reject", "reason": "reject:document_expired", "note": NOTE}
        await ana.fill_in(session_id, "Resolve", **values)
        await Person(bot, BEN).press(session_id, "Confirm")
        await receiver.received(1)
        await _close(bot, session_id, "kyc_session_failed")
        decided, closed = (each.content["data"] for each in await receiver.received(2))
        assert (decided["outcome"], decided["reason"], decided["note"]) == (
            "reject",
            "document_expired",
            NOTE,
        )
        assert (decided["decided_by"], decided["confirmed_by"]) == (ANA, BEN)
        assert (closed["verdict"], closed["agrees"], closed["confirmed_by"]) == ("REJECTED", True, BEN)
    assert receiver.types(session_id) == ["review.decided", "review.closed"]


def test_a_repetition_that_comes_late_keeps_the_place_of_its_first_arrival() -> None:
    """A request of a process that was killed can arrive behind the next decision: receivers drop it by its id."""
    first, second, late = (
        Message(id_, {"data": {}, "copy": copy}) for id_, copy in (("a", 1), ("b", 1), ("a", 2))
    )
    assert DecisionReceiver(messages=[first, second, late]).kept == [first, second]


async def test_a_receiver_that_lies_gets_everything_again_in_order_and_under_one_id(
    database_url: str, slack: LocalSlack, receiver: DecisionReceiver
) -> None:
    """It kept what it answered 500 to, and what it never answered; a later change waits, and alters nothing."""
    lies = [Fault.SERVER_ERROR, Fault.DISCONNECT, None, Fault.REFUSAL, Fault.REDIRECT, None]
    receiver.faults.extend(lies)
    async with _running(database_url, slack, receiver) as bot:
        session_id = await _approve(bot)
        await _reopen(bot, session_id)
        await _all_sent(bot)
        types = [each.content["type"] for each in receiver.messages]
        assert types == ["review.decided"] * 3 + ["review.reopened"] * 3
        assert len({each.id for each in receiver.messages}) == 2
        assert [each.content["data"]["outcome"] for each in receiver.messages] == ["approve"] * 3 + [None] * 3


async def test_a_receiver_that_is_dead_for_hours_loses_nothing_and_delays_no_card(
    database_url: str, slack: LocalSlack
) -> None:
    """Cards come as they do with a healthy one; when it is back, it gets all of it, in order for each review."""
    async with running_receiver() as dead:
        pass
    async with _running(database_url, slack, dead) as bot:
        sessions = []
        for _ in range(3):
            sessions.append(await _approve(bot))
            await _reopen(bot, sessions[-1])
            await _advance(bot, HOUR_S)
        shown = bot.rows("SELECT count(*) AS count FROM deliveries WHERE kind = 'card' AND shown_version = 4")
        assert shown == [{"count": 3}]
        async with slack.session.get(f"{bot.address}/readyz") as answer:
            ready = await answer.json()
        assert {"backlog", "held", "decision_webhook"}.isdisjoint(ready["problems"])
        assert (ready["pending"], ready["decisions"]) == (0, {"pending": 6, "held": 0})
        assert "has waited" in ready["warnings"]["decision_webhook"]
        async with running_receiver(dead):
            await _all_sent(bot)
    for session_id in sessions:
        assert dead.types(session_id) == ["review.decided", "review.reopened"]


async def test_a_receiver_that_stalls_delays_no_card(
    database_url: str, slack: LocalSlack, receiver: DecisionReceiver
) -> None:
    """Its calls are its own; what it never answered is sent again."""
    receiver.fault = Fault.STALL
    async with _running(database_url, slack, receiver) as bot:
        sessions = [await _approve(bot) for _ in range(5)]
        await receiver.received(4)
        assert (await bot.card(await new_review(bot)))["channel"] == USER_CHANNEL
        assert len(receiver.messages) == 4
        receiver.fault = None
        receiver.released.set()
        await _all_sent(bot)
    assert [receiver.types(session_id) for session_id in sessions] == [["review.decided"]] * 5


async def test_what_is_refused_for_three_days_is_held_and_can_be_requeued(
    database_url: str, slack: LocalSlack, receiver: DecisionReceiver
) -> None:
    """The operators are notified; later decisions on the review wait behind it, and its id stays the same."""
    receiver.fault = Fault.REFUSAL
    async with _running(database_url, slack, receiver) as bot:
        session_id = await _approve(bot)
        await _reopen(bot, session_id)

        await receiver.received(1)
        while not (held := bot.rows(HELD)):
            tries = len(receiver.messages)
            await _advance(bot, DAY_S / 4)
            await receiver.received(tries + 1)
            await until(_rows(bot, RECORDED), "the attempt is not recorded")
        (delivery,) = held
        assert delivery["last_error"] == "http_400"
        (tried,) = bot.rows("SELECT held_at - wanted_at AS ms FROM deliveries WHERE held_at IS NOT NULL")
        assert 3 * DAY_S <= tried["ms"] / 1_000 < 6 * DAY_S
        await bot.settled()
        alerts = [message["text"] for message in await slack.alerts()]
        assert any("decision webhook" in text and "http_400" in text for text in alerts)
        async with slack.session.get(f"{bot.address}/readyz") as answer:
            ready = await answer.json()
        assert (answer.status, ready["decisions"]["held"]) == (503, 1)
        assert "deliveries requeue" in ready["problems"]["decision_webhook"]
        listed = await command(database_url, "deliveries", "--held", "--json")
        (row,) = [json.loads(line) for line in listed.stdout.splitlines()]
        assert (row["kind"], row["session_id"], row["id"]) == ("decision_webhook", session_id, delivery["id"])
        assert {each.content["type"] for each in receiver.messages} == {"review.decided"}
        receiver.fault = None
        requeued = await command(database_url, "deliveries", "requeue", str(delivery["id"]))
        assert requeued.returncode == 0
        await _all_sent(bot)
    assert receiver.types(session_id) == ["review.decided", "review.reopened"]


async def test_a_receiver_that_is_gone_for_good_is_not_asked_again(
    database_url: str, slack: LocalSlack, receiver: DecisionReceiver
) -> None:
    """410: the first such answer holds the decision."""
    receiver.fault = Fault.GONE
    async with _running(database_url, slack, receiver) as bot:
        await _approve(bot)
        (delivery,) = await until(_rows(bot, HELD), "nothing is held")
        assert (delivery["last_error"], len(receiver.messages)) == ("http_410", 1)


async def test_a_verdict_without_a_review_here_is_not_reported(
    database_url: str, slack: LocalSlack, receiver: DecisionReceiver
) -> None:
    """Ralio decided alone: there was no decision of ours to report."""
    async with _running(database_url, slack, receiver) as bot:
        await bot.ralio.send(ralio.event("kyc_session_verified"))
        assert bot.rows("SELECT id FROM deliveries WHERE lane = 'decisions'") == []
