"""With Ralio's API: the reasons come onto the card, and a verdict whose webhook was lost closes the review."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bot.demo.ralio_api.records import RalioRecords, refused, validated
from bot.handlers.ralio_lookup import LEASE_S, VERDICT_EVERY_S
from tests.support import ralio
from tests.support.bot import Bot, MovableClock, running, until
from tests.support.postgres import PostgresServer
from tests.support.process import free_port
from tests.support.ralio_api import LocalRalioApi, running_ralio_api
from tests.support.slack import ANA, RELATED_PARTY_CHANNEL, USER_CHANNEL, LocalSlack, buttons, shown


@pytest.fixture
async def api() -> AsyncIterator[LocalRalioApi]:
    """A local Ralio that answers."""
    async with running_ralio_api() as running_api:
        yield running_api


@pytest.fixture
async def bot(database_url: str, slack: LocalSlack, api: LocalRalioApi) -> AsyncIterator[Bot]:
    """A bot that may ask it."""
    async with running(database_url, slack, **api.settings) as running_bot:
        yield running_bot

        async def all_told() -> bool:
            # What is being asked just now may still change a card.
            return not running_bot.rows(
                "SELECT id FROM lookups WHERE lease_token IS NOT NULL OR (kind = 'checks' AND due_at IS NOT NULL)"
            )

        await until(all_told, "something is still being asked")
        await running_bot.settled()


async def review(bot: Bot, records: RalioRecords, event: dict[str, Any] | None = None) -> str:
    """Ralio knows a session and sends it to review; answers with its id."""
    event = event or ralio.event()
    records.note(event)
    assert (await bot.ralio.send(event))[0] == 200
    return str(event["data"]["sessionId"])


async def shows(bot: Bot, session_id: str, words: str) -> dict[str, Any]:
    """Wait until the card shows the words; answers with it."""

    async def found() -> dict[str, Any] | None:
        cards = await bot.cards(session_id)
        return cards[0] if cards and words in shown(cards[0]) else None

    card = await until(found, f"the card does not show {words!r}")
    assert card is not None
    return card


async def closed(bot: Bot, session_id: str) -> dict[str, Any]:
    """Wait until the review is closed; answers with its row."""

    async def is_closed() -> bool:
        return bool(bot.review(session_id)["status"] == "closed")

    await until(is_closed, "the review is not closed")
    return bot.review(session_id)


async def _none_is_asked(bot: Bot) -> bool:
    return not bot.rows("SELECT id FROM lookups WHERE lease_token IS NOT NULL")


def caught_up(bot: Bot) -> list[dict[str, Any]]:
    """The events that no webhook brought, oldest first."""
    return bot.rows("SELECT * FROM events WHERE event_id LIKE :ids ORDER BY id", ids="catch-up:%")


async def planned(bot: Bot, kind: str, count: int = 1) -> None:
    """Wait until so many lookups of a kind are planned."""

    async def found() -> bool:
        return len(bot.rows("SELECT id FROM lookups WHERE kind = :kind", kind=kind)) == count

    await until(found, "nothing is planned")


async def test_the_refused_checks_come_onto_the_card(bot: Bot, api: LocalRalioApi) -> None:
    """Type and code, from the API; one card, one session asked, and nothing personal anywhere."""
    session_id = await review(bot, api.records)
    card = await shows(bot, session_id, "KYC.FACE.NO_MATCH")
    await bot.settled()
    assert buttons(card) == ["Claim"]
    assert len(await bot.cards(session_id)) == 1
    assert len(api.calls("/checks")) == 1
    (entry,) = bot.rows("SELECT * FROM audit WHERE action = 'fetch_checks'")
    assert (entry["from_status"], entry["to_status"], entry["actor"]) == ("open", "open", "ralio")
    tables = ("events", "reviews", "audit", "deliveries", "lookups")
    assert "Jane" not in str([bot.rows(f"SELECT * FROM {table}") for table in tables])  # noqa: S608


async def test_a_slow_api_delays_no_card(bot: Bot, api: LocalRalioApi) -> None:
    """The card is there and can be claimed while the API still thinks; the claim stays."""
    api.records.slow_s = 2.0
    api.records.trouble("slow", call="/checks")
    session_id = await review(bot, api.records)
    await bot.settled()
    await bot.slack.click(ANA, await bot.card(session_id), "Claim")
    assert "KYC.FACE" not in shown(await bot.card(session_id))
    await shows(bot, session_id, "KYC.FACE.NO_MATCH")
    assert bot.review(session_id)["claimed_by"] == ANA


async def test_a_verdict_that_was_lost_closes_the_review_later(
    database_url: str, slack: LocalSlack, api: LocalRalioApi
) -> None:
    """Its webhook came while the bot was away for a day; started again it asks, closes, and asks no more."""
    clock = MovableClock()
    async with running(database_url, slack, clock, **api.settings) as bot:
        session_id = await review(bot, api.records)
        await shows(bot, session_id, "KYC.FACE.NO_MATCH")
        await bot.settled()
        await bot.slack.click(ANA, await bot.card(session_id), "Claim")
    clock.advance(86_400)
    api.records.note(ralio.event("kyc_session_failed", **_about(api, session_id)))
    async with running(database_url, slack, clock, **api.settings) as bot:
        row = await closed(bot, session_id)
        assert (row["session_state"], row["claimed_by"]) == ("REJECTED", None)
        await bot.settled()
        assert "rejected" in shown(await bot.card(session_id))
        (event,) = caught_up(bot)
        assert event["event_id"] == f"catch-up:{session_id}:2"
        assert event["type"] == "kyc_session_failed"
        clock.advance(VERDICT_EVERY_S)

        async def nothing_left() -> bool:
            return not bot.rows("SELECT id FROM lookups WHERE due_at IS NOT NULL")

        await until(nothing_left, "a closed review is still asked about")
        asked = len(api.calls("state-history"))
        clock.advance(10 * VERDICT_EVERY_S)
        await asyncio.sleep(1.5)
        assert len(api.calls("state-history")) == asked


async def test_the_webhook_that_comes_after_all_changes_nothing(bot: Bot, api: LocalRalioApi) -> None:
    """One card, one verdict on it; a newer review event still reopens it, and it is asked about anew."""
    session_id = await review(bot, api.records)
    await shows(bot, session_id, "KYC.FACE.NO_MATCH")
    verdict = ralio.event("kyc_session_verified", **_about(api, session_id))
    api.records.note(verdict)
    bot.clock.advance(VERDICT_EVERY_S)
    await closed(bot, session_id)
    assert (await bot.ralio.send(verdict))[1]["result"] == "duplicate"
    await bot.settled()
    assert bot.review(session_id)["status"] == "closed"
    await review(bot, api.records, ralio.event(**_about(api, session_id)))
    await bot.settled()
    assert buttons(await bot.card(session_id)) == ["Claim"]
    await until(lambda: _calls(api, "/checks", 2), "the checks are not asked for again")
    assert len(await bot.cards(session_id)) == 1


async def test_a_session_that_stays_in_review_stays_open(bot: Bot, api: LocalRalioApi) -> None:
    """It is asked about every quarter of an hour, without any trace on the card."""
    session_id = await review(bot, api.records)
    await shows(bot, session_id, "KYC.FACE.NO_MATCH")
    await bot.settled()
    version = bot.review(session_id)["version"]
    for asked in (1, 2):
        bot.clock.advance(VERDICT_EVERY_S)
        await until(lambda asked=asked: _calls(api, "state-history", asked), "it is not asked")  # type: ignore[misc]
        # The next time is a quarter of an hour after the answer is recorded.
        await until(lambda: _none_is_asked(bot), "the answer is not recorded")
    assert bot.review(session_id)["version"] == version
    assert caught_up(bot) == []


async def test_without_a_history_the_list_of_sessions_tells(bot: Bot, api: LocalRalioApi) -> None:
    """The history is refused; the user's sessions are listed, others among them."""
    session_id = await review(bot, api.records)
    await shows(bot, session_id, "KYC.FACE.NO_MATCH")
    about = _about(api, session_id)
    for number in range(120):
        api.records.change(f"other-{number}", "EXPIRED", about["userId"], "2020-01-01T00:00:00Z")
    api.records.note(ralio.event("kyc_session_verified", **about))
    api.records.trouble("forbidden", times=99, call="state-history")
    bot.clock.advance(VERDICT_EVERY_S)
    assert (await closed(bot, session_id))["session_state"] == "VERIFIED"


