"""The database is away: operators are notified without it, metrics do not lie, and it goes on within seconds."""

import time
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from tests.scenarios.test_postgres_trouble import _away, _read_only
from tests.support import ralio
from tests.support.bot import Bot, until
from tests.support.postgres import PostgresServer
from tests.support.slack import shown
from tests.support.trouble import locked, send


@pytest.fixture(params=["postgres", "sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database that the story may spoil."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'reviews.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        with server.database() as url:
            yield url


async def _shown_to_operators(bot: Bot, words: str) -> str:
    async def found() -> str | None:
        messages = [shown(message) for message in await bot.slack.alerts()]
        return next((text for text in messages if words in text), None)

    text = await until(found, f"nobody reads {words!r}", 20)
    assert text is not None
    return text


async def _metrics(bot: Bot) -> list[str]:
    async with bot.slack.session.get(f"{bot.address}/metrics") as answer:
        return (await answer.text()).splitlines()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_an_outage_shows_in_the_channel_in_readiness_and_in_metrics(bot: Bot) -> None:
    """No state gauge says 0 while nothing can be read; the first card comes within ten seconds of the return."""
    await send(bot)
    await bot.settled()
    assert 'review_bot_deliveries{state="held"} 0.0' in await _metrics(bot)
    event = ralio.event()
    with _away(bot.database_url):
        with capture_logs() as lines:
            for _ in range(3):
                assert (await bot.ralio.send(event))[0] == 503
        refused = [line for line in lines if line["event"] == "webhook_not_recorded"]
        assert [line["log_level"] for line in refused] == ["error", "debug", "debug"]
        bot.clock.advance(10)
        text = await _shown_to_operators(bot, "The database can't be used")
        assert "answered with 503" in text

        async def absent() -> bool:
            lines = await _metrics(bot)
            gauges = ("review_bot_deliveries{", "review_bot_quarantined_events ", "review_bot_reviews{")
            return (
                not any(line.startswith(gauges) for line in lines)
                and "review_bot_ready 0.0" in lines
                and 'review_bot_problem{name="database"} 1.0' in lines
            )

        await until(absent, "the gauges are still there")
        bot.clock.advance(140)
    returned_s = time.monotonic()

    async def recorded() -> bool:
        return (await bot.ralio.send(event))[0] == 200

    with capture_logs() as lines:
        await until(recorded, "it does not record again")
    (again,) = [line for line in lines if line["event"] == "webhooks_recorded_again"]
    assert again["failures"] >= 3
    await bot.settled()
    assert await bot.card(event["data"]["sessionId"])
    assert time.monotonic() - returned_s < 10
    assert "requests were refused" in await _shown_to_operators(bot, "The database is back")


async def test_a_database_that_cannot_be_written_is_reported_without_it(bot: Bot) -> None:
    """It can still be read: the gauges stay."""
    await send(bot)
    await bot.settled()
    is_sqlite = bot.database_url.startswith("sqlite:///")
    with locked(bot.database_url) if is_sqlite else _read_only(bot.database_url):
        assert (await bot.ralio.send(ralio.event()))[0] == 503
        bot.clock.advance(10)
        await _shown_to_operators(bot, "The database can't be used")
    await _shown_to_operators(bot, "The database is back")
    assert any(line.startswith("review_bot_quarantined_events ") for line in await _metrics(bot))
