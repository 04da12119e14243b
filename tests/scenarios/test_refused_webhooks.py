"""A webhook that is refused for good: Ralio never repeats it, so operators are notified."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.settings.problems import SettingsProblem
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.slack import WEBHOOK_SECRET, LocalSlack, shown


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is refused never reaches a database: one kind is enough."""
    return sqlite_url


async def _alerts(bot: Bot, words: str) -> list[str]:
    """What the operations channel shows with these words; waits for the first."""

    async def found() -> list[str]:
        messages = [shown(message) for message in await bot.slack.alerts()]
        return [text for text in messages if words in text]

    return await until(found, f"no alert says {words!r}")


async def _metric(bot: Bot, line: str) -> bool:
    async with bot.slack.session.get(f"{bot.address}/metrics") as answer:
        return line in (await answer.text()).splitlines()


async def _warnings(bot: Bot) -> dict[str, str]:
    bot.clock.advance(2)

    async def fresh() -> dict[str, Any]:
        async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
            return dict(await answer.json())

    return dict((await fresh())["warnings"])


async def _send_to(bot: Bot, path: str, secret: str = WEBHOOK_SECRET, method: str = "POST") -> int:
    body = json.dumps(ralio.event()).encode()
    headers = {"X-Signature": ralio.signature(body, secret)}
    async with bot.slack.session.request(
        method, f"{bot.address}{path}", data=body, headers=headers, allow_redirects=False
    ) as answer:
        return answer.status


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/", "POST", 404), ("/webhook/ralio", "POST", 404), ("/webhooks/ralio", "PUT", 405)],
)
async def test_a_signed_webhook_at_a_wrong_path_is_reported(
    bot: Bot, path: str, method: str, status: int
) -> None:
    """In the channel, in the log and as a metric, with what to change."""
    with capture_logs() as lines:
        assert await _send_to(bot, path, method=method) == status
    (line,) = [line for line in lines if line["event"] == "webhook_at_wrong_path"]
    assert (line["path"], line["log_level"]) == (path, "error")
    (alert,) = await _alerts(bot, "came to a wrong address")
    assert f"`{path}`" in alert
    assert "/webhooks/ralio" in alert
    assert await _metric(bot, 'review_bot_unknown_paths_total{signed="yes"} 1.0')


async def test_strangers_on_other_paths_are_counted_and_logged_once(bot: Bot) -> None:
    """A scanner fills neither the log nor the channel."""
    with capture_logs() as lines:
        for number in range(20):
            assert await _send_to(bot, f"/admin{number}", secret="guessed") == 404
        bot.clock.advance(11)
        assert await _send_to(bot, "/admin", secret="guessed") == 404
    logged = [
        (line["path"], line["more_since_last_line"]) for line in lines if line["event"] == "path_unknown"
    ]
    assert logged == [("/admin0", 0), ("/admin", 19)]
    assert await _metric(bot, 'review_bot_unknown_paths_total{signed="no"} 21.0')
    await bot.settled()
    assert await bot.slack.alerts() == []


@pytest.mark.parametrize("path", ["/webhooks/ralio/", "//webhooks//ralio"])
async def test_extra_slashes_lose_no_webhook(bot: Bot, path: str) -> None:
    """A portal may add one."""
    assert await _send_to(bot, path) == 200


async def test_a_portal_may_try_the_address_out(bot: Bot) -> None:
    """GET and HEAD say that it is right, and nothing is counted as a wrong path."""
    for method in ("GET", "HEAD"):
        async with bot.slack.session.request(method, f"{bot.address}/webhooks/ralio") as answer:
            assert answer.status == 200
            assert ("receives Ralio's webhooks" in await answer.text()) is (method == "GET")
    assert await _metric(bot, 'review_bot_unknown_paths_total{signed="no"} 0.0')


async def test_a_wrong_secret_warns_until_a_signature_is_accepted(bot: Bot) -> None:
    """At most one alert an hour, however many are refused."""
    assert await _metric(bot, 'review_bot_webhooks_total{result="wrong_signature"} 0.0')
    for _ in range(3):
        assert await _send_to(bot, "/webhooks/ralio", secret="last year's") == 401
    assert len(await _alerts(bot, "wrong signature are refused")) == 1

    async def warned() -> bool:
        return "3 webhooks" in (await _warnings(bot)).get("ralio_signatures", "")

    await until(warned, "no warning")
    bot.clock.advance(3_601)
    assert await _send_to(bot, "/webhooks/ralio", secret="last year's") == 401

    async def again() -> bool:
        return len(await _alerts(bot, "wrong signature are refused")) == 2

    await until(again, "no second alert after an hour")
    assert await _send_to(bot, "/webhooks/ralio") == 200

    async def quiet() -> bool:
        return "ralio_signatures" not in await _warnings(bot)

    await until(quiet, "the warning stays")
    await bot.settled()


async def test_a_body_that_is_too_large_is_reported(database_url: str, slack: LocalSlack) -> None:
    """With the setting that helps."""
    async with running(database_url, slack, max_body_bytes=1_024) as bot:
        assert (await bot.ralio.send_bytes(b"x" * 2_000))[0] == 413
        (alert,) = await _alerts(bot, "larger than 1024 bytes")
        assert "MAX_BODY_BYTES" in alert
        await bot.settled()


async def test_an_address_that_is_not_this_machines_is_a_wrong_setting(
    database_url: str, slack: LocalSlack
) -> None:
    """By its form it could be; that shows when the server listens."""
    with pytest.raises(SettingsProblem, match=r"^HOST: this machine can't listen on 192\.0\.2\.1"):
        async with running(database_url, slack, host="192.0.2.1"):
            pass