async def test_an_api_that_is_away_is_asked_later(database_url: str, slack: LocalSlack) -> None:
    """Cards are posted all the same; what was missing comes when it is back."""
    port = free_port()
    api = LocalRalioApi(f"http://127.0.0.1:{port}", RalioRecords())
    clock = MovableClock()
    async with running(database_url, slack, clock, **api.settings) as bot:
        sessions = [await review(bot, api.records) for _ in range(5)]
        await bot.settled()
        assert len(await bot.slack.messages(USER_CHANNEL)) == 5

        async def is_noted() -> bool:
            return bool(bot.rows("SELECT id FROM lookups WHERE attempts > 0"))

        await until(is_noted, "nobody was asked")
        async with running_ralio_api(port, api.records):
            clock.advance(3_600)
            for session_id in sessions:
                await shows(bot, session_id, "KYC.FACE.NO_MATCH")
            await bot.settled()


async def test_wrong_credentials_show_in_readyz(
    database_url: str, slack: LocalSlack, api: LocalRalioApi
) -> None:
    """By name, and without them; cards are posted all the same."""
    settings = api.settings
    api.records.api_key = "canary-key"
    async with running(database_url, slack, **settings) as bot:
        session_id = await review(bot, api.records)
        await bot.settled()
        assert buttons(await bot.card(session_id)) == ["Claim"]

        async def told() -> dict[str, Any] | None:
            async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
                content: dict[str, Any] = await answer.json()
                return content if "ralio_api" in content["problems"] else None

        answer = await until(told, "/readyz does not name the API")
        assert answer is not None
        assert answer["problems"]["ralio_api"].startswith(
            "the login was rejected: http_401; check RALIO_API_URL"
        )
        assert "canary-key" not in str(answer)


async def test_related_parties_are_not_asked_about(bot: Bot, api: LocalRalioApi) -> None:
    """How is not documented."""
    event = ralio.related_party_event()
    await bot.ralio.send(event)
    await bot.ralio.send(ralio.event(userId=None))
    await review(bot, api.records)
    await planned(bot, "checks")
    await bot.settled()
    assert len(await bot.slack.messages(RELATED_PARTY_CHANNEL)) == 1
    assert len(bot.rows("SELECT id FROM lookups")) == 2


async def test_without_the_api_nothing_is_planned(database_url: str, slack: LocalSlack) -> None:
    """It is optional."""
    async with running(database_url, slack) as bot:
        await bot.ralio.send(ralio.event())
        await bot.settled()
        await asyncio.sleep(1.2)
        assert bot.rows("SELECT id FROM lookups") == []


async def test_two_instances_ask_once(
    postgres: PostgresServer, slack: LocalSlack, api: LocalRalioApi
) -> None:
    """Each session's checks and verdict are fetched by one of them, and recorded once."""
    clock = MovableClock()
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgres.database())
        bots = [await stack.enter_async_context(running(url, slack, clock, **api.settings)) for _ in range(2)]
        sessions = [await review(bots[number % 2], api.records) for number in range(30)]
        for session_id in sessions:
            await shows(bots[0], session_id, "KYC.FACE.NO_MATCH")
        assert len(api.calls("/checks")) == 30
        for session_id in sessions:
            api.records.note(ralio.event("kyc_session_verified", **_about(api, session_id)))
        clock.advance(VERDICT_EVERY_S)
        for session_id in sessions:
            await closed(bots[0], session_id)
        await bots[0].settled()
        assert len(caught_up(bots[0])) == 30
        assert len(api.calls("state-history")) == 30
        assert len(bots[0].rows("SELECT id FROM audit WHERE action = 'fetch_checks'")) == 30


async def test_a_lookup_whose_bot_died_is_taken_over(
    database_url: str, slack: LocalSlack, api: LocalRalioApi
) -> None:
    """The lease runs out."""
    clock = MovableClock()
    api.records.trouble("slow", call="/checks")
    async with running(database_url, slack, clock, **api.settings) as bot:
        session_id = await review(bot, api.records)
        await until(lambda: _calls(api, "/checks", 1), "it is not asked")
    clock.advance(LEASE_S + 1)
    async with running(database_url, slack, clock, **api.settings) as bot:
        await shows(bot, session_id, "KYC.FACE.NO_MATCH")
        await bot.settled()


def _about(api: LocalRalioApi, session_id: str) -> dict[str, Any]:
    return {"sessionId": session_id, "userId": api.records.sessions[session_id].user_id}


async def _calls(api: LocalRalioApi, part: str, count: int) -> bool:
    return len(api.calls(part)) >= count


def test_the_simulated_checks_hold_what_must_go_nowhere() -> None:
    """Or the story of the personal data above would prove nothing."""
    assert "Jane" in str(refused("face", "X", "FACE"))
    assert validated("document")["state"] == "Validated"
